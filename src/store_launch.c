/*
 * store_launch.c: the few statements of a launch that are not one a recipient.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "catalog.h"
#include "settings.h"
#include "store_launch.h"
#include "store_run.h"
#include "store_trial.h"

static Datum
column(uint64 row, int number, bool *null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, null);
}

/*
 * Runs a query as the owner inside SPI's connection. The current memory context stays:
 * SPI would leave its own.
 */
static void
run(const char *query, int arguments, Oid *types, Datum *values, const char *nulls,
	bool read_only)
{
	MemoryContext context = CurrentMemoryContext;
	CatalogUser caller = catalog_become_owner();

	if (SPI_execute_with_args(query, arguments, types, values, nulls, read_only, 0) < 0)
		elog(ERROR, "query failed: %s", query);
	catalog_become_caller(caller);
	MemoryContextSwitchTo(context);
}

/* Runs an update by itself, wherever it is called. */
static void
run_update(const char *query, int arguments, Oid *types, Datum *values)
{
	SPI_connect();
	run(query, arguments, types, values, NULL, false);
	SPI_finish();
}

#define CAMPAIGN_COLUMNS                                                                 \
	"id, account, coalesce(link_domain, 0), status = 'active', "                         \
	"purpose = 'marketing', pg_catalog.left(tracking, 1), keep_body, launches, name, "   \
	"frozen_at IS NOT NULL"

static void
lock_campaign(int32 campaign, LOCKMODE mode)
{
	LockDatabaseObject(catalog_relation(CATALOG_CAMPAIGN), (Oid) campaign, 0, mode);
}

void
store_launch_share(int32 campaign)
{
	lock_campaign(campaign, ShareLock);
}

/* Keeps single messages and launches of a campaign away: before any of its rows is
 * locked, for who shares the lock may have to change them. */
static void
lock_by_name(Oid *types, Datum *values)
{
	bool null;

	run("SELECT id FROM smstrack.campaign WHERE account = $1 AND name = $2", 2, types,
		values, NULL, false);
	if (SPI_processed > 0)
		lock_campaign(DatumGetInt32(column(0, 1, &null)), ExclusiveLock);
}

/*
 * A change of the row, not a mere lock: at the level REPEATABLE READ, a launch that did
 * not see the one before fails instead of preparing twice.
 */
bool
store_launch_campaign(const char *name, bool lock, LaunchCampaign *campaign)
{
	static const char *const queries[] = {
		"SELECT " CAMPAIGN_COLUMNS
		" FROM smstrack.campaign WHERE account = $1 AND name = $2",
		"UPDATE smstrack.campaign SET launches = launches + 1, "
		"  frozen_at = coalesce(frozen_at, pg_catalog.now()) "
		"WHERE account = $1 AND name = $2 RETURNING " CAMPAIGN_COLUMNS};
	Oid types[] = {TEXTOID, TEXTOID};
	Datum values[] = {CStringGetTextDatum(setting_account), CStringGetTextDatum(name)};
	bool null;

	if (lock)
		lock_by_name(types, values);
	run(queries[lock], 2, types, values, NULL, !lock);
	if (SPI_processed == 0)
		return false;
	campaign->id = DatumGetInt32(column(0, 1, &null));
	campaign->account = TextDatumGetCString(column(0, 2, &null));
	campaign->link_domain = DatumGetInt32(column(0, 3, &null));
	campaign->active = DatumGetBool(column(0, 4, &null));
	campaign->marketing = DatumGetBool(column(0, 5, &null));
	campaign->tracking = *TextDatumGetCString(column(0, 6, &null));
	campaign->keep_body = DatumGetBool(column(0, 7, &null));
	campaign->launches = DatumGetInt32(column(0, 8, &null)) - lock;
	campaign->name = TextDatumGetCString(column(0, 9, &null));
	campaign->frozen = DatumGetBool(column(0, 10, &null));
	return true;
}

void
store_launch_unknown(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("unknown campaign \"%s\"", name),
			 errhint("Make it: SELECT smstrack_campaign(%s, 'Hi {{name}}, ...').",
					 quote_literal_cstr(name))));
}

void
store_launch_disabled(const char *name)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("campaign \"%s\" is disabled", name),
					errhint("If it is to go on: UPDATE smstrack.campaign SET status = "
							"'active' WHERE name = %s.",
							quote_literal_cstr(name))));
}

