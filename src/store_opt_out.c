/*
 * store_opt_out.c: writes smstrack.opt_out; the recipients themselves are not written.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "recipient.h"
#include "store_opt_out.h"
#include "store_run.h"

int64
store_opt_outs(const char *account, Datum *recipients, int count, const char *source,
			   int32 campaign)
{
	static StoreStatement insert = {
		.query =
			"INSERT INTO smstrack.opt_out (account, recipient_hash, source, campaign) "
			"SELECT $1, h, $3, nullif($4, 0) FROM unnest($2) AS h GROUP BY h ORDER BY h "
			"ON CONFLICT DO NOTHING",
		.arguments = 4,
		.types = {TEXTOID, BYTEAARRAYOID, TEXTOID, INT4OID}};
	unsigned char key[32];
	Datum *hashes = palloc(sizeof(Datum) * (Size) Max(count, 1));
	Datum values[4];
	CatalogUser caller;
	uint64 added;

	PreventCommandIfReadOnly("recording an opt-out");
	recipient_key(account, true, key);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		hashes[i] = recipient_hash_datum(key, DatumGetTextPP(recipients[i]));
	}
	values[0] = CStringGetTextDatum(account);
	values[1] = PointerGetDatum(
		construct_array(hashes, count, BYTEAOID, -1, false, TYPALIGN_INT));
	values[2] = CStringGetTextDatum(source);
	values[3] = Int32GetDatum(campaign);
	caller = catalog_become_owner();
	SPI_connect();
	added = store_run(&insert, values, NULL);
	SPI_finish();
	catalog_become_caller(caller);
	ForceSyncCommit();
	return (int64) added;
}

bool
store_opt_in(const char *account, const text *recipient)
{
	static StoreStatement delete = {
		.query =
			"DELETE FROM smstrack.opt_out WHERE account = $1 AND recipient_hash = $2",
		.arguments = 2,
		.types = {TEXTOID, BYTEAOID}};
	unsigned char key[32];
	Datum values[2];
	CatalogUser caller;
	uint64 deleted;

	PreventCommandIfReadOnly("recording an opt-in");
	if (!recipient_key(account, false, key))
		return false;
	values[0] = CStringGetTextDatum(account);
	values[1] = recipient_hash_datum(key, recipient);
	caller = catalog_become_owner();
	SPI_connect();
	deleted = store_run(&delete, values, NULL);
	SPI_finish();
	catalog_become_caller(caller);
	return deleted > 0;
}
