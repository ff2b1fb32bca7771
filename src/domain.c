/*
 * domain.c: finds link domains by id, by host, or as an account's default, with their keys
 * made ready. The cache is dropped whenever smstrack.link_domain or smstrack.secret changes (their triggers
 * send the invalidation); a pointer is good until the next look-up.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "domain.h"
#include "owner_query.h"
#include "recipient.h"
#include "settings.h"

#define HOST_MAX 264 /* a host name of 253 bytes, a colon, a port */

/* Hosts come from requests: strangers must not fill the memory with them. */
#define CACHED_HOSTS 1024

/* A host's link domain; id 0: there is none. */
typedef struct HostEntry
{
	char host[HOST_MAX]; /* hash key */
	int32 id;
} HostEntry;

static MemoryContext cache_context;
static HTAB *domains;
static HTAB *hosts;
static char *default_account; /* whose default this is: */
static int32 default_id;
static HostList own_hosts; /* NULL names: not read yet */
static bool stale;

/* What the cache was filled from. */
static Oid link_domain_relation;
static Oid secret_relation;

/* Marks the cache; it is dropped at the next look-up, when nobody holds a pointer. */
static void
invalidate(Oid relid)
{
	if (relid == InvalidOid || relid == link_domain_relation || relid == secret_relation)
		stale = true;
}

/* Registers for changes; once a backend. */
void
domain_init(void)
{
	catalog_watch(invalidate);
}

/* Gives back the ciphers' foreign memory; before the cache's own is gone. */
static void
release_ciphers(void)
{
	HASH_SEQ_STATUS scan;
	LinkDomain *domain;

	hash_seq_init(&scan, domains);
	while ((domain = hash_seq_search(&scan)) != NULL)
		for (int length = CODE_LENGTH_MIN; length <= CODE_LENGTH_MAX; length++)
			code_cipher_release(&domain->ciphers[length]);
}

static HTAB *
make_table(const char *name, Size key_size, Size entry_size, int flags)
{
	HASHCTL control = {.keysize = key_size, .entrysize = entry_size, .hcxt = cache_context};

	return hash_create(name, 64, &control, flags | HASH_ELEM | HASH_CONTEXT);
}

/* Starts with an empty cache where there is none, or an outdated one. */
static void
refresh_cache(void)
{
	if (cache_context != NULL && !stale)
		return;
	if (cache_context != NULL)
	{
		release_ciphers();
		MemoryContextDelete(cache_context);
	}
	cache_context = AllocSetContextCreate(CacheMemoryContext, "smstrack link domains",
										  ALLOCSET_SMALL_SIZES);
	domains = make_table("smstrack link domains", sizeof(int32), sizeof(LinkDomain),
						 HASH_BLOBS);
	hosts = make_table("smstrack hosts", HOST_MAX, sizeof(HostEntry), HASH_STRINGS);
	default_account = NULL;
	own_hosts.names = NULL;
	link_domain_relation = catalog_relation(CATALOG_LINK_DOMAIN);
	secret_relation = catalog_relation(CATALOG_SECRET);
	stale = false;
}

/* Runs a query that gives a link domain's id; 0 if it gives no row. */
static int32
query_id(const char *query, const char *argument)
{
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(argument)};

	return (int32) owner_query_bigint(query, 1, types, values);
}

/* Columns of the query that loads a link domain. */
enum
{
	COLUMN_HOST = 1,
	COLUMN_ACCOUNT,
	COLUMN_BASE,
	COLUMN_CODE_LENGTH,
	COLUMN_CODE_LENGTHS,
	COLUMN_STATUS,
	COLUMN_EXPIRY,
	COLUMN_KEY_CHECK,
	COLUMN_KEY,
	COLUMN_CHECK_VALUE,
	COLUMN_COOKIE_DOMAIN,
	COLUMN_FALLBACK_URL,
	COLUMN_TOKEN_PARAMETER,
	COLUMN_ATTRIBUTION_WINDOW,
	COLUMN_RECIPIENT_KEY,
	COLUMN_TRACKING
};

