/*
 * store_attribute.c: credits recorded conversions again, by the windows and rules of now,
 * from the candidates that are kept of each.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "conversion.h"
#include "far_rows.h"
#include "hit_settings.h"
#include "settings.h"
#include "store_conversion_tally.h"
#include "store_run.h"

#define FETCHED 10000

/* A conversion whose click changes. */
typedef struct Recredit
{
	int64 conversion_id;
	int64 from;		/* message; 0: none */
	uint32 keys[2]; /* of what it counts once for */
	int key_count;
	bool credited;
	bool first_click;
	ConversionClick click;
} Recredit;

typedef struct Recredits
{
	Recredit *list;
	int count;
	int room;
} Recredits;

/* A conversion with its candidates, as far as their messages are there. */
typedef struct Held
{
	int64 conversion_id;
	int64 message_id; /* 0: none */
	int32 position;
	TimestampTz clicked_at;
	bool first_click;
	int64 window;
	bool erased; /* its message is: it stays as it is */
	uint32 keys[2];
	int key_count;
	Conversion conversion;
	int room;
} Held;

/* Columns of the query; one row a candidate. */
enum
{
	COLUMN_ID,
	COLUMN_AT,
	COLUMN_MESSAGE,
	COLUMN_POSITION,
	COLUMN_CLICKED_AT,
	COLUMN_FIRST_CLICK,
	COLUMN_WINDOW,
	COLUMN_ERASED,
	COLUMN_CLICK_MESSAGE,
	COLUMN_CLICK_POSITION,
	COLUMN_CLICK_AT,
	COLUMN_CLICK_LINK_DOMAIN,
	COLUMN_CLICK_CAMPAIGN,
	COLUMN_CLICK_VARIANT,
	COLUMN_CLICK_TEST,
	COLUMN_CLICK_WINDOW,
	COLUMN_CLICK_FIRST,
	COLUMN_CLICK_NAMED,
	COLUMN_GOAL,
	COLUMN_ORDER_ID,
	COLUMN_ONCE_KEY,
	COLUMNS
};

#define CANDIDATES(messages)                                                             \
	"SELECT c.conversion_id, c.at, coalesce(c.message_id, 0),"                           \
	" coalesce(c.\"position\", 0)::integer, c.clicked_at, c.attribution = "              \
	"'first_click',"                                                                     \
	" extract(epoch FROM c.attribution_window)::bigint,"                                 \
	" c.message_id IS NOT NULL AND NOT EXISTS (SELECT FROM " messages " AS e"            \
	"   WHERE e.message_id = c.message_id),"                                             \
	" m.message_id, k.\"position\"::integer, k.clicked_at, m.link_domain,"               \
	" coalesce(m.campaign, 0), coalesce(m.variant, 0), m.test,"                          \
	" coalesce(extract(epoch FROM p.attribution_window),"                                \
	"   extract(epoch FROM d.attribution_window), $2)::bigint,"                          \
	" coalesce(p.attribution = 'first_click', false), k.named, c.goal, c.order_id,"      \
	" c.once_key "                                                                       \
	"FROM smstrack.conversion AS c "                                                     \
	"JOIN smstrack.conversion_candidate AS k ON k.conversion_id = c.conversion_id "      \
	"JOIN " messages " AS m ON m.message_id = k.message_id "                             \
	"JOIN smstrack.link_domain AS d ON d.id = m.link_domain "                            \
	"LEFT JOIN smstrack.campaign AS p ON p.id = m.campaign "                             \
	"WHERE c.at >= $1 AND c.account = $3 AND (k.named OR NOT m.test) "                   \
	"ORDER BY c.conversion_id, k.clicked_at DESC, k.message_id DESC, k.\"position\""

static void
add_change(Recredits *changes, const Held *held)
{
	const Conversion *conversion = &held->conversion;
	Recredit *change;

	if (changes->count == changes->room)
	{
		changes->room = Max(64, changes->room * 2);
		changes->list =
			changes->list == NULL
				? palloc(sizeof(Recredit) * (Size) changes->room)
				: repalloc_huge(changes->list, sizeof(Recredit) * (Size) changes->room);
	}
	change = &changes->list[changes->count++];
	memset(change, 0, sizeof(*change));
	change->conversion_id = held->conversion_id;
	change->from = held->message_id;
	memcpy(change->keys, held->keys, sizeof(change->keys));
	change->key_count = held->key_count;
	change->credited = conversion->chosen >= 0;
	change->first_click = conversion->first_click;
	if (change->credited)
		change->click = conversion->clicks[conversion->chosen];
}

