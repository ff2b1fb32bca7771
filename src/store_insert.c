/*
 * store_insert.c: inserts new rows straight into the heap and the indexes of a table,
 * which takes half of what a plan takes, and of hits into their month's partition. It
 * refuses, before anything is written, what it does not know how to do: then a plan does
 * it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "hit_partition.h"
#include "hit_row.h"
#include "store_insert.h"
#include "store_plain.h"

#define INDEXES_MAX 8

typedef struct Target
{
	Relation table;
	Relation indexes[INDEXES_MAX]; /* the one that may refuse a row is the first */
	IndexInfo *infos[INDEXES_MAX];
	int count;
	int unique; /* how many may refuse a row: one at most */
} Target;

static void
close_target(Target *target)
{
	for (int i = 0; i < target->count; i++)
	{
		index_insert_cleanup(target->indexes[i], target->infos[i]);
		index_close(target->indexes[i], NoLock);
	}
	table_close(target->table, NoLock);
}

/* Opens a table and its indexes; false if rows must not go straight into it. */
static bool
open_target(Oid table, int columns, Target *target)
{
	List *indexes;
	ListCell *cell;
	bool simple;

	target->count = target->unique = 0;
	target->table = table_open(table, RowExclusiveLock);
	indexes = RelationGetIndexList(target->table);
	simple = store_is_plain(target->table) && list_length(indexes) <= INDEXES_MAX &&
			 RelationGetNumberOfAttributes(target->table) == columns;
	foreach (cell, indexes)
	{
		Relation index;

		if (!simple)
			break;
		index = index_open(lfirst_oid(cell), RowExclusiveLock);
		target->indexes[target->count] = index;
		target->infos[target->count] = BuildIndexInfo(index);
		simple = store_index_is_simple(index);
		if (index->rd_index->indisunique)
		{
			Relation first = target->indexes[0];
			IndexInfo *info = target->infos[0];

			target->indexes[0] = index;
			target->infos[0] = target->infos[target->count];
			target->indexes[target->count] = first;
			target->infos[target->count] = info;
			target->unique++;
		}
		target->count++;
	}
	list_free(indexes);
	if (simple && target->unique <= 1)
		return true;
	close_target(target);
	return false;
}

/* Enters a row into an index; false if a unique one may have its key already. */
static bool
insert_into_index(const Target *target, int i, TupleTableSlot *slot)
{
	Relation index = target->indexes[i];
	Datum values[INDEX_MAX_KEYS];
	bool nulls[INDEX_MAX_KEYS];
	bool unique = index->rd_index->indisunique;

	FormIndexDatum(target->infos[i], slot, NULL, values, nulls);
	return index_insert(index, values, nulls, &slot->tts_tid, target->table,
						unique ? UNIQUE_CHECK_PARTIAL : UNIQUE_CHECK_NO, false,
						target->infos[i]) ||
		   !unique;
}

/*
 * Enters rows that the heap has into the indexes, the unique one first. A row that it may
 * have already is taken back, and left to a plan, which waits for whoever inserts the
 * same one: at once, for later rows must not be held while an earlier one is waited for.
 */
static void
insert_into_indexes(const Target *target, TupleTableSlot **slots, void *rows, int count,
					InsertByPlan by_plan, bool *inserted)
{
	for (int i = 0; i < count; i++)
	{
		inserted[i] = target->unique == 0 || insert_into_index(target, 0, slots[i]);
		if (inserted[i])
			continue;
		CommandCounterIncrement();
		simple_heap_delete(target->table, &slots[i]->tts_tid);
		by_plan(rows, i);
	}
	for (int index = target->unique; index < target->count; index++)
		for (int i = 0; i < count; i++)
			if (inserted[i])
				insert_into_index(target, index, slots[i]);
}

static bool
rows_fit(Relation table, TupleTableSlot **slots, int count)
{
	for (int i = 0; i < count; i++)
		if (!store_row_fits(table, slots[i]))
			return false;
	return true;
}

/*
 * Inserts rows, as slots, into a table with one unique index at most; inserted[i] is
 * false where by_plan was called. Gives false, and has done nothing, where the whole has
 * to go by a plan.
 */
bool
store_insert_rows(Oid table, int columns, TupleTableSlot **slots, void *rows, int count,
				  InsertByPlan by_plan, bool *inserted)
{
	Target target;
	bool done;

	if (!open_target(table, columns, &target))
		return false;
	done = rows_fit(target.table, slots, count);
	if (done)
	{
		heap_multi_insert(target.table, slots, count, GetCurrentCommandId(true), 0, NULL);
		insert_into_indexes(&target, slots, rows, count, by_plan, inserted);
	}
	close_target(&target);
	return done;
}

/* Makes the rows' slots; false if they are not all of one month. */
static bool
fill_slots(Relation parent, void *rows, int count, InsertRow row, TupleTableSlot **slots,
		   Oid *partition)
{
	for (int i = 0; i < count; i++)
	{
		Oid found;

		slots[i] = MakeSingleTupleTableSlot(RelationGetDescr(parent), &TTSOpsVirtual);
		row(rows, i, slots[i]->tts_values, slots[i]->tts_isnull);
		ExecStoreVirtualTuple(slots[i]);
		found = hit_partition_at(parent,
								 DatumGetTimestampTz(slots[i]->tts_values[HIT_AT - 1]));
		if (i == 0)
			*partition = found;
		if (!OidIsValid(found) || found != *partition)
			return false;
	}
	return true;
}

static bool
is_alike(Oid month)
{
	Relation partition = table_open(month, RowExclusiveLock);
	bool alike = hit_partition_is_alike(partition);

	table_close(partition, NoLock);
	return alike;
}

/* The same for hits, in the order of their unique index: into their month's partition. */
bool
store_insert_hits(void *rows, int count, InsertRow row, InsertByPlan by_plan,
				  bool *inserted)
{
	Relation parent = table_open(catalog_relation(CATALOG_HIT), RowExclusiveLock);
	TupleTableSlot **slots = palloc0(sizeof(TupleTableSlot *) * (Size) count);
	Oid partition = InvalidOid;
	bool done =
		parent->rd_rel->relkind == RELKIND_PARTITIONED_TABLE &&
		parent->trigdesc == NULL &&
		fill_slots(parent, rows, count, row, slots, &partition) && is_alike(partition) &&
		store_insert_rows(partition, HIT_COLUMNS, slots, rows, count, by_plan, inserted);

	for (int i = 0; i < count && slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	table_close(parent, NoLock);
	return done;
}
