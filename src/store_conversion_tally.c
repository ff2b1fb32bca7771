/*
 * store_conversion_tally.c: keeps smstrack.conversion_tally. What a message's conversions
 * add to it depends on which of them is the first; so it is worked out before and after a
 * change, by the one definition of smstrack.conversion_part, and the difference is added.
 *
 * Locks are taken in one order: messages by id, keys of orders, then what hits lock, then
 * the sums, sorted.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "catalog.h"
#include "compat.h"
#include "store_conversion_tally.h"
#include "store_nodes.h"
#include "store_run.h"
#include "tally_slot.h"

/* Backends are spread over so many slots. */
#define BACKEND_SLOTS 64

/* Keys share locks: a batch has many orders, and the server a limited table of locks. */
#define LOCK_BUCKETS 256

/* The arrays that stand for sums, in the order of ConversionChange.before. */
static const Oid sum_types[CONVERSION_SUM_COLUMNS] = {
	INT4ARRAYOID, INT4ARRAYOID,	   INT4ARRAYOID,   CHARARRAYOID, INT8ARRAYOID,
	TEXTARRAYOID, TEXTARRAYOID,	   TEXTARRAYOID,   INT8ARRAYOID, INT8ARRAYOID,
	INT8ARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID};

#define KEY                                                                              \
	"p.link_domain, p.campaign, p.variant, p.grain, p.part, p.goal, p.currency, "        \
	"p.source"

uint32
conversion_lock_key(const char *account, const text *goal, const text *id)
{
	uint32 hash = hash_bytes((const unsigned char *) account, (int) strlen(account));

	hash = hash_combine(hash, hash_bytes((const unsigned char *) VARDATA_ANY(goal),
										 (int) VARSIZE_ANY_EXHDR(goal)));
	return hash_combine(hash, hash_bytes((const unsigned char *) VARDATA_ANY(id),
										 (int) VARSIZE_ANY_EXHDR(id)));
}

void
conversion_lock(uint32 *keys, int count)
{
	static StoreStatement statement = {
		.query =
			"SELECT pg_advisory_xact_lock('smstrack.conversion'::regclass::integer, b) "
			"FROM unnest($1) AS b",
		.arguments = 1,
		.types = {INT4ARRAYOID}};
	bool wanted[LOCK_BUCKETS] = {false};
	Datum buckets[LOCK_BUCKETS];
	Datum values[1];
	int n = 0;

	for (int i = 0; i < count; i++)
		wanted[keys[i] % LOCK_BUCKETS] = true;
	for (int i = 0; i < LOCK_BUCKETS; i++)
		if (wanted[i])
			buckets[n++] = Int32GetDatum(i);
	values[0] =
		PointerGetDatum(construct_array(buckets, n, INT4OID, 4, true, TYPALIGN_INT));
	store_run(&statement, values, NULL);
}

/* Locks messages in order, and notes which of them there are. */
static void
lock_messages(ConversionChange *change, Datum *message_ids, int count)
{
	int64 *locked;
	int rows = store_lock_messages(
		PointerGetDatum(
			construct_array(message_ids, count, INT8OID, 8, true, TYPALIGN_DOUBLE)),
		STORE_LOCK_UPDATE, &locked);
	Size room = sizeof(int64) * ((Size) change->locked_count + (Size) Max(rows, 1));

	change->locked = change->locked == NULL
						 ? MemoryContextAllocHuge(CurrentMemoryContext, room)
						 : repalloc_huge(change->locked, room);
	memcpy(change->locked + change->locked_count, locked, sizeof(int64) * (Size) rows);
	change->locked_count += rows;
	pfree(locked);
}

