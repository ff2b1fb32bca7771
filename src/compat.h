/*
 * compat.h: the only place that knows server versions. What differs is given here under
 * the newest server's name.
 */
#ifndef SMSTRACK_COMPAT_H
#define SMSTRACK_COMPAT_H

#include "postgres.h"

#include "access/heapam.h"
#include "access/xact.h"
#if PG_VERSION_NUM < 170000
#include "storage/backendid.h"
#else
#include "storage/procnumber.h"
#include "miscadmin.h"
#endif

#if PG_VERSION_NUM < 150000
#error "smstrack needs PostgreSQL 15 or newer"
#endif

#if PG_VERSION_NUM < 170000
#define MyProcNumber MyBackendId
#endif

/*
 * Updates a row in the heap, waiting for who holds it; tells whether the indexes need its
 * new version. TM_Updated and TM_Deleted: somebody else has changed it first.
 */
static inline TM_Result
heap_update_waiting(Relation relation, ItemPointer tid, HeapTuple tuple,
					bool *needs_indexes)
{
	TM_FailureData failure;
	LockTupleMode mode;
	TM_Result result;
#if PG_VERSION_NUM >= 160000
	TU_UpdateIndexes update_indexes;

	result = heap_update(relation, tid, tuple, GetCurrentCommandId(true), InvalidSnapshot,
						 true, &failure, &mode, &update_indexes);
	*needs_indexes = result == TM_Ok && update_indexes != TU_None;
#else
	result = heap_update(relation, tid, tuple, GetCurrentCommandId(true), InvalidSnapshot,
						 true, &failure, &mode);
	*needs_indexes = result == TM_Ok && !HeapTupleIsHeapOnly(tuple);
#endif
	return result;
}

#endif
