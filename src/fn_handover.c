/*
 * fn_handover.c: smstrack_take and smstrack_report.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "core/currency.h"
#include "money.h"
#include "store_handover.h"
#include "store_launch.h"

PG_FUNCTION_INFO_V1(smstrack_take);
PG_FUNCTION_INFO_V1(smstrack_report);

#define TAKEN_COLUMNS 8

/* Takes this many at most: a batch is held in memory. */
#define TAKE_MAX 100000

static int32
required_count(FunctionCallInfo fcinfo)
{
	int32 count = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);

	if (count < 1 || count > TAKE_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid number of messages to take"),
						errdetail("It is 1 to %d.", TAKE_MAX)));
	return count;
}

static Datum
required_lease(FunctionCallInfo fcinfo)
{
	Interval *lease = PG_ARGISNULL(2) ? NULL : PG_GETARG_INTERVAL_P(2);

	if (lease == NULL || lease->month < 0 || lease->day < 0 || lease->time < 0 ||
		(lease->month == 0 && lease->day == 0 && lease->time == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lease is not positive"),
				 errhint("Give the time within which a message is reported, such as "
						 "5 minutes.")));
	return PointerGetDatum(lease);
}

/* Complains about a campaign that there is not: nothing to take would look the same. */
static void
check_campaign(const text *name)
{
	LaunchCampaign campaign;

	if (name != NULL && !store_launch_campaign(text_to_cstring(name), false, &campaign))
		store_launch_unknown(text_to_cstring(name));
}

/* Gives what was taken, but for whom opted out since; returns how many those are. */
static uint64
give_taken(ReturnSetInfo *set, uint64 rows)
{
	SPITupleTable *taken = SPI_tuptable;
	bool *refused = palloc0(sizeof(bool) * (Size) Max(rows, 1));
	uint64 refusals = store_refuse_opted_out(taken, rows, refused);

	for (uint64 i = 0; i < rows; i++)
	{
		Datum values[TAKEN_COLUMNS];
		bool nulls[TAKEN_COLUMNS];

		if (refused[i])
			continue;
		for (int c = 0; c < TAKEN_COLUMNS; c++)
			values[c] = SPI_getbinval(taken->vals[i], taken->tupdesc, c + 1, &nulls[c]);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return refusals;
}

/* smstrack_take(campaign, n, lease) */
Datum
smstrack_take(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	int32 count = required_count(fcinfo);
	Datum lease = required_lease(fcinfo);
	text *campaign = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);

	PreventCommandIfReadOnly("taking messages");
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	check_campaign(campaign);
	/* others are taken in the place of those that are not given: nothing at all would
	 * look as if there were nothing left */
	while (count > 0)
		count = (int32) give_taken(set, store_take(campaign, count, lease));
	SPI_finish();
	/* a lease that is lost would hand a message over twice */
	ForceSyncCommit();
	return (Datum) 0;
}

/* Gives an array argument of one dimension with as many elements as there are ids. */
static ArrayType *
array_argument(FunctionCallInfo fcinfo, int argument, int count, const char *name)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(argument);

	if (ARR_NDIM(array) > 1 || ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) != count)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("arrays of delivery reports differ in length"),
				 errdetail("There are %d message ids; \"%s\" has %d elements.", count,
						   name, ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)))));
	return array;
}

/* Gives an optional array; NULLs where it is not given. */
static ArrayType *
optional_array(FunctionCallInfo fcinfo, int argument, int count, const char *name,
			   Oid type)
{
	Datum *values;
	bool *nulls;
	int lower = 1;

	if (!PG_ARGISNULL(argument))
		return array_argument(fcinfo, argument, count, name);
	values = palloc0(sizeof(Datum) * (Size) count);
	nulls = palloc((Size) count);
	memset(nulls, true, (Size) count);
	return type == TIMESTAMPTZOID
			   ? construct_md_array(values, nulls, 1, &count, &lower, type, 8,
									FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)
			   : construct_md_array(values, nulls, 1, &count, &lower, type, -1, false,
									TYPALIGN_INT);
}

/* Complains about a status that is none of ours. */
static void
check_statuses(ArrayType *array)
{
	static const char *const known[] = {"accepted", "sent", "delivered", "failed",
										"expired"};
	Datum *values;
	bool *nulls;
	int count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char *status = nulls[i] ? NULL : TextDatumGetCString(values[i]);
		bool found = false;

		for (int k = 0; status != NULL && k < (int) lengthof(known); k++)
			found = found || strcmp(status, known[k]) == 0;
		if (!found)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("invalid status \"%s\" of a message",
								   status == NULL ? "NULL" : status),
							errdetail("Element %d of the statuses has it.", i + 1),
							errhint("A status is accepted, sent, delivered, failed or "
									"expired.")));
	}
}

/* Complains about times that are none: reports by the hour would end at infinity. */
static void
check_times(ArrayType *array)
{
	Datum *values;
	bool *nulls;
	int count;

	deconstruct_array(array, TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &values,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i] && TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(values[i])))
			ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
							errmsg("time of a delivery report is infinite"),
							errdetail("Element %d of the times is.", i + 1),
							errhint("Give NULL where the provider says none: it is the "
									"time of the call then.")));
}

/* Complains about a charged cost that nobody can have paid: it would spoil every sum. */
static void
check_costs(ArrayType *array)
{
	Datum *values;
	bool *nulls;
	int count;

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i] && (!money_is_amount(values[i]) || money_is_huge(values[i])))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("charged cost is no sum of money"),
							errdetail("Element %d of the charged costs is negative, no "
									  "number, or 10^15 and more.",
									  i + 1)));
}

static void
check_currency(const text *currency)
{
	if (currency != NULL &&
		!currency_known(VARDATA_ANY(currency), VARSIZE_ANY_EXHDR(currency)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown currency \"%s\"", text_to_cstring(currency)),
						errhint("Give the ISO 4217 code in capitals, such as EUR.")));
}

/* smstrack_report(message_ids, statuses, at, errors, charged, currency) */
Datum
smstrack_report(PG_FUNCTION_ARGS)
{
	ArrayType *ids;
	ArrayType *statuses;
	ArrayType *times;
	ArrayType *charged;
	text *currency = PG_ARGISNULL(5) ? NULL : PG_GETARG_TEXT_PP(5);
	int count;
	int64 changed;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("message ids or statuses of delivery reports are null")));
	PreventCommandIfReadOnly("reporting messages");
	ids = PG_GETARG_ARRAYTYPE_P(0);
	count = ArrayGetNItems(ARR_NDIM(ids), ARR_DIMS(ids));
	if (count == 0)
		PG_RETURN_INT64(0);
	statuses = array_argument(fcinfo, 1, count, "statuses");
	check_statuses(statuses);
	times = optional_array(fcinfo, 2, count, "at", TIMESTAMPTZOID);
	check_times(times);
	charged = optional_array(fcinfo, 4, count, "charged", NUMERICOID);
	check_costs(charged);
	check_currency(currency);
	SPI_connect();
	changed = store_reports(ids, statuses, times,
							optional_array(fcinfo, 3, count, "errors", TEXTOID), charged,
							currency);
	SPI_finish();
	ForceSyncCommit();
	PG_RETURN_INT64(changed);
}
