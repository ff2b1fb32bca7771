/*
 * store_reversal.c: takes conversions back, wholly or in part, and never more than there
 * was.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "conversion.h"
#include "store_conversion_tally.h"
#include "store_run.h"

/* What the ledger says of a conversion. */
typedef struct Held
{
	int64 conversion_id;
	int64 message_id; /* 0: none */
	bool has_value;
	bool reversed; /* wholly */
	Datum left;
	int32 reversals;
	bool known; /* the reversal's id is */
} Held;

/* Reads the conversion of an order; false if there is none. */
static bool
find_order(const Reversal *reversal, Held *held)
{
	static StoreStatement statement = {
		.query = "SELECT c.conversion_id, coalesce(c.message_id, 0), c.value IS NOT NULL,"
				 " c.reversed_at IS NOT NULL, coalesce(c.value, 0) - c.reversed_value,"
				 " (SELECT count(*)::integer FROM smstrack.reversal AS r"
				 "   WHERE r.conversion_id = c.conversion_id),"
				 " EXISTS (SELECT FROM smstrack.reversal AS r"
				 "   WHERE r.conversion_id = c.conversion_id AND r.reversal_id = $4) "
				 "FROM smstrack.conversion AS c "
				 "WHERE c.account = $1 AND c.goal = $2 AND c.order_id = $3",
		.arguments = 4,
		.types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
	Datum values[] = {
		CStringGetTextDatum(reversal->account), PointerGetDatum(reversal->goal),
		PointerGetDatum(reversal->order_id), PointerGetDatum(reversal->reversal_id)};
	Datum row[7];
	bool nulls[7];

	if (store_run(&statement, values, reversal->reversal_id == NULL ? "   n" : NULL) == 0)
		return false;
	heap_deform_tuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, row, nulls);
	held->conversion_id = DatumGetInt64(row[0]);
	held->message_id = DatumGetInt64(row[1]);
	held->has_value = DatumGetBool(row[2]);
	held->reversed = DatumGetBool(row[3]);
	held->left = row[4];
	held->reversals = DatumGetInt32(row[5]);
	held->known = DatumGetBool(row[6]);
	return true;
}

/* Finds out what a reversal takes back. */
static ReversalStatus
judge(Reversal *reversal, const Held *held)
{
	if (held->known)
		return REVERSAL_KNOWN;
	if (reversal->has_value && !held->has_value)
		return REVERSAL_NO_VALUE;
	if (held->reversed && (!reversal->has_value || reversal->reversal_id == NULL))
		return REVERSAL_KNOWN;
	if (reversal->has_value &&
		DatumGetBool(DirectFunctionCall2(numeric_gt, reversal->value, held->left)))
		return REVERSAL_TOO_MUCH;
	if (!reversal->has_value)
		reversal->value = held->left;
	return REVERSAL_DONE;
}

static void
insert_reversal(const Reversal *reversal, const Held *held)
{
	static StoreStatement insert = {
		.query = "INSERT INTO smstrack.reversal (conversion_id, ordinal, at, "
				 "reversal_id, value) "
				 "VALUES ($1, $2, $3, $4, $5)",
		.arguments = 5,
		.types = {INT8OID, INT4OID, TIMESTAMPTZOID, TEXTOID, NUMERICOID}};
	static StoreStatement update = {
		.query = "UPDATE smstrack.conversion SET reversed_value = reversed_value + $2,"
				 " reversed_at = CASE WHEN coalesce(value, 0) = reversed_value + $2 THEN "
				 "$3 END "
				 "WHERE conversion_id = $1",
		.arguments = 3,
		.types = {INT8OID, NUMERICOID, TIMESTAMPTZOID}};
	Datum values[] = {Int64GetDatum(held->conversion_id),
					  Int32GetDatum(held->reversals + 1),
					  TimestampTzGetDatum(reversal->at),
					  PointerGetDatum(reversal->reversal_id), reversal->value};
	Datum changed[] = {values[0], values[4], values[2]};

	store_run(&insert, values, reversal->reversal_id == NULL ? "   n " : NULL);
	store_run(&update, changed, NULL);
}

static void
lock_orders(const Reversal *reversals, int count)
{
	uint32 *keys = palloc(sizeof(uint32) * (Size) Max(count, 1));
	int n = 0;

	for (int i = 0; i < count; i++)
		if (reversals[i].status == REVERSAL_DONE)
			keys[n++] = conversion_lock_key(reversals[i].account, reversals[i].goal,
											reversals[i].order_id);
	conversion_lock(keys, n);
	pfree(keys);
}

/* Finds the orders, and locks their messages; then the orders themselves. */
static void
begin_change(ConversionChange *change, Reversal *reversals, int count)
{
	Datum *ids = palloc(sizeof(Datum) * (Size) Max(count, 1));
	Held held;
	int n = 0;

	for (int i = 0; i < count; i++)
		if (reversals[i].status == REVERSAL_DONE && find_order(&reversals[i], &held) &&
			held.message_id != 0)
			ids[n++] = Int64GetDatum(held.message_id);
	conversion_change_begin(change, ids, n);
	lock_orders(reversals, count);
	for (int i = 0; i < count; i++)
		if (reversals[i].status == REVERSAL_DONE && find_order(&reversals[i], &held) &&
			held.message_id != 0)
			conversion_change_add(change, held.message_id);
	conversion_change_sum(change);
	pfree(ids);
}

/* Takes back what an order has left; the messages are locked. */
static void
reverse(Reversal *reversal)
{
	Held held;

	if (reversal->status != REVERSAL_DONE)
		return;
	if (!find_order(reversal, &held))
		reversal->status = REVERSAL_NO_ORDER;
	else
		reversal->status = judge(reversal, &held);
	if (reversal->status == REVERSAL_DONE)
		insert_reversal(reversal, &held);
}

void
store_reversals(Reversal *reversals, int count)
{
	ConversionChange change = {0};
	CatalogUser caller;

	PreventCommandIfReadOnly("reversing a conversion");
	caller = catalog_become_owner();
	SPI_connect();
	store_plan_by_index();
	for (int i = 0; i < count; i++)
		reversal_check(&reversals[i]);
	begin_change(&change, reversals, count);
	for (int i = 0; i < count; i++)
	{
		reverse(&reversals[i]);
		CHECK_FOR_INTERRUPTS();
	}
	conversion_change_end(&change);
	conversion_change_write(&change);
	SPI_finish();
	catalog_become_caller(caller);
	ForceSyncCommit();
}