static int
compare_ids(const void *a, const void *b)
{
	int64 x = *(const int64 *) a;
	int64 y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* Tells whether a message is there, and locked. */
bool
conversion_change_has(const ConversionChange *change, int64 message_id)
{
	return change->locked_count > 0 &&
		   bsearch(&message_id, change->locked, (size_t) change->locked_count,
				   sizeof(int64), compare_ids) != NULL;
}

void
conversion_change_begin(ConversionChange *change, Datum *message_ids, int count)
{
	store_on_all_nodes();
	lock_messages(change, message_ids, count);
}

/*
 * Locks one more message, out of order: an order was recorded by another click just
 * before this transaction had its key.
 */
void
conversion_change_add(ConversionChange *change, int64 message_id)
{
	Datum id = Int64GetDatum(message_id);

	if (conversion_change_has(change, message_id))
		return;
	lock_messages(change, &id, 1);
	qsort(change->locked, (size_t) change->locked_count, sizeof(int64), compare_ids);
}

void
conversion_change_sum(ConversionChange *change)
{
	static StoreStatement statement = {
		.query =
			"SELECT array_agg(p.link_domain), array_agg(p.campaign), "
			"array_agg(p.variant),"
			" array_agg(p.grain), array_agg(p.part), array_agg(p.goal), "
			"array_agg(p.currency),"
			" array_agg(p.source), array_agg(p.conversions), array_agg(p.converters),"
			" array_agg(p.reversals), array_agg(p.value), array_agg(p.reversed_value) "
			"FROM (SELECT " KEY ", sum(p.conversions)::bigint AS conversions,"
			"  sum(p.converters)::bigint AS converters, sum(p.reversals)::bigint AS "
			"reversals,"
			"  sum(p.value) AS value, sum(p.reversed_value) AS reversed_value "
			"  FROM smstrack.conversion_part AS p WHERE p.message_id = ANY ($1) "
			"  GROUP BY " KEY ") AS p",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	Datum *ids = MemoryContextAllocHuge(
		CurrentMemoryContext, sizeof(Datum) * (Size) Max(change->locked_count, 1));

	for (int i = 0; i < change->locked_count; i++)
		ids[i] = Int64GetDatum(change->locked[i]);
	change->message_ids = PointerGetDatum(
		construct_array(ids, change->locked_count, INT8OID, 8, true, TYPALIGN_DOUBLE));
	store_run(&statement, &change->message_ids, NULL);
	for (int i = 0; i < CONVERSION_SUM_COLUMNS; i++)
	{
		bool null;

		change->before[i] =
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &null);
		change->had[i] = !null;
	}
}

/*
 * Marks the messages with their first conversion. A message is written even where that
 * stays: a transaction that cannot see this one's conversions must not add to them.
 */
void
conversion_change_end(const ConversionChange *change)
{
	static StoreStatement here = {
		.query = "UPDATE smstrack.message AS m SET first_conversion_at ="
				 " (SELECT min(c.at) FROM smstrack.conversion AS c"
				 "   WHERE c.message_id = m.message_id) "
				 "WHERE m.message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	/* conversions are here, messages are not; the ids twice, to find their shards by */
	static StoreStatement far = {
		.query = "UPDATE smstrack.message AS m SET first_conversion_at = f.at "
				 "FROM (SELECT i, (SELECT min(c.at) FROM smstrack.conversion AS c"
				 "    WHERE c.message_id = i) FROM unnest($1) AS i) AS f (message_id, at) "
				 "WHERE m.message_id = f.message_id AND m.message_id = ANY ($1)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	Datum values[] = {change->message_ids};

	store_run(catalog_is_distributed() ? &far : &here, values, NULL);
}

/* Adds to the sums what has changed; the last thing that a transaction locks. */
void
conversion_change_write(const ConversionChange *change)
{
	static StoreStatement statement = {
		.query =
			"INSERT INTO smstrack.conversion_tally AS t (link_domain, campaign, variant,"
			"  grain, part, goal, currency, source, conversions, converters, reversals,"
			"  value, reversed_value, slot) "
			"SELECT " KEY ", sum(p.sign * p.conversions), sum(p.sign * p.converters),"
			"  sum(p.sign * p.reversals), sum(p.sign * p.value),"
			"  sum(p.sign * p.reversed_value), $15 "
			"FROM (SELECT -1 AS sign, b.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, "
			"$10,"
			"    $11, $12, $13, $14) AS b (link_domain, campaign, variant, grain, part, "
			"goal,"
			"    currency, source, conversions, converters, reversals, value, "
			"reversed_value)"
			"  UNION ALL"
			"  SELECT 1, " KEY ", p.conversions, p.converters, p.reversals, p.value,"
			"    p.reversed_value"
			"  FROM smstrack.conversion_part AS p WHERE p.message_id = ANY ($1)) AS p "
			"GROUP BY " KEY " HAVING sum(p.sign * p.conversions) <> 0"
			"  OR sum(p.sign * p.converters) <> 0 OR sum(p.sign * p.reversals) <> 0"
			"  OR sum(p.sign * p.value) <> 0 OR sum(p.sign * p.reversed_value) <> 0 "
			"ORDER BY " KEY " "
			"ON CONFLICT (link_domain, campaign, variant, grain, part, goal, currency, "
			"source,"
			"  slot) DO UPDATE SET"
			"  conversions = t.conversions + excluded.conversions,"
			"  converters = t.converters + excluded.converters,"
			"  reversals = t.reversals + excluded.reversals,"
			"  value = t.value + excluded.value,"
			"  reversed_value = t.reversed_value + excluded.reversed_value",
		.arguments = CONVERSION_SUM_COLUMNS + 2,
		.types = {[0] = INT8ARRAYOID, [CONVERSION_SUM_COLUMNS + 1] = INT2OID}};
	Datum values[CONVERSION_SUM_COLUMNS + 2];
	char nulls[CONVERSION_SUM_COLUMNS + 2];

	memcpy(statement.types + 1, sum_types, sizeof(sum_types));
	memset(nulls, ' ', sizeof(nulls));
	values[0] = change->message_ids;
	for (int i = 0; i < CONVERSION_SUM_COLUMNS; i++)
	{
		values[i + 1] = change->before[i];
		nulls[i + 1] = change->had[i] ? ' ' : 'n';
	}
	values[CONVERSION_SUM_COLUMNS + 1] =
		Int16GetDatum(tally_slot(BACKEND_SLOTS));
	store_run(&statement, values, nulls);
}