static const char load_query[] =
	"SELECT d.host, d.account, d.scheme || '://' || d.host || '/' || "
	"  CASE WHEN d.path_prefix <> '' THEN d.path_prefix || '/' ELSE '' END,"
	"  d.code_length::integer,"
	"  (SELECT sum(1 << l)::integer FROM unnest(d.former_code_lengths || d.code_length) AS l),"
	"  CASE d.status WHEN 'pending' THEN 0 WHEN 'active' THEN 1 ELSE 2 END,"
	"  d.expiry, d.key_check, s.key, s.check_value,"
	"  d.cookie_domain, d.fallback_url, d.token_parameter,"
	"  extract(epoch FROM d.attribution_window)::integer,"
	"  (SELECT a.key FROM smstrack.account_secret AS a WHERE a.account = d.account),"
	"  d.tracking "
	"FROM smstrack.link_domain AS d LEFT JOIN smstrack.secret AS s "
	"  ON s.link_domain = d.id AND s.version = 1 "
	"WHERE d.id = $1";

/* Tells whether a bytea column holds just these bytes. */
static bool
column_equals(int number, const unsigned char *bytes, Size length)
{
	bool null;
	Datum value = owner_query_column(number, &null);
	bytea *held;

	if (null)
		return false;
	held = DatumGetByteaPP(value);
	return VARSIZE_ANY_EXHDR(held) == length && memcmp(VARDATA_ANY(held), bytes, length) == 0;
}

/*
 * Derives the keys, and compares their check value with both places that keep it: a
 * secret that was lost, changed or brought from elsewhere must not make codes.
 */
static void
load_keys(LinkDomain *domain)
{
	bool null;
	Datum value = owner_query_column(COLUMN_KEY, &null);
	bytea *secret = null ? NULL : DatumGetByteaPP(value);

	if (secret == NULL || VARSIZE_ANY_EXHDR(secret) != SECRET_BYTES ||
		!keys_derive((unsigned char *) VARDATA_ANY(secret), &domain->keys) ||
		!column_equals(COLUMN_CHECK_VALUE, domain->keys.check, KEY_CHECK_BYTES) ||
		!column_equals(COLUMN_KEY_CHECK, domain->keys.check, KEY_CHECK_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("secret of link domain \"%s\" is missing or wrong", domain->host),
				 errdetail("Codes made with another secret would not resolve."),
				 errhint("Restore smstrack.link_domain and smstrack.secret from the same "
						 "backup.")));
}

/* Takes over the account's key of recipients, where it has one yet. */
static void
load_recipient_key(LinkDomain *domain)
{
	Datum value = owner_query_column(COLUMN_RECIPIENT_KEY, &domain->has_recipient_key);

	domain->has_recipient_key = !domain->has_recipient_key;
	if (domain->has_recipient_key)
		memcpy(domain->recipient_key, VARDATA_ANY(DatumGetByteaPP(value)),
			   sizeof(domain->recipient_key));
}

static void
load_row(LinkDomain *domain)
{
	domain->host = owner_query_text(COLUMN_HOST, cache_context);
	load_keys(domain);
	domain->account = owner_query_text(COLUMN_ACCOUNT, cache_context);
	domain->base = owner_query_text(COLUMN_BASE, cache_context);
	domain->cookie_domain = owner_query_text(COLUMN_COOKIE_DOMAIN, cache_context);
	domain->fallback_url = owner_query_text(COLUMN_FALLBACK_URL, cache_context);
	domain->token_parameter = owner_query_text(COLUMN_TOKEN_PARAMETER, cache_context);
	domain->base_length = strlen(domain->base);
	domain->code_length = owner_query_int(COLUMN_CODE_LENGTH);
	domain->code_lengths = (uint32) owner_query_int(COLUMN_CODE_LENGTHS);
	domain->status = (LinkDomainStatus) owner_query_int(COLUMN_STATUS);
	domain->expires = owner_query_interval(COLUMN_EXPIRY, &domain->expiry);
	domain->attribution_window = owner_query_int(COLUMN_ATTRIBUTION_WINDOW);
	load_recipient_key(domain);
	domain->tracking = *owner_query_text(COLUMN_TRACKING, CurrentMemoryContext);
}

/* Gives the link domain with an id, or NULL. */
LinkDomain *
domain_by_id(int32 id)
{
	LinkDomain *domain;
	LinkDomain loaded = {.id = id};
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(id)};
	CatalogUser caller;
	bool found;

	refresh_cache();
	domain = hash_search(domains, &id, HASH_FIND, NULL);
	if (domain != NULL)
		return domain;

	caller = owner_query_begin(load_query, 1, types, values);
	found = SPI_processed > 0;
	if (found)
		load_row(&loaded);
	owner_query_end(caller);
	if (!found)
		return NULL;
	/* entered when complete: an error above leaves no half of it behind */
	domain = hash_search(domains, &id, HASH_ENTER, NULL);
	*domain = loaded;
	return domain;
}

