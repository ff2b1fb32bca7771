/*
 * hit_near.c: tells for new hits, once they are stored, whether their source has others.
 * Nearly none has, and for those a look into the index is all that the search for bursts
 * costs; the rest is read by rejudge.c.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am_d.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "hit_near.h"
#include "hit_partition.h"
#include "hit_row.h"
#include "store_plain.h"

/* Opens the partition's index by source and time; NULL if there is none that can be asked
 * so. */
static Relation
open_source_index(Relation partition)
{
	List *indexes = RelationGetIndexList(partition);
	Relation found = NULL;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index->rd_index->indnkeyatts >= 2 &&
			index->rd_index->indkey.values[0] == HIT_SOURCE &&
			index->rd_index->indkey.values[1] == HIT_AT &&
			index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
			RelationGetIndexPredicate(index) == NIL)
		{
			found = index;
			break;
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return found;
}

/* Keeps the sources that the index has more than one entry of; dead ones count too. */
static int
keep_repeated(Relation partition, Relation index, Datum *sources, int count,
			  TimestampTz first, TimestampTz last)
{
	IndexScanDesc scan =
		index_beginscan(partition, index, GetActiveSnapshot(), NULL, 3, 0);
	ScanKeyData keys[3];
	int kept = 0;

	ScanKeyInit(&keys[1], 2, BTGreaterEqualStrategyNumber, F_TIMESTAMPTZ_GE,
				TimestampTzGetDatum(first));
	ScanKeyInit(&keys[2], 2, BTLessEqualStrategyNumber, F_TIMESTAMPTZ_LE,
				TimestampTzGetDatum(last));
	for (int i = 0; i < count; i++)
	{
		ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, sources[i]);
		index_rescan(scan, keys, 3, NULL, 0);
		if (index_getnext_tid(scan, ForwardScanDirection) != NULL &&
			index_getnext_tid(scan, ForwardScanDirection) != NULL)
			sources[kept++] = sources[i];
	}
	index_endscan(scan);
	return kept;
}

/*
 * Drops the sources that have no hit but one in a span of time; gives how many are left.
 * Where that cannot be told at once, all are.
 */
int
hit_near_sources(Datum *sources, int count, TimestampTz first, TimestampTz last)
{
	Relation parent = table_open(catalog_relation(CATALOG_HIT), AccessShareLock);
	Oid month = parent->rd_rel->relkind == RELKIND_PARTITIONED_TABLE
					? hit_partition_at(parent, first)
					: InvalidOid;
	Relation partition;
	Relation index = NULL;

	if (!OidIsValid(month) || hit_partition_at(parent, last) != month)
	{
		table_close(parent, AccessShareLock);
		return count;
	}
	partition = table_open(month, AccessShareLock);
	if (hit_partition_is_alike(partition) && store_is_plain(partition))
		index = open_source_index(partition);
	if (index != NULL)
	{
		count = keep_repeated(partition, index, sources, count, first, last);
		index_close(index, AccessShareLock);
	}
	table_close(partition, AccessShareLock);
	table_close(parent, AccessShareLock);
	return count;
}
