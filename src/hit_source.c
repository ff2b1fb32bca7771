/*
 * hit_source.c: the source of a request: its full address and user agent under a key that
 * serves for a day and is then thrown away by smstrack_maintain. After that nobody can
 * tell, by trying all addresses, whose it was.
 */
#include "postgres.h"

#include <sys/socket.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/inet.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "core/digest.h"
#include "hit_source.h"

#define SOURCE_KEY_BYTES 16

static unsigned char key[SOURCE_KEY_BYTES];
static int64 key_day = -1; /* days since 2000-01-01 in UTC */
static bool key_is_new;	   /* made by this transaction */

/* Forgets a key that may have been made in the transaction that is rolled back. */
static void
forget(void)
{
	key_day = -1;
}

/* A transaction that is prepared may be rolled back later. */
static void
at_transaction_end(XactEvent event, void *argument)
{
	if (event == XACT_EVENT_ABORT || (event == XACT_EVENT_PREPARE && key_is_new))
		forget();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		key_is_new = false;
}

static void
at_subtransaction_end(SubXactEvent event, SubTransactionId id, SubTransactionId parent,
					  void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget();
}

/* Registers for the ends of transactions; once a backend. */
void
hit_source_init(void)
{
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}

/* Says whether a burst can be made of a hit: no earlier rule has decided. */
bool
hit_source_matters(const HitVerdict *verdict)
{
	return verdict->rule == HIT_RULE_BEFORE_SENT || verdict->rule == HIT_RULE_BROWSER ||
		   verdict->rule == HIT_RULE_UNSURE;
}

/* Reads the day's key; false if there is none yet. SPI is connected. */
static bool
read_key(Datum day)
{
	Oid types[] = {DATEOID};
	bool null;
	bytea *found;

	if (SPI_execute_with_args("SELECT key FROM smstrack.source_key WHERE day = $1", 1,
							  types, &day, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the key of sources");
	if (SPI_processed == 0)
		return false;
	found = DatumGetByteaPP(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
	if (VARSIZE_ANY_EXHDR(found) != SOURCE_KEY_BYTES)
		elog(ERROR, "a key of sources has another length");
	memcpy(key, VARDATA_ANY(found), SOURCE_KEY_BYTES);
	return true;
}

/* Makes the day's key unless somebody else has. SPI is connected. */
static void
make_key(Datum day)
{
	Oid types[] = {DATEOID, BYTEAOID};
	bytea *random = palloc(VARHDRSZ + SOURCE_KEY_BYTES);
	Datum values[] = {day, PointerGetDatum(random)};

	SET_VARSIZE(random, VARHDRSZ + SOURCE_KEY_BYTES);
	if (!pg_strong_random(VARDATA(random), SOURCE_KEY_BYTES))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not generate random values")));
	if (SPI_execute_with_args(
			"INSERT INTO smstrack.source_key (day, key) VALUES ($1, $2) "
			"ON CONFLICT DO NOTHING",
			2, types, values, NULL, false, 0) < 0)
		elog(ERROR, "could not store a key of sources");
}

static void
load_key(int64 day)
{
	CatalogUser caller = catalog_become_owner();
	Datum date = DateADTGetDatum((DateADT) day);

	SPI_connect();
	if (!read_key(date))
	{
		make_key(date);
		key_is_new = true;
		if (!read_key(date))
			elog(ERROR, "the key of sources vanished");
	}
	SPI_finish();
	catalog_become_caller(caller);
	key_day = day;
}

/* Hashes address and user agent: 64 bits that tell sources apart for a day. */
int64
hit_source(Datum address, int64 user_agent_id)
{
	const inet *source = DatumGetInetPP(address);
	int64 day = GetCurrentTimestamp() / USECS_PER_DAY;
	unsigned char message[SOURCE_KEY_BYTES + 16 + sizeof(int64)] = {0};
	unsigned char whole[DIGEST_BYTES];
	int64 hash;

	if (day != key_day)
		load_key(day);
	memcpy(message, key, SOURCE_KEY_BYTES);
	memcpy(message + SOURCE_KEY_BYTES, ip_addr(source), (size_t) ip_addrsize(source));
	memcpy(message + SOURCE_KEY_BYTES + 16, &user_agent_id, sizeof(user_agent_id));
	if (!digest(message, sizeof(message), whole))
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not compute a SHA-256 with libcrypto")));
	memcpy(&hash, whole, sizeof(hash));
	return hash;
}
