/*
 * store_trial.c: writes smstrack.allotment and smstrack.trial. The newest allotment is
 * locked by who makes a newer one; who finds it locked goes on by it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "settings.h"
#include "store_run.h"
#include "store_trial.h"

static Datum
column(int number, bool *null)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number, null);
}

/* Columns of the query for the newest allotment. */
enum
{
	COLUMN_ALLOCATION = 1,
	COLUMN_SEED,
	COLUMN_DECIDED,
	COLUMN_WINNER,
	COLUMN_ID,
	COLUMN_KIND,
	COLUMN_VARIANTS,
	COLUMN_WEIGHTS,
	COLUMN_FRESH
};

/* One query: single messages ask for it with each statement. */
void
store_trial_newest(int32 campaign, StoredAllotment *stored)
{
	static StoreStatement newest = {
		.query = "SELECT left(c.allocation, 1), coalesce(e.seed, 0), d.id IS NOT NULL,"
				 "  coalesce(d.winner, 0), a.id, a.kind, a.variants, a.weights,"
				 "  a.allotted_at > clock_timestamp() - make_interval(secs => $2) "
				 "FROM smstrack.campaign AS c "
				 "LEFT JOIN smstrack.experiment AS e ON e.campaign = c.id "
				 "LEFT JOIN LATERAL (SELECT d.id, d.winner FROM smstrack.decision AS d"
				 "  WHERE d.campaign = c.id ORDER BY d.id DESC LIMIT 1) AS d ON true "
				 "LEFT JOIN LATERAL (SELECT a.* FROM smstrack.allotment AS a"
				 "  WHERE a.campaign = c.id ORDER BY a.id DESC LIMIT 1) AS a ON true "
				 "WHERE c.id = $1",
		.arguments = 2,
		.types = {INT4OID, FLOAT8OID}};
	Datum values[] = {Int32GetDatum(campaign),
					  Float8GetDatum((double) setting_bandit_interval)};
	CatalogUser caller = catalog_become_owner();
	bool null;
	Datum id;

	if (store_run(&newest, values, NULL) != 1)
		elog(ERROR, "campaign %d is gone", campaign);
	*stored = (StoredAllotment){0};
	stored->allocation = *TextDatumGetCString(column(COLUMN_ALLOCATION, &null));
	stored->seed = DatumGetInt64(column(COLUMN_SEED, &null));
	stored->decided = DatumGetBool(column(COLUMN_DECIDED, &null));
	stored->winner = DatumGetInt32(column(COLUMN_WINNER, &null));
	id = column(COLUMN_ID, &null);
	if (!null)
	{
		stored->id = DatumGetInt64(id);
		stored->kind = TextDatumGetCString(column(COLUMN_KIND, &null));
		stored->variants = DatumGetArrayTypePCopy(column(COLUMN_VARIANTS, &null));
		stored->weights = DatumGetArrayTypePCopy(column(COLUMN_WEIGHTS, &null));
		stored->fresh = DatumGetBool(column(COLUMN_FRESH, &null));
	}
	catalog_become_caller(caller);
}

bool
store_trial_lock(int64 allotment)
{
	static StoreStatement lock = {.query = "SELECT FROM smstrack.allotment WHERE id = $1 "
										   "FOR UPDATE SKIP LOCKED",
								  .arguments = 1,
								  .types = {INT8OID}};
	Datum id = Int64GetDatum(allotment);
	CatalogUser caller = catalog_become_owner();
	bool locked = store_run(&lock, &id, NULL) > 0;

	catalog_become_caller(caller);
	return locked;
}

void
store_trial_arrays(const Batch *batch, Datum *variants, Datum *weights)
{
	const Allotment *allotment = batch->allotment;
	Datum *ids = palloc(mul_size(sizeof(Datum), (Size) allotment->count));
	Datum *shares = palloc(mul_size(sizeof(Datum), (Size) allotment->count));
	int count = 0;

	for (int i = 0; i < allotment->count; i++)
		if (allotment->weights[i] > 0)
		{
			ids[count] = Int32GetDatum(batch->variants[i]);
			shares[count++] = Int32GetDatum((int32) allotment->weights[i]);
		}
	*variants = PointerGetDatum(
		construct_array(ids, count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	*weights = PointerGetDatum(
		construct_array(shares, count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

int64
store_trial_allotment(const Batch *batch)
{
	static StoreStatement insert = {
		.query = "INSERT INTO smstrack.allotment (campaign, kind, variants, weights) "
				 "VALUES ($1, $2, $3, $4) RETURNING id",
		.arguments = 4,
		.types = {INT4OID, TEXTOID, INT4ARRAYOID, INT4ARRAYOID}};
	Datum values[] = {Int32GetDatum(batch->allotment->campaign),
					  CStringGetTextDatum(batch->kind), (Datum) 0, (Datum) 0};
	CatalogUser caller = catalog_become_owner();
	bool null;
	int64 id;

	store_trial_arrays(batch, &values[2], &values[3]);
	store_run(&insert, values, NULL);
	id = DatumGetInt64(column(1, &null));
	catalog_become_caller(caller);
	return id;
}

int32
store_trial(int32 campaign, int32 variant, int64 message_id, int64 allotment,
			Datum recipient_hash)
{
	static StoreStatement insert = {
		.query = "INSERT INTO smstrack.trial "
				 "(campaign, variant, message_id, allotment, recipient_hash) "
				 "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		.arguments = 5,
		.types = {INT4OID, INT4OID, INT8OID, INT8OID, BYTEAOID}};
	static StoreStatement find = {.query = "SELECT variant FROM smstrack.trial "
										   "WHERE campaign = $1 AND recipient_hash = $2",
								  .arguments = 2,
								  .types = {INT4OID, BYTEAOID}};
	Datum values[] = {Int32GetDatum(campaign), Int32GetDatum(variant),
					  Int64GetDatum(message_id), Int64GetDatum(allotment),
					  recipient_hash};
	Datum key[] = {values[0], recipient_hash};
	CatalogUser caller = catalog_become_owner();
	bool null;

	if (store_run(&insert, values, NULL) == 0 && store_run(&find, key, NULL) > 0)
		variant = DatumGetInt32(column(1, &null));
	catalog_become_caller(caller);
	return variant;
}
