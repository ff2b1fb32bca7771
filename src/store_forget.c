/*
 * store_forget.c: erases recipients: whatever names them, or could lead to them, in every
 * table. What is summed up stays: a message, its hits and conversions are rows of nobody.
 *
 * Locks are taken in the order of everybody else: the campaigns (a launch that runs is
 * waited for, the next one waits), the account's key (one erasure at a time), messages by
 * id, then what hangs on them. A message whose code_length is 0 is found by nobody.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "person.h"
#include "recipient.h"
#include "settings.h"
#include "store_forget.h"
#include "store_nodes.h"
#include "store_run.h"

/* Waits for launches that run, and keeps others from beginning. */
static void
lock_campaigns(Datum account)
{
	static StoreStatement lock = {
		.query = "SELECT FROM smstrack.campaign AS c WHERE c.account = $1 "
				 "ORDER BY c.id FOR SHARE",
		.arguments = 1,
		.types = {TEXTOID}};

	store_run(&lock, &account, NULL);
}

/* Locks the account's key, and notes that there are forgotten ones to be looked for. */
static void
lock_account(Datum account)
{
	static StoreStatement lock = {
		.query = "SELECT s.forgets FROM smstrack.account_secret AS s "
				 "WHERE s.account = $1 FOR UPDATE",
		.arguments = 1,
		.types = {TEXTOID}};
	static StoreStatement note = {
		.query = "UPDATE smstrack.account_secret SET forgets = true WHERE account = $1",
		.arguments = 1,
		.types = {TEXTOID}};
	bool null;

	if (store_run(&lock, &account, NULL) != 1)
		elog(ERROR, "could not lock the account's key");
	/* every session is told: not again for each erasure */
	if (!DatumGetBool(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null)))
		store_run(&note, &account, NULL);
}

/* Suppresses the recipients by their hashes; gives how many there are. */
static int64
suppress(Datum account, Datum hashes)
{
	static StoreStatement insert = {
		.query =
			"INSERT INTO smstrack.opt_out (account, recipient_hash, source, forgotten) "
			"SELECT $1, h, 'forgotten', true FROM unnest($2) AS h GROUP BY h ORDER BY h "
			"ON CONFLICT ON CONSTRAINT opt_out_pkey DO UPDATE SET source = 'forgotten',"
			"  opted_out_at = now(), campaign = NULL, forgotten = true",
		.arguments = 2,
		.types = {TEXTOID, BYTEAARRAYOID}};
	Datum values[] = {account, hashes};

	return (int64) store_run(&insert, values, NULL);
}

/* Finds messages that do not name the recipients, by the keys they were prepared under.
 */
static Datum
find_keyed_messages(Datum account, Datum hashes)
{
	static StoreStatement find = {
		.query = "SELECT coalesce(array_agg(message_id), '{}') FROM smstrack.idempotency "
				 "WHERE account = $1 AND recipient_hash = ANY ($2)"
				 " AND recipient_hash IS NOT NULL",
		.arguments = 2,
		.types = {TEXTOID, BYTEAARRAYOID}};
	Datum values[] = {account, hashes};
	bool null;

	store_run(&find, values, NULL);
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
}

/* Finds the recipients' messages: an array of ids, sorted; 0 if there is none. */
static Datum
find_messages(Datum *values)
{
	static StoreStatement find = {
		.query = "SELECT array_agg(m.message_id ORDER BY m.message_id) "
				 "FROM smstrack.message AS m "
				 "WHERE m.link_domain = " PERSON_DOMAINS
				 " AND (" PERSON_IS("m.recipient") " OR m.message_id = ANY ($4))",
		.arguments = 4,
		.types = {TEXTOID, TEXTARRAYOID, TEXTOID, INT8ARRAYOID}};
	bool null;
	Datum ids;

	store_run(&find, values, NULL);
	ids = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	return null ? (Datum) 0 : ids;
}

/*
 * Erases what leads to the orders, of conversions that are credited to the messages or
 * may be; gives their number. The clicks that they may be credited to stay: without them
 * smstrack_attribute would change sums.
 */
