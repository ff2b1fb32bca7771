/*
 * fn_person.c: smstrack_forget, smstrack_forget_many, smstrack_forget_before and
 * smstrack_export_person.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "person.h"
#include "settings.h"
#include "store_forget.h"

PG_FUNCTION_INFO_V1(smstrack_forget);
PG_FUNCTION_INFO_V1(smstrack_forget_many);
PG_FUNCTION_INFO_V1(smstrack_forget_before);
PG_FUNCTION_INFO_V1(smstrack_export_person);

#define EXPORTED_COLUMNS 3

static text *
required_recipient(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("recipient is null"),
				 errhint("Give the recipient's number, or the identifier that you use.")));
	return person_recipient(PG_GETARG_TEXT_PP(0));
}

/* Gives the row that says what was erased. */
static Datum
give_counts(FunctionCallInfo fcinfo, const int64 counts[FORGOTTEN_COUNTS])
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum values[FORGOTTEN_COUNTS];
	bool nulls[FORGOTTEN_COUNTS] = {false};

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < FORGOTTEN_COUNTS; i++)
		values[i] = Int64GetDatum(counts[i]);
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	return (Datum) 0;
}

static Datum
forget(FunctionCallInfo fcinfo, Datum *recipients, int count)
{
	int64 counts[FORGOTTEN_COUNTS] = {0};

	if (count > 0)
		store_forget(setting_account, recipients, count, counts);
	return give_counts(fcinfo, counts);
}

/* smstrack_forget(recipient) */
Datum
smstrack_forget(PG_FUNCTION_ARGS)
{
	Datum recipient = PointerGetDatum(required_recipient(fcinfo));

	return forget(fcinfo, &recipient, 1);
}

/* smstrack_forget_many(recipients) */
Datum
smstrack_forget_many(PG_FUNCTION_ARGS)
{
	Datum *recipients;
	bool *nulls;
	int count;
	int given = 0;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("recipients are null"),
				 errhint("Give an array; one without elements forgets nobody.")));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT,
					  &recipients, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			recipients[given++] =
				PointerGetDatum(person_recipient(DatumGetTextPP(recipients[i])));
	}
	return forget(fcinfo, recipients, given);
}

/* smstrack_forget_before(before) */
Datum
smstrack_forget_before(PG_FUNCTION_ARGS)
{
	int64 counts[FORGOTTEN_COUNTS] = {0};

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("time is null"),
				 errhint("Give a time such as now() - interval '2 years'.")));
	/* a slip of the pen must not erase what is on its way */
	if (PG_GETARG_TIMESTAMPTZ(0) > GetCurrentTimestamp() - USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time is less than a day ago"),
				 errhint("Give a time such as now() - interval '2 years'.")));
	store_forget_before(setting_account, PG_GETARG_TIMESTAMPTZ(0), counts);
	return give_counts(fcinfo, counts);
}

/* smstrack_export_person(recipient) */
Datum
smstrack_export_person(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	text *recipient = required_recipient(fcinfo);
	uint64 rows;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	rows = person_read(setting_account, recipient);
	for (uint64 i = 0; i < rows; i++)
	{
		Datum values[EXPORTED_COLUMNS];
		bool nulls[EXPORTED_COLUMNS];

		CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < EXPORTED_COLUMNS; c++)
			values[c] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, c + 1,
									  &nulls[c]);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