/*
 * Gives the key of recipients of a link domain's account; makes it where there is none.
 * One that this transaction makes is not cached, for it may abort: sessions read it with
 * the link domain at its commit.
 */
void
domain_recipient_key(int32 id, unsigned char key[32])
{
	const LinkDomain *domain = domain_by_id(id);

	if (domain == NULL)
		elog(ERROR, "link domain %d has vanished", id);
	if (domain->has_recipient_key)
	{
		memcpy(key, domain->recipient_key, sizeof(domain->recipient_key));
		return;
	}
	recipient_key(pstrdup(domain->account), true, key);
	CacheInvalidateRelcacheByRelid(link_domain_relation);
}

/* Writes a host as the table has it: lower case, no root's dot. */
static bool
normalise_host(const char *host, char out[HOST_MAX])
{
	Size length = strlen(host);

	if (length >= HOST_MAX)
		return false;
	memset(out, 0, HOST_MAX);
	for (Size i = 0; i < length; i++)
		out[i] = (char) pg_ascii_tolower((unsigned char) host[i]);
	if (length > 1 && out[length - 1] == '.')
		out[length - 1] = '\0';
	return true;
}

/* Gives the id of the link domain with a host or alias; a request may name a default port. */
static int32
query_host(const char *host)
{
	return query_id("SELECT id::bigint FROM smstrack.link_domain "
					"WHERE host = $1 OR $1 = ANY (alias_hosts) "
					"OR (host = regexp_replace($1, ':(80|443)$', '') "
					"    AND $1 ~ CASE scheme WHEN 'http' THEN ':80$' ELSE ':443$' END) "
					"OR ($1 ~ ':(80|443)$' AND regexp_replace($1, ':(80|443)$', '') = ANY (alias_hosts)) "
					"ORDER BY host = $1 DESC, id LIMIT 1",
					host);
}

/* Gives the id of the link domain with a host or alias, or 0. */
int32
domain_id_by_host(const char *host)
{
	char key[HOST_MAX];
	HostEntry *entry;
	int32 id;

	if (!normalise_host(host, key))
		return 0;
	refresh_cache();
	entry = hash_search(hosts, key, HASH_FIND, NULL);
	if (entry != NULL)
		return entry->id;
	id = query_host(key);
	if (hash_get_num_entries(hosts) < CACHED_HOSTS)
	{
		entry = hash_search(hosts, key, HASH_ENTER, NULL);
		entry->id = id;
	}
	return id;
}

/* Gives the id of the current account's first active link domain, or 0. */
int32
domain_id_of_default(void)
{
	refresh_cache();
	if (default_account == NULL || strcmp(default_account, setting_account) != 0)
	{
		/* localhost is there for the first try only: any other goes before it */
		int32 id = query_id("SELECT id::bigint FROM smstrack.link_domain "
							"WHERE account = $1 AND status = 'active' "
							"ORDER BY host = 'localhost:8080', id LIMIT 1",
							setting_account);

		if (id == 0)
			return 0;
		default_account = MemoryContextStrdup(cache_context, setting_account);
		default_id = id;
	}
	return default_id;
}

/* Gives all hosts of short links, aliases too: links that are short already. */
const HostList *
domain_hosts(void)
{
	refresh_cache();
	if (own_hosts.names == NULL)
	{
		CatalogUser caller =
			owner_query_begin("SELECT host COLLATE \"C\" FROM smstrack.link_domain UNION "
						"SELECT unnest(alias_hosts) FROM smstrack.link_domain "
						"ORDER BY 1",
						0, NULL, NULL);
		const char **names =
			MemoryContextAlloc(cache_context, (SPI_processed + 1) * sizeof(char *));

		for (uint64 i = 0; i < SPI_processed; i++)
			names[i] = MemoryContextStrdup(
				cache_context, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
		own_hosts.count = SPI_processed;
		own_hosts.names = names;
		owner_query_end(caller);
	}
	return &own_hosts;
}
