/*
 * compat.h: the only place that knows server versions. What differs is given here under
 * the newest server's name. The Makefile puts it before every file of the server layer.
 */
#ifndef SMSTRACK_COMPAT_H
#define SMSTRACK_COMPAT_H

#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/xact.h"
#include "utils/guc_tables.h"
#include "utils/relcache.h"
#if PG_VERSION_NUM < 170000
#include "storage/backendid.h"
#else
#include "storage/procnumber.h"
#include "miscadmin.h"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 150000
#error "smstrack needs PostgreSQL 15 or newer"
#endif

#if PG_VERSION_NUM < 170000
#define MyProcNumber MyBackendId
#endif

#if PG_VERSION_NUM < 170000
#define index_insert_cleanup(index, info) ((void) 0)
#endif

#if PG_VERSION_NUM < 160000
#define get_guc_variables(count) (*(count) = GetNumConfigOptions(), get_guc_variables())
#endif

#if PG_VERSION_NUM < 160000
/* What of a row's indexes an update has to fill. */
typedef enum TU_UpdateIndexes
{
	TU_None,
	TU_All,
	TU_Summarizing
} TU_UpdateIndexes;

#define index_is_summarizing(info) false
#else
#define index_is_summarizing(info) ((info)->ii_Summarizing)
#endif

#if PG_VERSION_NUM < 180000
#define pg_noreturn __attribute__((noreturn))
#define RelationGetPrimaryKeyIndex(relation, deferrable_ok) \
	RelationGetPrimaryKeyIndex(relation)
#define index_beginscan(heap, index, snapshot, instrumentation, keys, orders) \
	index_beginscan(heap, index, snapshot, keys, orders)
#endif

/* The server's macros of a value's size mix signs, which newer compilers tell. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static inline Size
varlena_size(const void *value)
{
	return VARSIZE_ANY(value);
}

static inline Size
varlena_length(const void *value)
{
	return VARSIZE_ANY_EXHDR(value);
}
#pragma GCC diagnostic pop

#undef VARSIZE_ANY
#define VARSIZE_ANY(value) varlena_size(value)
#undef VARSIZE_ANY_EXHDR
#define VARSIZE_ANY_EXHDR(value) varlena_length(value)

/*
 * Updates a row in the heap, waiting for who holds it; tells which indexes need its new
 * version. TM_Updated and TM_Deleted: somebody else has changed it first.
 */
static inline TM_Result
heap_update_waiting(Relation relation, ItemPointer tid, HeapTuple tuple,
					TU_UpdateIndexes *indexes)
{
	TM_FailureData failure;
	LockTupleMode mode;
	TM_Result result;
#if PG_VERSION_NUM >= 160000
	result = heap_update(relation, tid, tuple, GetCurrentCommandId(true), InvalidSnapshot,
						 true, &failure, &mode, indexes);
#else
	result = heap_update(relation, tid, tuple, GetCurrentCommandId(true), InvalidSnapshot,
						 true, &failure, &mode);
	*indexes = HeapTupleIsHeapOnly(tuple) ? TU_None : TU_All;
#endif
	if (result != TM_Ok)
		*indexes = TU_None;
	return result;
}

#endif