void
store_launch_no_variant(const char *name)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("campaign \"%s\" has no variant to send", name),
					errhint("Insert one into smstrack.variant, or give one a weight "
							"above 0.")));
}

#define VARIANT_QUERY                                                                    \
	"SELECT id, name, body, weight, coalesce(shared_message_id, 0), "                    \
	"frozen_at IS NOT NULL, "                                                            \
	"(SELECT array_agg(CASE WHEN retargeted & (1 << (t.n - 1)::integer) = 0 THEN t.url " \
	"END ORDER BY t.n) FROM unnest(target_urls) WITH ORDINALITY AS t (url, n)) "         \
	"FROM smstrack.variant WHERE campaign = $1 "

LaunchRow *
store_launch_variants(int32 campaign, VariantChoice choice, int *count)
{
	static const char *const queries[] = {
		[VARIANTS_ALL] = VARIANT_QUERY "ORDER BY id",
		[VARIANTS_SENT] = VARIANT_QUERY "AND weight > 0 ORDER BY id",
		[VARIANTS_LOCKED] = VARIANT_QUERY "AND weight > 0 ORDER BY id FOR UPDATE"};
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(campaign)};
	LaunchRow *rows;
	Datum targets;
	bool null;

	run(queries[choice], 1, types, values, NULL, choice != VARIANTS_LOCKED);
	*count = (int) SPI_processed;
	rows = palloc0(sizeof(LaunchRow) * (SPI_processed + 1));
	for (int i = 0; i < *count; i++)
	{
		rows[i].id = DatumGetInt32(column((uint64) i, 1, &null));
		rows[i].name = TextDatumGetCString(column((uint64) i, 2, &null));
		rows[i].body = DatumGetTextPCopy(column((uint64) i, 3, &null));
		rows[i].weight = DatumGetInt32(column((uint64) i, 4, &null));
		rows[i].shared_message_id = DatumGetInt64(column((uint64) i, 5, &null));
		rows[i].frozen = DatumGetBool(column((uint64) i, 6, &null));
		targets = column((uint64) i, 7, &null);
		rows[i].targets = null ? NULL : DatumGetArrayTypePCopy(targets);
	}
	return rows;
}

Portal
store_launch_recipients(int32 campaign, bool read_only)
{
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(campaign)};
	CatalogUser caller = catalog_become_owner();
	Portal portal = SPI_cursor_open_with_args(
		NULL,
		"SELECT m.recipient FROM smstrack.launch AS l JOIN smstrack.message AS m "
		"  ON m.message_id BETWEEN l.first_message_id AND l.last_message_id "
		"WHERE l.campaign = $1 AND NOT l.test AND m.campaign = $1 AND NOT m.test "
		"  AND m.recipient IS NOT NULL ORDER BY m.recipient COLLATE \"C\"",
		1, types, values, NULL, read_only, 0);

	catalog_become_caller(caller);
	return portal;
}

LaunchedSpan *
store_launch_spans(int32 campaign, int *count)
{
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(campaign)};
	LaunchedSpan *spans;
	bool null;

	run("SELECT first_message_id, last_message_id, launched_at FROM smstrack.launch "
		"WHERE campaign = $1 AND NOT test AND first_message_id IS NOT NULL",
		1, types, values, NULL, true);
	*count = (int) SPI_processed;
	spans = palloc(mul_size(sizeof(LaunchedSpan), SPI_processed));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		spans[i].first = DatumGetInt64(column(i, 1, &null));
		spans[i].last = DatumGetInt64(column(i, 2, &null));
		spans[i].at = DatumGetTimestampTz(column(i, 3, &null));
	}
	return spans;
}

int64
store_launch_id(void)
{
	bool null;

	run("SELECT pg_catalog.nextval('smstrack.launch_id_seq')", 0, NULL, NULL, NULL,
		false);
	return DatumGetInt64(column(0, 1, &null));
}

/* Gives what a batch was shared out by; NULL for tests. */
static void
put_batch(const Batch *batch, Datum values[3], char nulls[3])
{
	if (batch->kind == NULL)
	{
		memset(nulls, 'n', 3);
		return;
	}
	values[0] = CStringGetTextDatum(batch->kind);
	store_trial_arrays(batch, &values[1], &values[2]);
}

