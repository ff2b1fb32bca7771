/*
 * store_row.h: the files store_*.c among themselves: one row of a table that is as the
 * extension made it, locked and changed straight in the heap.
 */
#ifndef SMSTRACK_STORE_ROW_H
#define SMSTRACK_STORE_ROW_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "nodes/lockoptions.h"
#include "utils/rel.h"

#define ROW_CHANGE_MAX 4

/* New values of some columns, by their numbers. */
typedef struct RowChange
{
	int count;
	int columns[ROW_CHANGE_MAX];
	Datum values[ROW_CHANGE_MAX];
	bool nulls[ROW_CHANGE_MAX];
} RowChange;

extern bool store_row_lock(Relation relation, ItemPointer tid, LockTupleMode mode,
						   TupleTableSlot *slot);
extern void store_row_update(Relation relation, TupleTableSlot *slot,
							 const RowChange *change);
extern bool store_row_update_unlocked(Relation relation, HeapTuple row,
									  const RowChange *change);

#endif
