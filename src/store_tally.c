/*
 * store_tally.c: writes the tallies. What one transaction adds is summed by key, sorted,
 * and added in that order to the rows of this backend's slot: writers that meet lock the
 * rows they share in one order, and mostly share none.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "store_run.h"
#include "store_tally.h"

/* Slot 0 is where smstrack_maintain folds the others into. */
#define TALLY_SLOTS 64

#define QUARTER_SECONDS 900

typedef struct TallyKey
{
	int32 link_domain;
	int32 campaign;
	int32 variant;
	char grain; /* t position, q quarter of an hour, d device and country, c country */
	int64 part;
} TallyKey;

typedef struct TallyEntry
{
	TallyKey key;
	int64 numbers[TALLY_COLUMNS];
} TallyEntry;

struct Tally
{
	TallyEntry *entries;
	int count;
	int room;
};

/* Begins with nothing to add. */
Tally *
tally_begin(void)
{
	Tally *tally = palloc(sizeof(*tally));

	tally->count = 0;
	tally->room = 32;
	tally->entries = palloc(sizeof(TallyEntry) * (Size) tally->room);
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

/* Sorts, and sums what has the same key. */
static void
merge(Tally *tally)
{
	int kept = 0;

	if (tally->count == 0)
		return;
	qsort(tally->entries, (size_t) tally->count, sizeof(TallyEntry), compare_entries);
	for (int i = 1; i < tally->count; i++)
	{
		TallyEntry *entry = &tally->entries[i];

		if (compare_entries(&tally->entries[kept], entry) != 0)
			tally->entries[++kept] = *entry;
		else
			for (int column = 0; column < TALLY_COLUMNS; column++)
				tally->entries[kept].numbers[column] += entry->numbers[column];
	}
	tally->count = kept + 1;
}

/* Makes room for one more; a tally has few keys, however many hits it counts. */
static void
make_room(Tally *tally)
{
	if (tally->count < tally->room)
		return;
	merge(tally);
	if (tally->count < tally->room / 2)
		return;
	tally->room *= 2;
	tally->entries =
		repalloc_huge(tally->entries, sizeof(TallyEntry) * (Size) tally->room);
}

/* Adds to a key; a test message is outside all counts. */
static void
add(Tally *tally, const FoundMessage *message, char grain, int64 part, TallyColumn column,
	int64 number)
{
	TallyEntry *entry;

	if (message->test || number == 0)
		return;
	make_room(tally);
	entry = &tally->entries[tally->count++];
	memset(entry, 0, sizeof(*entry));
	entry->key.link_domain = message->link_domain;
	entry->key.campaign = message->campaign;
	entry->key.variant = message->variant;
	entry->key.grain = grain;
	entry->key.part = part;
	entry->numbers[column] = number;
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
array_of(const Tally *tally, Size offset, Size size, Oid type, int16 length, char align)
{
	Datum *values = palloc(sizeof(Datum) * (Size) tally->count);

	for (int i = 0; i < tally->count; i++)
	{
		const char *member = (const char *) &tally->entries[i] + offset;

		if (size == sizeof(int64))
			values[i] = Int64GetDatum(*(const int64 *) member);
		else if (size == sizeof(int32))
			values[i] = Int32GetDatum(*(const int32 *) member);
		else
			values[i] = CharGetDatum(*member);
	}
	return PointerGetDatum(
		construct_array(values, tally->count, type, length, true, align));
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
	Datum values[11];

	merge(tally);
	if (tally->count == 0)
		return;
#define INT4(member)                                                                     \
	array_of(tally, offsetof(TallyEntry, member), sizeof(int32), INT4OID, 4, TYPALIGN_INT)
#define INT8(member)                                                                     \
	array_of(tally, offsetof(TallyEntry, member), sizeof(int64), INT8OID, 8,             \
			 TYPALIGN_DOUBLE)
	values[0] = INT4(key.link_domain);
	values[1] = INT4(key.campaign);
	values[2] = INT4(key.variant);
	values[3] =
		array_of(tally, offsetof(TallyEntry, key.grain), 1, CHAROID, 1, TYPALIGN_CHAR);
	values[4] = INT8(key.part);
	for (int column = 0; column < TALLY_COLUMNS; column++)
		values[5 + column] = INT8(numbers[column]);
#undef INT4
#undef INT8
	values[10] = Int16GetDatum((int16) (1 + MyProcNumber % TALLY_SLOTS));
	store_run(&statement, values, NULL);
}