/* Chooses the click of a conversion again; notes what changes. */
static void
judge(Held *held, Recredits *changes)
{
	Conversion *conversion = &held->conversion;
	const ConversionClick *click;
	AttributionVerdict verdict;

	if (held->conversion_id == 0 || held->erased)
		return;
	conversion_choose(conversion, &verdict);
	if (conversion->chosen < 0)
	{
		if (held->message_id != 0)
			add_change(changes, held);
		return;
	}
	click = &conversion->clicks[conversion->chosen];
	if (click->message_id != held->message_id || click->position != held->position ||
		click->at != held->clicked_at || conversion->first_click != held->first_click ||
		click->window != held->window)
		add_change(changes, held);
}

/* Notes a key of what a conversion counts once for. */
static void
add_key(Held *held, const Datum *values, const bool *nulls, int column)
{
	if (!nulls[column])
		held->keys[held->key_count++] =
			conversion_lock_key(setting_account, DatumGetTextPP(values[COLUMN_GOAL]),
								DatumGetTextPP(values[column]));
}

/* Begins with the conversion of a row. */
static void
begin_conversion(Held *held, const Datum *values, const bool *nulls)
{
	ConversionClick *clicks = held->conversion.clicks;
	int room = held->room;

	memset(held, 0, sizeof(*held));
	held->conversion.clicks = clicks;
	held->room = room;
	held->conversion_id = DatumGetInt64(values[COLUMN_ID]);
	held->conversion.at = DatumGetTimestampTz(values[COLUMN_AT]);
	held->message_id = DatumGetInt64(values[COLUMN_MESSAGE]);
	held->position = DatumGetInt32(values[COLUMN_POSITION]);
	held->clicked_at =
		nulls[COLUMN_CLICKED_AT] ? 0 : DatumGetTimestampTz(values[COLUMN_CLICKED_AT]);
	held->first_click = DatumGetBool(values[COLUMN_FIRST_CLICK]);
	held->window = nulls[COLUMN_WINDOW] ? 0 : DatumGetInt64(values[COLUMN_WINDOW]);
	held->erased = DatumGetBool(values[COLUMN_ERASED]);
	add_key(held, values, nulls, COLUMN_ORDER_ID);
	add_key(held, values, nulls, COLUMN_ONCE_KEY);
}

static void
add_candidate(Held *held, const Datum *values)
{
	Conversion *conversion = &held->conversion;

	if (conversion->click_count == held->room)
	{
		held->room = Max(16, held->room * 2);
		conversion->clicks = conversion->clicks == NULL
								 ? palloc(sizeof(ConversionClick) * (Size) held->room)
								 : repalloc(conversion->clicks,
											sizeof(ConversionClick) * (Size) held->room);
	}
	conversion->clicks[conversion->click_count++] =
		(ConversionClick){.message_id = DatumGetInt64(values[COLUMN_CLICK_MESSAGE]),
						  .position = DatumGetInt32(values[COLUMN_CLICK_POSITION]),
						  .at = DatumGetTimestampTz(values[COLUMN_CLICK_AT]),
						  .link_domain = DatumGetInt32(values[COLUMN_CLICK_LINK_DOMAIN]),
						  .campaign = DatumGetInt32(values[COLUMN_CLICK_CAMPAIGN]),
						  .variant = DatumGetInt32(values[COLUMN_CLICK_VARIANT]),
						  .test = DatumGetBool(values[COLUMN_CLICK_TEST]),
						  .window = DatumGetInt64(values[COLUMN_CLICK_WINDOW]),
						  .first_click = DatumGetBool(values[COLUMN_CLICK_FIRST]),
						  .named = DatumGetBool(values[COLUMN_CLICK_NAMED])};
}

/* Fetches the messages that conversions since a time may be credited to. */
static Datum
fetch_messages(Datum since, Datum account)
{
	static StoreStatement statement = {
		.query = "SELECT coalesce(array_agg(DISTINCT i.message_id), '{}') "
				 "FROM smstrack.conversion AS c CROSS JOIN LATERAL ("
				 "  SELECT c.message_id UNION ALL SELECT k.message_id"
				 "  FROM smstrack.conversion_candidate AS k"
				 "  WHERE k.conversion_id = c.conversion_id) AS i "
				 "WHERE c.at >= $1 AND c.account = $2 AND i.message_id IS NOT NULL",
		.arguments = 2,
		.types = {TIMESTAMPTZOID, TEXTOID}};
	Datum values[] = {since, account};
	bool null;

	store_run(&statement, values, NULL);
	return far_messages(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
}

/* Opens the conversions since a time with their candidates. */
static Portal
open_candidates(TimestampTz since)
{
	Oid types[4] = {TIMESTAMPTZOID, INT4OID, TEXTOID};
	Datum values[4] = {TimestampTzGetDatum(since),
					   Int32GetDatum(setting_attribution_window),
					   CStringGetTextDatum(setting_account)};

	if (!catalog_is_distributed())
		return SPI_cursor_open_with_args(NULL, CANDIDATES("smstrack.message"), 3, types,
										 values, NULL, false, 0);
	types[3] = far_rows_type(CATALOG_MESSAGE);
	values[3] = fetch_messages(values[0], values[2]);
	return SPI_cursor_open_with_args(NULL, CANDIDATES("unnest($4)"), 4, types, values,
									 NULL, false, 0);
}

/* Finds the conversions since a time whose click changes. */
static Recredits
find_changes(TimestampTz since)
{
	Recredits changes = {NULL, 0, 0};
	Held held = {0};
	Portal portal = open_candidates(since);

	while (SPI_cursor_fetch(portal, true, FETCHED), SPI_processed > 0)
	{
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			Datum row[COLUMNS];
			bool nulls[COLUMNS];

			heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, row, nulls);
			if (DatumGetInt64(row[COLUMN_ID]) != held.conversion_id)
			{
				judge(&held, &changes);
				begin_conversion(&held, row, nulls);
			}
			add_candidate(&held, row);
		}
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	judge(&held, &changes);
	SPI_cursor_close(portal);
	return changes;
}

