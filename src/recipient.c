/*
 * recipient.c: the normaliser for texts, and recipients as HMAC-SHA256 under a key of the
 * account's own: a list of hashes tells nobody a number, nor another account anything.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "catalog.h"
#include "core/digest.h"
#include "owner_query.h"
#include "recipient.h"
#include "settings.h"

static bool
read_key(const char *account, unsigned char key[32])
{
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(account)};
	bool null;
	bool found;

	/* a key that another session has just made must be seen */
	PushActiveSnapshot(owner_query_snapshot());
	if (SPI_execute_with_args(
			"SELECT key FROM smstrack.account_secret WHERE account = $1", 1, types,
			values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the account's key");
	found = SPI_processed > 0;
	if (found)
	{
		bytea *held = DatumGetByteaPP(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));

		memcpy(key, VARDATA_ANY(held), 32);
	}
	PopActiveSnapshot();
	return found;
}

static void
make_key(const char *account)
{
	Oid types[] = {TEXTOID, BYTEAOID};
	bytea *made = palloc(VARHDRSZ + 32);
	Datum values[] = {CStringGetTextDatum(account), PointerGetDatum(made)};

	SET_VARSIZE(made, VARHDRSZ + 32);
	if (!pg_strong_random(VARDATA(made), 32))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate a secret")));
	if (SPI_execute_with_args("INSERT INTO smstrack.account_secret (account, key) "
							  "VALUES ($1, $2) ON CONFLICT DO NOTHING",
							  2, types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not store the account's key");
	/* it is read next */
	CommandCounterIncrement();
}

bool
recipient_key(const char *account, bool make, unsigned char key[32])
{
	CatalogUser caller = catalog_become_owner();
	bool found;

	SPI_connect();
	found = read_key(account, key);
	if (!found && make)
	{
		make_key(account);
		/* who caches it with a link domain, forgets it if this is rolled back */
		CacheInvalidateRelcacheByRelid(catalog_relation(CATALOG_LINK_DOMAIN));
		found = read_key(account, key);
	}
	SPI_finish();
	catalog_become_caller(caller);
	return found;
}

RecipientHash
recipient_hash(const unsigned char key[32], const char *recipient, size_t length)
{
	unsigned char whole[DIGEST_BYTES];
	RecipientHash hash;

	if (!digest_mac(key, 32, recipient, length, whole))
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not compute an HMAC with libcrypto")));
	memcpy(hash.bytes, whole, RECIPIENT_HASH_BYTES);
	return hash;
}

int64
recipient_hash_bigint(const unsigned char key[32], const char *recipient, size_t length)
{
	RecipientHash hash = recipient_hash(key, recipient, length);
	uint64 number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | hash.bytes[i];
	return (int64) number;
}

Datum
recipient_hash_datum(const unsigned char key[32], const text *recipient)
{
	RecipientHash hash =
		recipient_hash(key, VARDATA_ANY(recipient), VARSIZE_ANY_EXHDR(recipient));
	bytea *stored = palloc(VARHDRSZ + RECIPIENT_HASH_BYTES);

	SET_VARSIZE(stored, VARHDRSZ + RECIPIENT_HASH_BYTES);
	memcpy(VARDATA(stored), hash.bytes, RECIPIENT_HASH_BYTES);
	return PointerGetDatum(stored);
}

/* Tells whether a recipient has to be converted to be read; longer ones are no numbers. */
static bool
is_foreign(const char *text, size_t length)
{
	size_t at = 0;

	if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII ||
		length > E164_RECIPIENT_MAX / 4)
		return false;
	while (at < length && !IS_HIGHBIT_SET(text[at]))
		at++;
	return at < length;
}

E164Status
recipient_e164(const text *recipient, const char *calling_code, char *out, size_t *written)
{
	const char *given = VARDATA_ANY(recipient);
	size_t length = VARSIZE_ANY_EXHDR(recipient);
	const char *utf8 = given;
	E164Status status;

	if (is_foreign(given, length))
		utf8 = pg_server_to_any(given, (int) length, PG_UTF8);
	status = e164_normalise(utf8, utf8 == given ? length : strlen(utf8), calling_code, out,
							written);
	/* only a number is ASCII: what is copied is the text itself */
	if (status != E164_NUMBER && utf8 != given)
	{
		memcpy(out, given, length);
		*written = length;
	}
	return status;
}

text *
recipient_normalise(text *recipient, bool *valid)
{
	char out[E164_RECIPIENT_MAX];
	size_t length;

	*valid =
		recipient_e164(recipient, setting_calling_code, out, &length) != E164_INVALID;
	return *valid ? cstring_to_text_with_len(out, (int) length) : recipient;
}

int
recipient_compare(const text *a, const text *b)
{
	size_t a_bytes = VARSIZE_ANY_EXHDR(a);
	size_t b_bytes = VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_bytes, b_bytes));

	if (order != 0)
		return order;
	return a_bytes < b_bytes ? -1 : a_bytes > b_bytes;
}

static int
compare_members(const void *a, const void *b)
{
	uint64 left = *(const uint64 *) a;
	uint64 right = *(const uint64 *) b;

	return left < right ? -1 : left > right;
}

