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

void
store_trial_newest(int32 campaign, StoredAllotment *stored)
{
	static StoreStatement newest = {
		.query = "SELECT id, kind, variants, weights, allotted_at > clock_timestamp() "
				 "- make_interval(secs => $2) FROM smstrack.allotment "
				 "WHERE campaign = $1 ORDER BY id DESC LIMIT 1",
		.arguments = 2,
		.types = {INT4OID, FLOAT8OID}};
	Datum values[] = {Int32GetDatum(campaign),
					  Float8GetDatum((double) setting_bandit_interval)};
	CatalogUser caller = catalog_become_owner();
	bool null;

	*stored = (StoredAllotment){0};
	if (store_run(&newest, values, NULL) > 0)
	{
		stored->id = DatumGetInt64(column(1, &null));
		stored->kind = TextDatumGetCString(column(2, &null));
		stored->variants = DatumGetArrayTypePCopy(column(3, &null));
		stored->weights = DatumGetArrayTypePCopy(column(4, &null));
		stored->fresh = DatumGetBool(column(5, &null));
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
