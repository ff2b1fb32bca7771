/*
 * store_handover.c: the statements of taking. Ids of rows to be changed are an array
 * where a join would be planned by what a table held an hour ago.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "recipient.h"
#include "settings.h"
#include "store_handover.h"
#include "store_nodes.h"
#include "store_run.h"

/* Whether who opted out after the launch is not to get the message. */
#define ASKS_OPT_OUTS	 "c.purpose = 'marketing' AND NOT coalesce(m.test, false)"
#define COLUMN_MESSAGE	 1
#define COLUMN_RECIPIENT 2
#define COLUMN_ASKS		 9

/* Takes from an outbox that is here. */
static uint64
take_here(Datum *values, const char *nulls)
{
	static StoreStatement take = {
		.query =
			"WITH picked AS MATERIALIZED ("
			"  SELECT q.message_id FROM smstrack.campaign AS c CROSS JOIN LATERAL ("
			"    SELECT o.message_id FROM smstrack.outbox AS o"
			"    WHERE o.campaign = c.id AND o.leased_until <= statement_timestamp()"
			"    ORDER BY o.leased_until, o.message_id LIMIT $3"
			"    FOR UPDATE SKIP LOCKED) AS q"
			"  WHERE c.account = $1 AND c.status = 'active'"
			"    AND c.name = coalesce($2, c.name)"
			"  LIMIT $3), "
			"taken AS ("
			"UPDATE smstrack.outbox AS o "
			"SET leased_until = clock_timestamp() + $4, takes = o.takes + 1 "
			"WHERE o.message_id = ANY (ARRAY(SELECT p.message_id FROM picked AS p)) "
			"RETURNING o.*) "
			"SELECT t.message_id, t.recipient, t.body, c.name, m.segments_after::integer,"
			"  m.test, t.leased_until, t.takes, " ASKS_OPT_OUTS " "
			"FROM taken AS t JOIN smstrack.campaign AS c ON c.id = t.campaign"
			"  LEFT JOIN smstrack.message AS m ON m.message_id = t.message_id",
		.arguments = 4,
		.types = {TEXTOID, TEXTOID, INT4OID, INTERVALOID}};

	store_plan_by_index();
	return store_run(&take, values, nulls);
}

/*
 * Picks messages of an outbox that is on other nodes, where rows cannot be passed over
 * because they are locked: one session takes at a time. Gives their ids; 0: none.
 */
static Datum
pick_far(Datum *values, const char *nulls)
{
	static StoreStatement lock = {
		.query = "SELECT pg_advisory_xact_lock('smstrack.outbox'::regclass::integer, 0)"};
#define PICK(campaigns)                                                                  \
	"SELECT array_agg(p.message_id) FROM ("                                              \
	"  SELECT o.message_id FROM smstrack.outbox AS o"                                    \
	"  WHERE o.campaign = " campaigns " AND o.leased_until <= statement_timestamp()"     \
	"  ORDER BY o.leased_until, o.message_id LIMIT $3) AS p"
#define CAMPAIGNS                                                                        \
	"SELECT c.id FROM smstrack.campaign AS c WHERE c.account = $1"                       \
	" AND c.status = 'active' AND c.name = coalesce($2, c.name)"
	/* of one campaign, the index gives them in order */
	static StoreStatement of_one = {.query = PICK("(" CAMPAIGNS ")"),
									.arguments = 3,
									.types = {TEXTOID, TEXTOID, INT4OID}};
	static StoreStatement of_all = {.query = PICK("ANY (ARRAY(" CAMPAIGNS "))"),
									.arguments = 3,
									.types = {TEXTOID, TEXTOID, INT4OID}};
#undef CAMPAIGNS
#undef PICK
	bool null;
	Datum ids;

	store_run(&lock, NULL, NULL);
	store_run(nulls == NULL ? &of_one : &of_all, values, nulls);
	ids = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	return null ? (Datum) 0 : ids;
}

