/*
 * store_nodes.c: what messages that Citus has spread over nodes need beyond the
 * statements that do where they are here. Locks of several rows can be taken only where
 * all rows are on one shard, so they are taken shard by shard.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "catalog.h"
#include "store_nodes.h"
#include "store_run.h"

/*
 * Without this, a transaction that writes to one node only is committed there first and
 * here afterwards: a crash in between would leave a hit that no sum counts. COPY, which
 * is what this insert of no rows is, always prepares on the nodes before it commits.
 */
void
store_on_all_nodes(void)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.outbox (message_id, campaign, recipient, body) "
				 "SELECT i, 0, '', '' FROM unnest('{}'::bigint[]) AS i"};

	if (catalog_is_distributed())
		store_run(&statement, NULL, NULL);
}

Datum *
store_by_shard(Datum ids, int *parts)
{
	static StoreStatement statement = {
		.query = "SELECT array_agg(DISTINCT i) FROM unnest($1) AS i WHERE i IS NOT NULL "
				 "GROUP BY get_shard_id_for_distribution_column('smstrack.message', i) "
				 "ORDER BY get_shard_id_for_distribution_column('smstrack.message', i)",
		.arguments = 1,
		.types = {INT8ARRAYOID}};
	Datum *arrays;
	bool null;

	*parts = 1;
	if (!catalog_is_distributed())
	{
		arrays = palloc(sizeof(Datum));
		arrays[0] = ids;
		return arrays;
	}
	*parts = (int) store_run(&statement, &ids, NULL);
	arrays = palloc(sizeof(Datum) * (Size) Max(*parts, 1));
	for (int i = 0; i < *parts; i++)
		arrays[i] = PointerGetDatum(PG_DETOAST_DATUM_COPY(
			SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &null)));
	SPI_freetuptable(SPI_tuptable);
	return arrays;
}

/* Locks the messages of one shard, or all that are here; gives how many there are. */
static int
lock_part(Datum ids, StoreLock lock)
{
#define LOCK(strength)                                                                   \
	{                                                                                    \
		.query = "SELECT m.message_id FROM smstrack.message AS m "                       \
				 "WHERE m.message_id = ANY ($1) ORDER BY m.message_id FOR " strength,    \
		.arguments = 1, .types = {                                                       \
			INT8ARRAYOID                                                                 \
		}                                                                                \
	}
	static StoreStatement locks[] = {[STORE_LOCK_NO_KEY_UPDATE] = LOCK("NO KEY UPDATE"),
									 [STORE_LOCK_UPDATE] = LOCK("UPDATE")};
#undef LOCK

	return (int) store_run(&locks[lock], &ids, NULL);
}

static int
compare_ids(const void *a, const void *b)
{
	int64 x = *(const int64 *) a;
	int64 y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

int
store_lock_messages(Datum ids, StoreLock lock, int64 **locked)
{
	int parts;
	Datum *part = store_by_shard(ids, &parts);
	int count = 0;

	*locked = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64));
	for (int i = 0; i < parts; i++)
	{
		int rows = lock_part(part[i], lock);
		bool null;

		*locked =
			repalloc_huge(*locked, sizeof(int64) * ((Size) count + (Size) rows + 1));
		for (int row = 0; row < rows; row++)
			(*locked)[count++] = DatumGetInt64(
				SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1, &null));
		SPI_freetuptable(SPI_tuptable);
	}
	qsort(*locked, (size_t) count, sizeof(int64), compare_ids);
	return count;
}