static int64
erase_conversions(Datum ids)
{
#define OF_MESSAGES                                                                      \
	"conversion_id = ANY (ARRAY("                                                        \
	"SELECT c.conversion_id FROM smstrack.conversion AS c WHERE c.message_id = ANY ($1) " \
	"UNION SELECT k.conversion_id FROM smstrack.conversion_candidate AS k "              \
	"WHERE k.message_id = ANY ($1)))"
	/*
	 * Not NULL: orders are told apart by them; once_key may be the recipient's hash. At
	 * random: a stranger reports orders by names of his choice, one of which could be it.
	 */
	static StoreStatement conversions = {
		.query = "UPDATE smstrack.conversion SET"
				 "  order_id = CASE WHEN order_id IS NOT NULL"
				 "    THEN 'forgotten ' || gen_random_uuid() END,"
				 "  once_key = CASE WHEN once_key IS NOT NULL"
				 "    THEN 'forgotten ' || gen_random_uuid() END "
				 "WHERE " OF_MESSAGES,
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	static StoreStatement reversals = {
		.query = "UPDATE smstrack.reversal SET reversal_id = NULL WHERE " OF_MESSAGES,
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	int64 count = (int64) store_run(&conversions, &ids, NULL);

#undef OF_MESSAGES
	store_run(&reversals, &ids, NULL);
	return count;
}

/* Erases what is found by the message's id. */
static void
erase_messages(Datum ids, int64 *counts)
{
	/* in their order: other accounts' erasures may meet the same blocks */
	static StoreStatement blocks = {
		.query = "INSERT INTO smstrack.forgotten_block (block) "
				 "SELECT DISTINCT (m.ctid::text::point)[0]::bigint AS block "
				 "FROM smstrack.message AS m WHERE m.message_id = ANY ($1) ORDER BY block "
				 "ON CONFLICT (block) DO UPDATE SET forgotten_at = excluded.forgotten_at",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	/* where messages are on other nodes, one stands for all: upkeep notes them all anew */
	static StoreStatement far_blocks = {
		.query = "INSERT INTO smstrack.forgotten_block (block) VALUES (0) "
				 "ON CONFLICT (block) DO UPDATE SET forgotten_at = excluded.forgotten_at"};
	static StoreStatement messages = {
		.query = "UPDATE smstrack.message SET recipient = NULL, target_urls = NULL,"
				 "  label = NULL, body = NULL, error = NULL, code_length = 0 "
				 "WHERE message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	/* 0 is no user agent: NULL would say that none was sent, and be judged as that */
	static StoreStatement hits = {
		.query = "UPDATE smstrack.hit SET user_agent_id = 0, source = NULL,"
				 "  address = NULL, request_id = NULL, referrer = NULL "
				 "WHERE message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	static StoreStatement clickers = {
		.query = "DELETE FROM smstrack.clicker WHERE message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	static StoreStatement keys = {
		.query = "DELETE FROM smstrack.idempotency WHERE message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	int64 *locked;

	(void) store_lock_messages(ids, STORE_LOCK_UPDATE, &locked);
	store_run(catalog_is_distributed() ? &far_blocks : &blocks, &ids, NULL);
	counts[FORGOTTEN_MESSAGES] = (int64) store_run(&messages, &ids, NULL);
	counts[FORGOTTEN_HITS] = (int64) store_run(&hits, &ids, NULL);
	counts[FORGOTTEN_CONVERSIONS] = erase_conversions(ids);
	store_run(&clickers, &ids, NULL);
	store_run(&keys, &ids, NULL);
}

/* Erases what names the recipients themselves; gives the messages that were unsent. */
static int64
erase_recipients(Datum *values)
{
	static StoreStatement skips = {
		.query = "UPDATE smstrack.launch_skip AS s SET recipient = NULL "
				 "FROM smstrack.launch AS l WHERE l.id = s.launch"
				 "  AND l.campaign = " PERSON_CAMPAIGNS " AND " PERSON_IS("s.recipient"),
		.arguments = 3,
		.types = {TEXTOID, TEXTARRAYOID, TEXTOID}};
	static StoreStatement outbox = {
		.query = "DELETE FROM smstrack.outbox AS o USING ("
				 "  SELECT q.message_id FROM smstrack.outbox AS q"
				 "  WHERE q.campaign = " PERSON_CAMPAIGNS " AND " PERSON_IS("q.recipient")
				 "  ORDER BY q.message_id FOR UPDATE) AS l "
				 "WHERE o.message_id = l.message_id",
		.arguments = 3,
		.types = {TEXTOID, TEXTARRAYOID, TEXTOID}};
	/* rows of several shards cannot be locked in order */
	static StoreStatement spread_outbox = {
		.query = "DELETE FROM smstrack.outbox AS q "
				 "WHERE q.campaign = " PERSON_CAMPAIGNS " AND " PERSON_IS("q.recipient"),
		.arguments = 3,
		.types = {TEXTOID, TEXTARRAYOID, TEXTOID}};

	store_run(&skips, values, NULL);
	return (int64) store_run(catalog_is_distributed() ? &spread_outbox : &outbox, values,
							 NULL);
}

/*
 * Forgets whom anonymous campaigns have written to, and who got which variant: that
 * somebody got it stays.
 */
static void
erase_hashes(Datum account, Datum hashes, Datum ids)
{
	static StoreStatement written = {
		.query = "DELETE FROM smstrack.campaign_recipient "
				 "WHERE campaign = " PERSON_CAMPAIGNS " AND recipient_hash = ANY ($2)",
		.arguments = 2,
		.types = {TEXTOID, BYTEAARRAYOID}};
	static StoreStatement trials = {
		.query = "UPDATE smstrack.trial SET recipient_hash = uuid_send(gen_random_uuid()) "
				 "WHERE campaign = " PERSON_CAMPAIGNS
				 " AND (recipient_hash = ANY ($2) OR message_id = ANY ($3))",
		.arguments = 3,
		.types = {TEXTOID, BYTEAARRAYOID, INT8ARRAYOID}};
	Datum values[] = {account, hashes, ids};

	store_run(&written, values, NULL);
	store_run(&trials, values, ids == (Datum) 0 ? "  n" : NULL);
}

static Datum
hashes_of(const unsigned char key[32], Datum *recipients, int count)
{
	Datum *hashes = palloc(sizeof(Datum) * (Size) Max(count, 1));

	for (int i = 0; i < count; i++)
		hashes[i] = recipient_hash_datum(key, DatumGetTextPP(recipients[i]));
	return PointerGetDatum(
		construct_array(hashes, count, BYTEAOID, -1, false, TYPALIGN_INT));
}

/* An older snapshot would leave out what was prepared, or clicked, since. */
static void
check_isolation(void)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("recipients can be forgotten at the isolation level READ "
							   "COMMITTED only")));
}

void
store_forget(const char *account, Datum *recipients, int count,
			 int64 counts[FORGOTTEN_COUNTS])
{
	Datum values[] = {
		CStringGetTextDatum(account),
		PointerGetDatum(
			construct_array(recipients, count, TEXTOID, -1, false, TYPALIGN_INT)),
		CStringGetTextDatum(setting_calling_code), (Datum) 0};
	unsigned char key[32];
	CatalogUser caller;
	Datum hashes;
	Datum ids;

	PreventCommandIfReadOnly("forgetting a recipient");
	check_isolation();
	caller = catalog_become_owner();
	SPI_connect();
	store_on_all_nodes();
	lock_campaigns(values[0]);
	recipient_key(account, true, key);
	lock_account(values[0]);
	hashes = hashes_of(key, recipients, count);
	counts[FORGOTTEN_RECIPIENTS] = suppress(values[0], hashes);
	values[3] = find_keyed_messages(values[0], hashes);
	ids = find_messages(values);
	if (ids != (Datum) 0)
		erase_messages(ids, counts);
	counts[FORGOTTEN_UNSENT] = erase_recipients(values);
	erase_hashes(values[0], hashes, ids);
	SPI_finish();
	catalog_become_caller(caller);
	ForceSyncCommit();
}

/* Finds the messages from before a time that still say something of persons. */
static Datum
find_old_messages(Datum account, TimestampTz before)
{
	/* what carries the codes of an anonymous campaign is nobody's */
	static StoreStatement find = {
		.query = "SELECT array_agg(m.message_id ORDER BY m.message_id) "
				 "FROM smstrack.message AS m WHERE m.link_domain = " PERSON_DOMAINS
				 " AND m.created_at < $2 AND m.code_length > 0 AND m.status <> 'l'",
		.arguments = 2,
		.types = {TEXTOID, TIMESTAMPTZOID}};
	Datum values[] = {account, TimestampTzGetDatum(before)};
	bool null;
	Datum ids;

	store_run(&find, values, NULL);
	ids = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	return null ? (Datum) 0 : ids;
}

void
store_forget_before(const char *account, TimestampTz before,
					int64 counts[FORGOTTEN_COUNTS])
{
	static StoreStatement skips = {
		.query = "UPDATE smstrack.launch_skip AS s SET recipient = NULL "
				 "FROM smstrack.launch AS l WHERE l.id = s.launch AND l.launched_at < $2"
				 "  AND l.campaign = " PERSON_CAMPAIGNS " AND s.recipient IS NOT NULL",
		.arguments = 2,
		.types = {TEXTOID, TIMESTAMPTZOID}};
	static StoreStatement outbox = {
		.query = "DELETE FROM smstrack.outbox WHERE message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	Datum values[] = {CStringGetTextDatum(account), TimestampTzGetDatum(before)};
	CatalogUser caller;
	Datum ids;

	PreventCommandIfReadOnly("forgetting old messages");
	check_isolation();
	caller = catalog_become_owner();
	SPI_connect();
	store_on_all_nodes();
	ids = find_old_messages(values[0], before);
	if (ids != (Datum) 0)
	{
		erase_messages(ids, counts);
		counts[FORGOTTEN_UNSENT] = (int64) store_run(&outbox, &ids, NULL);
		erase_hashes(values[0], PointerGetDatum(construct_empty_array(BYTEAOID)), ids);
	}
	store_run(&skips, values, NULL);
	SPI_finish();
	catalog_become_caller(caller);
	ForceSyncCommit();
}