/* Loads the hashes that a query gives, in blocks: a list may have millions. */
static RecipientSet *
load_set(const char *account, const char *query, int arguments, Oid *types, Datum *values)
{
	MemoryContext context = CurrentMemoryContext;
	RecipientSet *set = palloc0(sizeof(RecipientSet));
	Size room = 1024;
	CatalogUser caller;
	Portal portal;

	if (!recipient_key(account, false, set->key))
		return set;
	set->members = palloc(room * sizeof(uint64));
	caller = catalog_become_owner();
	SPI_connect();
	/* at REPEATABLE READ, too, what was committed before a lock was got */
	PushActiveSnapshot(owner_query_snapshot());
	portal =
		SPI_cursor_open_with_args(NULL, query, arguments, types, values, NULL, true, 0);
	PopActiveSnapshot();
	while (SPI_cursor_fetch(portal, true, 10000), SPI_processed > 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (set->count + SPI_processed > room)
		{
			room = Max(room * 2, set->count + SPI_processed);
			set->members = repalloc_huge(set->members, room * sizeof(uint64));
		}
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool null;
			bytea *hash = DatumGetByteaPP(
				SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &null));

			memcpy(&set->members[set->count++], VARDATA_ANY(hash), sizeof(uint64));
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	catalog_become_caller(caller);
	MemoryContextSwitchTo(context);
	qsort(set->members, set->count, sizeof(uint64), compare_members);
	return set;
}

RecipientSet *
recipient_set_opt_outs(const char *account)
{
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(account)};

	return load_set(account,
					"SELECT recipient_hash FROM smstrack.opt_out WHERE account = $1", 1,
					types, values);
}

RecipientSet *
recipient_set_forgotten(const char *account)
{
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(account)};

	return load_set(account,
					"SELECT recipient_hash FROM smstrack.opt_out "
					"WHERE account = $1 AND forgotten",
					1, types, values);
}

RecipientSet *
recipient_set_campaign(const char *account, int32 campaign)
{
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(campaign)};

	return load_set(account,
					"SELECT recipient_hash FROM smstrack.campaign_recipient "
					"WHERE campaign = $1",
					1, types, values);
}

bool
recipient_set_has(const RecipientSet *set, const char *recipient, size_t length)
{
	RecipientHash hash;
	uint64 wanted;

	if (set->count == 0)
		return false;
	hash = recipient_hash(set->key, recipient, length);
	memcpy(&wanted, hash.bytes, sizeof(wanted));
	return bsearch(&wanted, set->members, set->count, sizeof(uint64), compare_members) !=
		   NULL;
}

/* Runs a query that gives a bigint for account, hash and campaign. */
static bool
find_hash(const char *query, const char *account, int32 campaign, const text *recipient)
{
	Oid types[] = {TEXTOID, BYTEAOID, INT4OID};
	unsigned char key[32];
	Datum values[3];

	if (!recipient_key(account, false, key))
		return false;
	values[0] = CStringGetTextDatum(account);
	values[1] = recipient_hash_datum(key, recipient);
	values[2] = Int32GetDatum(campaign);
	return owner_query_bigint(query, 3, types, values) != 0;
}

bool
recipient_opted_out(const char *account, const text *recipient)
{
	return find_hash("SELECT 1::bigint FROM smstrack.opt_out "
					 "WHERE account = $1 AND recipient_hash = $2",
					 account, 0, recipient);
}

bool
recipient_is_noted(const char *account, int32 campaign, const text *recipient)
{
	return find_hash("SELECT 1::bigint FROM smstrack.campaign_recipient "
					 "WHERE campaign = $3 AND recipient_hash = $2",
					 account, campaign, recipient);
}

/*
 * The account that was asked for last, and whether it has forgotten anybody: as long as
 * it has not, preparing a message costs nothing more.
 */
static struct
{
	Oid relation;  /* smstrack.account_secret, whose change makes this stale */
	char *account; /* NULL: none */
	bool forgets;
	bool stale;
} asked;

static void
invalidate(Oid relid)
{
	if (relid == InvalidOid || relid == asked.relation)
		asked.stale = true;
}

/* Registers for changes; once a backend. */
void
recipient_init(void)
{
	catalog_watch(invalidate);
}

/* Tells whether an account has forgotten anybody. */
static bool
account_forgets(const char *account)
{
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(account)};
	CatalogUser caller;

	if (asked.account != NULL && !asked.stale && strcmp(asked.account, account) == 0)
		return asked.forgets;
	if (asked.account != NULL)
		pfree(asked.account);
	asked.account = NULL;
	/* before the snapshot is taken: what changes after it makes the answer stale */
	asked.stale = false;
	asked.relation = catalog_relation(CATALOG_ACCOUNT_SECRET);
	caller = owner_query_begin(
		"SELECT forgets FROM smstrack.account_secret WHERE account = $1", 1, types,
		values);
	asked.forgets = SPI_processed > 0 && owner_query_bool(1);
	owner_query_end(caller);
	asked.account = MemoryContextStrdup(TopMemoryContext, account);
	return asked.forgets;
}

bool
recipient_is_forgotten(const char *account, const text *recipient)
{
	static SPIPlanPtr plan;
	Oid types[] = {TEXTOID, BYTEAOID};
	unsigned char key[32];
	Datum values[2];
	CatalogUser caller;
	bool found;

	if (!account_forgets(account) || !recipient_key(account, false, key))
		return false;
	values[0] = CStringGetTextDatum(account);
	values[1] = recipient_hash_datum(key, recipient);
	caller = catalog_become_owner();
	/* an erasure holds for older transactions too */
	PushActiveSnapshot(owner_query_snapshot());
	SPI_connect();
	if (plan == NULL)
	{
		SPIPlanPtr made = SPI_prepare("SELECT FROM smstrack.opt_out WHERE account = $1"
									  " AND recipient_hash = $2 AND forgotten",
									  2, types);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare the look-up of a recipient");
		plan = made;
	}
	if (SPI_execute_plan(plan, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look up a recipient");
	found = SPI_processed > 0;
	SPI_finish();
	PopActiveSnapshot();
	catalog_become_caller(caller);
	return found;
}
