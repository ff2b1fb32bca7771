/*
 * compat.h: the only place that knows server versions. What differs is given here under
 * the newest server's name.
 */
#ifndef SMSTRACK_COMPAT_H
#define SMSTRACK_COMPAT_H

#include "postgres.h"

#include "access/heapam.h"
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

/* Updates a row in the heap; tells whether the indexes need its new version. */
static inline bool
heap_update_needs_indexes(Relation relation, ItemPointer tid, HeapTuple tuple)
{
#if PG_VERSION_NUM >= 160000
	TU_UpdateIndexes update_indexes;

	simple_heap_update(relation, tid, tuple, &update_indexes);
	return update_indexes != TU_None;
#else
	simple_heap_update(relation, tid, tuple);
	return !HeapTupleIsHeapOnly(tuple);
#endif
}

#endif
