/*
 * store_marks_far.c: locks messages that Citus has put on other nodes and writes what
 * they say of their hits, many in a statement: each statement is a journey. Locks are
 * taken shard by shard, writes go to all shards at once.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "store_marks_far.h"
#include "store_nodes.h"
#include "store_run.h"

static Datum
array_of_ids(FoundMessage *const *messages, int count)
{
	Datum *ids =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (Size) count);

	for (int i = 0; i < count; i++)
		ids[i] = Int64GetDatum(messages[i]->message_id);
	return PointerGetDatum(
		construct_array(ids, count, INT8OID, 8, true, TYPALIGN_DOUBLE));
}

/* Gives the place of an id among messages that are sorted by it. */
static int
place_of(FoundMessage *const *messages, int count, int64 id)
{
	int first = 0;
	int last = count - 1;

	while (first < last)
	{
		int middle = first + (last - first) / 2;

		if (messages[middle]->message_id < id)
			first = middle + 1;
		else
			last = middle;
	}
	return first;
}

/* Locks and reads the messages of one shard. */
static void
lock_part(Datum ids, bool strong, FoundMessage **messages, bool *exists, int count)
{
#define LOCK(strength)                                                                   \
	{                                                                                    \
		.query = "SELECT m.* FROM smstrack.message AS m WHERE m.message_id = ANY ($1) "  \
				 "ORDER BY m.message_id FOR " strength,                                  \
		.arguments = 1, .types = {                                                       \
			INT8ARRAYOID                                                                 \
		}                                                                                \
	}
	static StoreStatement weak_lock = LOCK("NO KEY UPDATE");
	static StoreStatement strong_lock = LOCK("UPDATE");
#undef LOCK
	uint64 rows = store_run(strong ? &strong_lock : &weak_lock, &ids, NULL);

	for (uint64 row = 0; row < rows; row++)
	{
		bool null;
		int64 id = DatumGetInt64(
			SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1, &null));
		int at = place_of(messages, count, id);

		message_read(heap_copytuple(SPI_tuptable->vals[row]), SPI_tuptable->tupdesc,
					 messages[at]);
		exists[at] = true;
	}
	SPI_freetuptable(SPI_tuptable);
}

void
marks_lock_far(FoundMessage **messages, bool *exists, int count, bool strong)
{
	int parts;
	Datum *part = store_by_shard(array_of_ids(messages, count), &parts);

	memset(exists, false, (Size) count);
	for (int i = 0; i < parts; i++)
		lock_part(part[i], strong, messages, exists, count);
}

/* Makes an array of times, NULL where there is none. */
static Datum
array_of_times(const Marks *marks, Size offset, int count)
{
	Datum *times =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (Size) count);
	bool *nulls = MemoryContextAllocHuge(CurrentMemoryContext, (Size) count);
	int lower = 1;

	for (int i = 0; i < count; i++)
	{
		TimestampTz at = *(const TimestampTz *) ((const char *) &marks[i] + offset);

		times[i] = TimestampTzGetDatum(at);
		nulls[i] = at == DT_NOEND;
	}
	return PointerGetDatum(construct_md_array(times, nulls, 1, &count, &lower,
											  TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL,
											  TYPALIGN_DOUBLE));
}

static Datum
array_of_links(const Marks *marks, Size offset, int count)
{
	Datum *links =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (Size) count);

	for (int i = 0; i < count; i++)
		links[i] = Int32GetDatum(*(const int32 *) ((const char *) &marks[i] + offset));
	return PointerGetDatum(construct_array(links, count, INT4OID, 4, true, TYPALIGN_INT));
}

void
marks_write_far(FoundMessage *const *messages, const Marks *marks, int count)
{
	/* the ids twice: by the second Citus finds the shards */
	static StoreStatement statement = {
		.query = "UPDATE smstrack.message AS m SET viewed_links = v.viewed,"
				 " clicked_links = v.clicked, first_view_at = v.first_view,"
				 " first_click_at = v.first_click "
				 "FROM unnest($1, $2, $3, $4, $5) AS v (message_id, viewed, clicked,"
				 " first_view, first_click) "
				 "WHERE m.message_id = v.message_id AND m.message_id = ANY ($1)",
		.arguments = 5,
		.types = {INT8ARRAYOID, INT4ARRAYOID, INT4ARRAYOID, TIMESTAMPTZARRAYOID,
				  TIMESTAMPTZARRAYOID}};
	Datum values[5];

	if (count == 0)
		return;
	values[0] = array_of_ids(messages, count);
	values[1] = array_of_links(marks, offsetof(Marks, viewed), count);
	values[2] = array_of_links(marks, offsetof(Marks, clicked), count);
	values[3] = array_of_times(marks, offsetof(Marks, first_view), count);
	values[4] = array_of_times(marks, offsetof(Marks, first_click), count);
	store_run(&statement, values, NULL);
}
