/*
 * store_tally.c: writes the tallies. What one transaction adds is summed by key, sorted,
 * and added in that order to the rows of this backend's slot: writers that meet lock the
 * rows they share in one order, and mostly share none.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "hit_settings.h"
#include "store_run.h"
#include "store_tally.h"
#include "tally_slot.h"

#define QUARTER_SECONDS 900

typedef struct TallyKey
{
	int32 link_domain;
	int32 campaign;
	int32 variant;
	int32 grain; /* t position, q quarter of an hour, d device and country, c country */
	int64 part;
} TallyKey;

typedef struct TallyEntry
{
	TallyKey key;
	int64 numbers[TALLY_COLUMNS];
	char status; /* of the hash table */
} TallyEntry;

#define SH_PREFIX		entries
#define SH_ELEMENT_TYPE TallyEntry
#define SH_KEY_TYPE		TallyKey
#define SH_KEY			key
#define SH_HASH_KEY(table, key)                                                          \
	hash_bytes((const unsigned char *) &(key), sizeof(TallyKey))
#define SH_EQUAL(table, a, b) (memcmp(&(a), &(b), sizeof(TallyKey)) == 0)
#define SH_SCOPE			  static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* A tally has few keys, however many hits it counts. */
struct Tally
{
	entries_hash *entries;
};

/* Begins with nothing to add. */
Tally *
tally_begin(void)
{
	Tally *tally = palloc(sizeof(*tally));

	tally->entries = entries_create(CurrentMemoryContext, 32, NULL);
	return tally;
}

static int
compare_numbers(int64 a, int64 b)
{
	return a < b ? -1 : a > b;
}

/* Orders keys as the primary key of smstrack.tally does. */
static int
compare_keys(const TallyKey *a, const TallyKey *b)
{
	int order = compare_numbers(a->link_domain, b->link_domain);

	if (order == 0)
		order = compare_numbers(a->campaign, b->campaign);
	if (order == 0)
		order = compare_numbers(a->variant, b->variant);
	if (order == 0)
		order = compare_numbers(a->grain, b->grain);
	return order != 0 ? order : compare_numbers(a->part, b->part);
}

static int
compare_entries(const void *a, const void *b)
{
	return compare_keys(&((const TallyEntry *) a)->key, &((const TallyEntry *) b)->key);
}

/* Gives the entries in the order in which they are written. */
static TallyEntry *
sorted_entries(const Tally *tally, int *count)
{
	TallyEntry *sorted = MemoryContextAllocHuge(
		CurrentMemoryContext, sizeof(TallyEntry) * ((Size) tally->entries->members + 1));
	const TallyEntry *entry;
	entries_iterator iterator;
	int n = 0;

	entries_start_iterate(tally->entries, &iterator);
	while ((entry = entries_iterate(tally->entries, &iterator)) != NULL)
		sorted[n++] = *entry;
	qsort(sorted, (size_t) n, sizeof(TallyEntry), compare_entries);
	*count = n;
	return sorted;
}

/* Adds to a key; a test message is outside all counts. */
static void
add(Tally *tally, const FoundMessage *message, char grain, int64 part, TallyColumn column,
	int64 number)
{
	TallyKey key = {message->link_domain, message->campaign, message->variant, grain,
					part};
	TallyEntry *entry;
	bool found;

	if (message->test || number == 0)
		return;
	entry = entries_insert(tally->entries, key, &found);
	if (!found)
		memset(entry->numbers, 0, sizeof(entry->numbers));
	entry->numbers[column] += number;
}

void
tally_add_position(Tally *tally, const FoundMessage *message, int32 position,
				   TallyColumn column, int64 number)
{
	add(tally, message, 't', position, column, number);
}

/* Adds to the quarter of an hour, counted from 1970 in UTC, that a time lies in. */
void
tally_add_quarter(Tally *tally, const FoundMessage *message, TimestampTz at,
				  TallyColumn column, int64 number)
{
	const int64 epoch = (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	const int64 quarter_usecs = (int64) QUARTER_SECONDS * USECS_PER_SEC;
	int64 quarter = at / quarter_usecs - (at % quarter_usecs < 0);

	add(tally, message, 'q', quarter + epoch / QUARTER_SECONDS, column, number);
}

void
tally_add_device(Tally *tally, const FoundMessage *message, int32 os, int32 device,
				 int32 country, TallyColumn column, int64 number)
{
	add(tally, message, 'd', (int64) os << 24 | (int64) device << 16 | country, column,
		number);
}

void
tally_add_country(Tally *tally, const FoundMessage *message, int32 country,
				  TallyColumn column, int64 number)
{
	add(tally, message, 'c', country, column, number);
}

/* Makes an array of one member of every entry. */
static Datum
array_of(const TallyEntry *entries, int count, Size offset, Oid type)
{
	bool is_bigint = type == INT8OID;
	Datum *values =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (Size) count);
	int16 length = is_bigint ? 8 : type == INT4OID ? 4 : 1;
	char align = is_bigint		   ? TYPALIGN_DOUBLE
				 : type == INT4OID ? TYPALIGN_INT
								   : TYPALIGN_CHAR;

	for (int i = 0; i < count; i++)
	{
		const char *member = (const char *) &entries[i] + offset;

		if (is_bigint)
			values[i] = Int64GetDatum(*(const int64 *) member);
		else if (type == INT4OID)
			values[i] = Int32GetDatum(*(const int32 *) member);
		else
			values[i] = CharGetDatum((char) *(const int32 *) member);
	}
	return PointerGetDatum(construct_array(values, count, type, length, true, align));
}

/* Writes all that was gathered; the last thing that a transaction locks. SPI is
 * connected. */
void
tally_write(Tally *tally)
{
	static StoreStatement statement = {
		.query =
			"INSERT INTO smstrack.tally AS t (link_domain, campaign, variant, grain, "
			"part,"
			" slot, views, clicks, bots, viewers, clickers) "
			"SELECT d.link_domain, d.campaign, d.variant, d.grain, d.part, $11, d.views,"
			" d.clicks, d.bots, d.viewers, d.clickers "
			/* the arrays are sorted, and unnest keeps their order */
			"FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS d (link_domain,"
			" campaign, variant, grain, part, views, clicks, bots, viewers, clickers) "
			"ON CONFLICT (link_domain, campaign, variant, grain, part, slot) DO UPDATE "
			"SET "
			" views = t.views + excluded.views, clicks = t.clicks + excluded.clicks,"
			" bots = t.bots + excluded.bots, viewers = t.viewers + excluded.viewers,"
			" clickers = t.clickers + excluded.clickers",
		.arguments = 11,
		.types = {INT4ARRAYOID, INT4ARRAYOID, INT4ARRAYOID, CHARARRAYOID, INT8ARRAYOID,
				  INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID,
				  INT2OID}};
	TallyEntry *entries;
	Datum values[11];
	int count;

	entries = sorted_entries(tally, &count);
	if (count == 0)
		return;
#define ARRAY(member, type) array_of(entries, count, offsetof(TallyEntry, member), type)
	values[0] = ARRAY(key.link_domain, INT4OID);
	values[1] = ARRAY(key.campaign, INT4OID);
	values[2] = ARRAY(key.variant, INT4OID);
	values[3] = ARRAY(key.grain, CHAROID);
	values[4] = ARRAY(key.part, INT8OID);
	for (int column = 0; column < TALLY_COLUMNS; column++)
		values[5 + column] = ARRAY(numbers[column], INT8OID);
#undef ARRAY
	values[10] = Int16GetDatum(tally_slot(setting_tally_slots));
	store_run(&statement, values, NULL);
}
