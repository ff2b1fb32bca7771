/*
 * campaign.c: caches variants with their campaigns' settings, for resolving; a message
 * with a text of its own has a campaign without a variant. The cache is dropped when smstrack.campaign or smstrack.variant changes; their triggers send the
 * invalidation.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "campaign.h"
#include "catalog.h"
#include "owner_query.h"

static MemoryContext cache_context;
static HTAB *variants;
static bool stale;

/* What the cache was filled from. */
static Oid campaign_relation;
static Oid variant_relation;

static void
invalidate(Oid relid)
{
	if (relid == InvalidOid || relid == campaign_relation || relid == variant_relation)
		stale = true;
}

/* Registers for changes; once a backend. */
void
campaign_init(void)
{
	catalog_watch(invalidate);
}

/* Starts with an empty cache where there is none, or an outdated one. */
static void
refresh_cache(void)
{
	HASHCTL control = {.keysize = sizeof(int32), .entrysize = sizeof(Variant)};

	if (cache_context != NULL && !stale)
		return;
	if (cache_context != NULL)
		MemoryContextDelete(cache_context);
	cache_context = AllocSetContextCreate(CacheMemoryContext, "smstrack variants",
										  ALLOCSET_SMALL_SIZES);
	control.hcxt = cache_context;
	variants = hash_create("smstrack variants", 64, &control,
						   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	campaign_relation = catalog_relation(CATALOG_CAMPAIGN);
	variant_relation = catalog_relation(CATALOG_VARIANT);
	stale = false;
}

/* Columns of the query that loads a variant. */
enum
{
	COLUMN_CAMPAIGN = 1,
	COLUMN_ACCOUNT,
	COLUMN_ACTIVE,
	COLUMN_ANONYMOUS,
	COLUMN_CONVERSIONS,
	COLUMN_OPT_OUT,
	COLUMN_EXPIRY,
	COLUMN_FALLBACK_URL,
	COLUMN_UTM,
	COLUMN_RETARGETED,
	COLUMN_PLAIN,
	COLUMN_WINDOW,
	COLUMN_TARGETS
};

#define LOAD_COLUMNS                                                                     \
	"SELECT c.id, c.account, c.status = 'active', c.tracking = 'anonymous', "            \
	"c.conversions,"                                                                     \
	"  v.opt_out, c.expiry, c.fallback_url, c.utm, v.retargeted,"                        \
	"  (SELECT coalesce(sum(DISTINCT 1 << p), 0)::integer FROM unnest(v.plain_positions) " \
	"AS p),"                                                                             \
	"  c.attribution_window, v.target_urls "

static const char variant_query[] =
	LOAD_COLUMNS "FROM smstrack.variant AS v JOIN smstrack.campaign AS c "
				 "  ON c.id = v.campaign WHERE v.id = $1";

static const char campaign_query[] =
	LOAD_COLUMNS "FROM smstrack.campaign AS c LEFT JOIN smstrack.variant AS v ON false "
				 "WHERE c.id = $1";

static void
load_targets(Variant *variant)
{
	bool null;
	Datum value = owner_query_column(COLUMN_TARGETS, &null);
	Datum *urls;
	bool *nulls;
	int count;

	if (null)
		return;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &urls,
					  &nulls, &count);
	variant->target_count = Min(count, LINK_POSITIONS);
	for (int i = 0; i < variant->target_count; i++)
		if (!nulls[i])
			variant->targets[i] =
				MemoryContextStrdup(cache_context, TextDatumGetCString(urls[i]));
}

static void
load_row(Variant *variant)
{
	variant->campaign = owner_query_int(COLUMN_CAMPAIGN);
	variant->account = owner_query_text(COLUMN_ACCOUNT, cache_context);
	variant->active = owner_query_bool(COLUMN_ACTIVE);
	variant->anonymous = owner_query_bool(COLUMN_ANONYMOUS);
	variant->conversions = owner_query_bool(COLUMN_CONVERSIONS);
	variant->opt_out = owner_query_bool(COLUMN_OPT_OUT);
	variant->expires = owner_query_interval(COLUMN_EXPIRY, &variant->expiry);
	variant->fallback_url = owner_query_text(COLUMN_FALLBACK_URL, cache_context);
	variant->utm = owner_query_text(COLUMN_UTM, cache_context);
	variant->retargeted = owner_query_int(COLUMN_RETARGETED);
	variant->plain = owner_query_int(COLUMN_PLAIN);
	variant->has_window = owner_query_interval(COLUMN_WINDOW, &variant->attribution_window);
	load_targets(variant);
}

/* Gives what is cached under a key: a variant's id, or a campaign's as a negative. */
static Variant *
look_up(int32 key)
{
	Variant loaded = {.key = key};
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(abs(key))};
	CatalogUser caller;
	Variant *variant;
	bool found;

	refresh_cache();
	variant = hash_search(variants, &key, HASH_FIND, NULL);
	if (variant != NULL)
		return variant;

	caller =
		owner_query_begin(key > 0 ? variant_query : campaign_query, 1, types, values);
	found = SPI_processed > 0;
	if (found)
		load_row(&loaded);
	owner_query_end(caller);
	if (!found)
		return NULL;
	/* entered when complete: an error above leaves no half of it behind */
	variant = hash_search(variants, &key, HASH_ENTER, NULL);
	*variant = loaded;
	return variant;
}

Variant *
variant_of_message(int32 campaign, int32 variant)
{
	return look_up(variant != 0 ? variant : -campaign);
}

char *
campaign_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("campaign is null"),
				 errhint("Give the name of a campaign.")));
	return text_to_cstring(PG_GETARG_TEXT_PP(0));
}