void
store_launch(const LaunchRequest *request, const LaunchCampaign *campaign,
			 const Batch *batch, const LaunchResult *result, int64 first, int64 last)
{
	LaunchTally total = launch_total(result);
	Oid types[20] = {INT8OID,	INT4OID, BOOLOID, TEXTOID,
					 FLOAT8OID, INT8OID, INT8OID, INT8OID};
	Datum values[20];
	char nulls[] = "                    ";

	for (int i = 8; i < 17; i++)
		types[i] = INT8OID;
	values[0] = Int64GetDatum(result->launch);
	values[1] = Int32GetDatum(campaign->id);
	values[2] = BoolGetDatum(request->test);
	values[3] = CStringGetTextDatum(quote_qualified_identifier(
		get_namespace_name(get_rel_namespace(request->audience)),
		get_rel_name(request->audience)));
	values[4] = Float8GetDatum(batch->share);
	values[5] = Int64GetDatum(request->max_recipients);
	values[6] = Int64GetDatum(first);
	values[7] = Int64GetDatum(last);
	for (int i = 0; i < LAUNCH_OUTCOMES; i++)
		values[8 + i] = Int64GetDatum(total.outcomes[i]);
	values[15] = Int64GetDatum(total.segments_before);
	values[16] = Int64GetDatum(total.segments_after);
	types[17] = TEXTOID;
	types[18] = types[19] = INT4ARRAYOID;
	put_batch(batch, &values[17], &nulls[17]);
	if (request->max_recipients < 0)
		nulls[5] = 'n';
	if (first == 0)
		nulls[6] = nulls[7] = 'n';
	run("INSERT INTO smstrack.launch (id, campaign, test, audience, share, "
		"max_recipients,"
		"  first_message_id, last_message_id, prepared, opted_out, invalid, duplicate,"
		"  already_prepared, not_in_share, over_maximum, segments_before, "
		"segments_after, allotment, variants, weights) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
		"$17, $18, $19, $20)",
		20, types, values, nulls, false);
}

void
store_launch_freeze(int32 variant, int64 shared_message_id)
{
	Oid types[] = {INT4OID, INT8OID};
	Datum values[] = {Int32GetDatum(variant), Int64GetDatum(shared_message_id)};

	run_update("UPDATE smstrack.variant SET frozen_at = coalesce(frozen_at, now()),"
			   "  shared_message_id = coalesce(nullif($2, 0), shared_message_id) "
			   "WHERE id = $1 AND (frozen_at IS NULL OR $2 <> 0)",
			   2, types, values);
}

int64
store_launch_lock_variant(int32 variant)
{
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(variant)};
	bool null = true;
	Datum shared = (Datum) 0;

	SPI_connect();
	run("SELECT shared_message_id FROM smstrack.variant WHERE id = $1 FOR UPDATE", 1,
		types, values, NULL, false);
	if (SPI_processed > 0)
		shared = column(0, 1, &null);
	SPI_finish();
	return null ? 0 : DatumGetInt64(shared);
}

void
store_launch_freeze_campaign(int32 campaign)
{
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(campaign)};

	run_update("UPDATE smstrack.campaign SET frozen_at = now() "
			   "WHERE id = $1 AND frozen_at IS NULL",
			   1, types, values);
}

void
store_launch_freeze_single(int32 campaign, int32 variant)
{
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(campaign)};

	run_update("SELECT FROM smstrack.variant WHERE campaign = $1 ORDER BY id FOR UPDATE",
			   1, types, values);
	store_launch_freeze(variant, 0);
}

void
store_launch_forget(int32 campaign)
{
	static StoreStatement find = {
		.query = "SELECT FROM smstrack.campaign WHERE id = $1 AND account = $2"
				 " AND tracking = 'anonymous'",
		.arguments = 2,
		.types = {INT4OID, TEXTOID}};
	static StoreStatement forget = {
		.query = "DELETE FROM smstrack.campaign_recipient WHERE campaign = $1",
		.arguments = 1,
		.types = {INT4OID}};
	Datum values[] = {Int32GetDatum(campaign), CStringGetTextDatum(setting_account)};
	CatalogUser caller = catalog_become_owner();

	SPI_connect();
	if (store_run(&find, values, NULL) > 0)
	{
		lock_campaign(campaign, ExclusiveLock);
		store_run_latest(&forget, values, NULL);
	}
	SPI_finish();
	catalog_become_caller(caller);
}