/* Takes from an outbox that is on other nodes. */
static uint64
take_far(Datum *values, const char *nulls)
{
	/* the time is worked out here: another node's clock may differ */
	static StoreStatement take = {
		.query =
			"WITH taken AS ("
			"UPDATE smstrack.outbox AS o SET leased_until = $2, takes = o.takes + 1 "
			"WHERE o.message_id = ANY ($1) RETURNING o.message_id, o.recipient, o.body,"
			"  o.campaign, o.leased_until, o.takes) "
			"SELECT t.message_id, t.recipient, t.body, c.name, m.segments_after::integer,"
			"  m.test, t.leased_until, t.takes, " ASKS_OPT_OUTS " "
			"FROM taken AS t JOIN smstrack.campaign AS c ON c.id = t.campaign"
			"  LEFT JOIN smstrack.message AS m ON m.message_id = t.message_id"
			"    AND m.message_id = ANY ($1)",
		.arguments = 2,
		.types = {INT8ARRAYOID, TIMESTAMPTZOID}};
	Datum taking[2];

	store_plan_anew();
	store_on_all_nodes();
	taking[0] = pick_far(values, nulls);
	if (taking[0] == (Datum) 0)
		return 0;
	taking[1] = DirectFunctionCall2(
		timestamptz_pl_interval, TimestampTzGetDatum(GetCurrentTimestamp()), values[3]);
	return store_run(&take, taking, NULL);
}

uint64
store_take(text *campaign, int32 count, Datum lease)
{
	Datum values[] = {CStringGetTextDatum(setting_account), PointerGetDatum(campaign),
					  Int32GetDatum(count), lease};
	const char *nulls = campaign == NULL ? " n  " : NULL;
	CatalogUser caller = catalog_become_owner();
	uint64 rows = (catalog_is_distributed() ? take_far : take_here)(values, nulls);

	catalog_become_caller(caller);
	return rows;
}

/* Finds who opted out, of those whose hashes are given; the rows have numbers from 1. */
static uint64
find_opted_out(Datum hashes)
{
	static StoreStatement statement = {
		.query = "SELECT w.n FROM unnest($2) WITH ORDINALITY AS w (recipient_hash, n)"
				 "  JOIN smstrack.opt_out AS o ON o.recipient_hash = w.recipient_hash "
				 "WHERE o.account = $1",
		.arguments = 2,
		.types = {TEXTOID, BYTEAARRAYOID}};
	Datum values[] = {CStringGetTextDatum(setting_account), hashes};

	store_plan_by_index();
	return store_run(&statement, values, NULL);
}

/* Hashes the recipients of the rows for which opt-outs are asked, the others as NULL. */
static Datum
hash_recipients(const unsigned char key[32], SPITupleTable *taken, int rows)
{
	Datum *hashes = palloc(sizeof(Datum) * (Size) rows);
	bool *nulls = palloc(sizeof(bool) * (Size) rows);
	int lower = 1;

	for (int i = 0; i < rows; i++)
	{
		Datum recipient =
			SPI_getbinval(taken->vals[i], taken->tupdesc, COLUMN_RECIPIENT, &nulls[i]);
		bool none;

		nulls[i] = !DatumGetBool(
			SPI_getbinval(taken->vals[i], taken->tupdesc, COLUMN_ASKS, &none));
		if (!nulls[i])
			hashes[i] = recipient_hash_datum(key, DatumGetTextPP(recipient));
	}
	return PointerGetDatum(construct_md_array(hashes, nulls, 1, &rows, &lower, BYTEAOID,
											  -1, false, TYPALIGN_INT));
}

uint64
store_refuse_opted_out(SPITupleTable *taken, uint64 rows, bool *refused)
{
	static StoreStatement leave = {
		.query = "DELETE FROM smstrack.outbox WHERE message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	unsigned char key[32];
	CatalogUser caller;
	uint64 count;
	Datum *ids;
	Datum array;

	if (rows == 0 || !recipient_key(setting_account, false, key))
		return 0;
	caller = catalog_become_owner();
	count = find_opted_out(hash_recipients(key, taken, (int) rows));
	ids = palloc(sizeof(Datum) * (Size) Max(count, 1));
	for (uint64 i = 0; i < count; i++)
	{
		bool null;
		int64 row = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
												SPI_tuptable->tupdesc, 1, &null)) -
					1;

		refused[row] = true;
		ids[i] = SPI_getbinval(taken->vals[row], taken->tupdesc, COLUMN_MESSAGE, &null);
	}
	array = PointerGetDatum(
		construct_array(ids, (int) count, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	if (count > 0)
		store_run(&leave, &array, NULL);
	catalog_become_caller(caller);
	return count;
}
