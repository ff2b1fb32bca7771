/*
 * store_row.c: locks and changes single rows whose place is known. What a plan would do
 * for each (parse, plan, look the row up again) is the greater part of a hit's cost.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "storage/bufmgr.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "store_row.h"

/*
 * Locks the newest version of a row and reads it into the slot, waiting for whoever holds
 * it; false if it was deleted, or changed by this transaction since its place was read,
 * as a trigger may. A lock that an update in progress lets pass reaches the version that
 * is being made as well: who comes after the update's commit has to meet it.
 */
bool
store_row_lock(Relation relation, ItemPointer tid, LockTupleMode mode,
			   TupleTableSlot *slot)
{
	TM_FailureData failure;
	TM_Result result = table_tuple_lock(relation, tid, GetActiveSnapshot(), slot,
										GetCurrentCommandId(true), mode, LockWaitBlock,
										TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS |
											TUPLE_LOCK_FLAG_FIND_LAST_VERSION,
										&failure);

	if (result == TM_Deleted || result == TM_Invisible)
		return false;
	if (result != TM_Ok)
		elog(ERROR, "could not lock a row of \"%s\": %d",
			 RelationGetRelationName(relation), (int) result);
	return true;
}

/* Enters a row's new version into the indexes that need it. */
static void
insert_into_indexes(Relation relation, HeapTuple tuple, TU_UpdateIndexes wanted)
{
	TupleTableSlot *slot =
		MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsHeapTuple);
	List *indexes = RelationGetIndexList(relation);
	ListCell *cell;

	ExecStoreHeapTuple(tuple, slot, false);
	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);
		IndexInfo *info = BuildIndexInfo(index);
		Datum values[INDEX_MAX_KEYS];
		bool nulls[INDEX_MAX_KEYS];

		if (wanted == TU_All || index_is_summarizing(info))
		{
			FormIndexDatum(info, slot, NULL, values, nulls);
			index_insert(index, values, nulls, &tuple->t_self, relation,
						 index->rd_index->indisunique ? UNIQUE_CHECK_YES
													  : UNIQUE_CHECK_NO,
						 false, info);
			index_insert_cleanup(index, info);
		}
		index_close(index, NoLock);
	}
	list_free(indexes);
	ExecDropSingleTupleTableSlot(slot);
}

/* What a new version may take more than the old one: a time that was null. */
#define GROWTH 64

/*
 * Has dead versions removed from a row's page if there is no room for another. Free space
 * is looked at without a lock, as the server does it: it is a hint.
 */
static void
make_room(Relation relation, HeapTuple row)
{
	Buffer buffer = ReadBuffer(relation, ItemPointerGetBlockNumber(&row->t_self));

	if (PageGetHeapFreeSpace(BufferGetPage(buffer)) < MAXALIGN(row->t_len) + GROWTH)
		heap_page_prune_opt(relation, buffer);
	ReleaseBuffer(buffer);
}

/* Writes a new version of a row. */
static TM_Result
update(Relation relation, HeapTuple old, const RowChange *change)
{
	/* the server's function takes no const, and changes nothing */
	HeapTuple tuple = heap_modify_tuple_by_cols(
		old, RelationGetDescr(relation), change->count, (int *) change->columns,
		(Datum *) change->values, (bool *) change->nulls);
	TU_UpdateIndexes indexes;
	TM_Result result;

	make_room(relation, old);
	tuple->t_tableOid = RelationGetRelid(relation);
	result = heap_update_waiting(relation, &old->t_self, tuple, &indexes);
	if (indexes != TU_None)
		insert_into_indexes(relation, tuple, indexes);
	heap_freetuple(tuple);
	return result;
}

/* Changes columns of a row that store_row_lock has locked exclusively. */
void
store_row_update(Relation relation, TupleTableSlot *slot, const RowChange *change)
{
	bool should_free;
	HeapTuple old = ExecFetchSlotHeapTuple(slot, false, &should_free);
	TM_Result result = update(relation, old, change);

	if (should_free)
		heap_freetuple(old);
	if (result != TM_Ok)
		elog(ERROR, "could not change a locked row of \"%s\": %d",
			 RelationGetRelationName(relation), (int) result);
}

/*
 * Changes columns of a row as it was read, without locking it before; false if somebody
 * has changed it since.
 */
bool
store_row_update_unlocked(Relation relation, HeapTuple row, const RowChange *change)
{
	return update(relation, row, change) == TM_Ok;
}
