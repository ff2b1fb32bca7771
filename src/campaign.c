/*
 * campaign.c: caches variants with their campaigns' settings, for resolving. The cache is
 * dropped when smstrack.campaign or smstrack.variant changes; their triggers send the
 * invalidation.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
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
invalidate(Datum argument, Oid relid)
{
	if (relid == InvalidOid || relid == campaign_relation || relid == variant_relation)
		stale = true;
}

/* Registers for changes; once a backend. */
void
campaign_init(void)
{
	CacheRegisterRelcacheCallback(invalidate, (Datum) 0);
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

static const char load_query[] =
	"SELECT c.id, c.account, c.status = 'active', c.tracking = 'anonymous', "
	"c.conversions,"
	"  v.opt_out, c.expiry, c.fallback_url, c.utm, v.retargeted,"
	"  (SELECT coalesce(sum(DISTINCT 1 << p), 0)::integer FROM unnest(v.plain_positions) "
	"AS p),"
	"  c.attribution_window, v.target_urls "
	"FROM smstrack.variant AS v JOIN smstrack.campaign AS c ON c.id = v.campaign "
	"WHERE v.id = $1";

static Datum
column(int number, bool *null)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number, null);
}

static bool
bool_column(int number)
{
	bool null;
	Datum value = column(number, &null);

	return !null && DatumGetBool(value);
}

static int32
int_column(int number)
{
	bool null;
	Datum value = column(number, &null);

	return null ? 0 : DatumGetInt32(value);
}

static char *
text_column(int number)
{
	bool null;
	Datum value = column(number, &null);

	return null ? NULL : MemoryContextStrdup(cache_context, TextDatumGetCString(value));
}

/* Reads an interval; false where it is NULL. */
static bool
interval_column(int number, Interval *interval)
{
	bool null;
	Datum value = column(number, &null);

	if (!null)
		*interval = *DatumGetIntervalP(value);
	return !null;
}

static void
load_targets(Variant *variant)
{
	bool null;
	Datum value = column(COLUMN_TARGETS, &null);
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
	variant->campaign = int_column(COLUMN_CAMPAIGN);
	variant->account = text_column(COLUMN_ACCOUNT);
	variant->active = bool_column(COLUMN_ACTIVE);
	variant->anonymous = bool_column(COLUMN_ANONYMOUS);
	variant->conversions = bool_column(COLUMN_CONVERSIONS);
	variant->opt_out = bool_column(COLUMN_OPT_OUT);
	variant->expires = interval_column(COLUMN_EXPIRY, &variant->expiry);
	variant->fallback_url = text_column(COLUMN_FALLBACK_URL);
	variant->utm = text_column(COLUMN_UTM);
	variant->retargeted = int_column(COLUMN_RETARGETED);
	variant->plain = int_column(COLUMN_PLAIN);
	variant->has_window = interval_column(COLUMN_WINDOW, &variant->attribution_window);
	load_targets(variant);
}

Variant *
variant_by_id(int32 id)
{
	Variant loaded = {.id = id};
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(id)};
	CatalogUser caller;
	Variant *variant;
	bool found;

	refresh_cache();
	variant = hash_search(variants, &id, HASH_FIND, NULL);
	if (variant != NULL)
		return variant;

	caller = owner_query_begin(load_query, 1, types, values);
	found = SPI_processed > 0;
	if (found)
		load_row(&loaded);
	owner_query_end(caller);
	if (!found)
		return NULL;
	/* entered when complete: an error above leaves no half of it behind */
	variant = hash_search(variants, &id, HASH_ENTER, NULL);
	*variant = loaded;
	return variant;
}