/* Credits a conversion; false if somebody else has credited it since it was judged. */
static bool
update_conversion(const Recredit *change)
{
	static StoreStatement statement = {
		.query =
			"UPDATE smstrack.conversion SET message_id = $2, \"position\" = $3,"
			" clicked_at = $4, link_domain = coalesce($5, link_domain), campaign = $6,"
			" variant = $7, test = $8,"
			" attribution = CASE WHEN $9 THEN 'first_click' ELSE 'last_click' END,"
			" attribution_window = $10 "
			"WHERE conversion_id = $1 AND coalesce(message_id, 0) = $11",
		.arguments = 11,
		.types = {INT8OID, INT8OID, INT2OID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID,
				  BOOLOID, BOOLOID, INTERVALOID, INT8OID}};
	const ConversionClick *click = &change->click;
	Datum values[] = {Int64GetDatum(change->conversion_id),
					  Int64GetDatum(click->message_id),
					  Int16GetDatum((int16) click->position),
					  TimestampTzGetDatum(click->at),
					  Int32GetDatum(click->link_domain),
					  Int32GetDatum(click->campaign),
					  Int32GetDatum(click->variant),
					  BoolGetDatum(click->test),
					  BoolGetDatum(change->first_click),
					  conversion_window(click),
					  Int64GetDatum(change->from)};

	return store_run(&statement, values, change->credited ? NULL : " nnnn    n ") > 0;
}

/*
 * Locks what the conversions count once for: one that is credited to no message is found
 * by that alone, by who reports it again or takes it back.
 */
static void
lock_keys(const Recredits *changes)
{
	uint32 *keys = MemoryContextAllocHuge(CurrentMemoryContext,
										  sizeof(uint32) * 2 * (Size) changes->count);
	int n = 0;

	for (int i = 0; i < changes->count; i++)
		for (int key = 0; key < changes->list[i].key_count; key++)
			keys[n++] = changes->list[i].keys[key];
	conversion_lock(keys, n);
	pfree(keys);
}

/* Writes the changes, with every count that follows; gives how many there are. */
static int64
write_changes(const Recredits *changes)
{
	Datum *ids = MemoryContextAllocHuge(CurrentMemoryContext,
										sizeof(Datum) * 2 * (Size) changes->count);
	ConversionChange change = {0};
	int64 credited = 0;
	int n = 0;

	for (int i = 0; i < changes->count; i++)
	{
		if (changes->list[i].from != 0)
			ids[n++] = Int64GetDatum(changes->list[i].from);
		if (changes->list[i].credited)
			ids[n++] = Int64GetDatum(changes->list[i].click.message_id);
	}
	conversion_change_begin(&change, ids, n);
	lock_keys(changes);
	conversion_change_sum(&change);
	for (int i = 0; i < changes->count; i++)
	{
		credited += update_conversion(&changes->list[i]);
		CHECK_FOR_INTERRUPTS();
	}
	conversion_change_end(&change);
	conversion_change_write(&change);
	return credited;
}

/* Lets one attribution run at a time: another would start from what this one changes. */
static void
lock_attribution(void)
{
	static StoreStatement statement = {
		.query =
			"SELECT "
			"pg_advisory_xact_lock('smstrack.conversion_tally'::regclass::integer, 0)"};

	store_run(&statement, NULL, NULL);
}

/* Credits conversions again; gives the number that changed. */
int64
store_attributed_again(TimestampTz since)
{
	CatalogUser caller;
	Recredits changes;
	int64 credited = 0;

	PreventCommandIfReadOnly("attributing conversions");
	caller = catalog_become_owner();
	SPI_connect();
	lock_attribution();
	changes = find_changes(since);
	if (changes.count > 0)
		credited = write_changes(&changes);
	SPI_finish();
	catalog_become_caller(caller);
	return credited;
}
