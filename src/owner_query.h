/*
 * owner_query.h: a query that reads the extension's own tables as their owner.
 */
#ifndef SMSTRACK_OWNER_QUERY_H
#define SMSTRACK_OWNER_QUERY_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/snapshot.h"

#include "catalog.h"

/* Gives a snapshot of now, at each isolation level and in parallel mode. */
extern Snapshot owner_query_snapshot(void);

extern CatalogUser owner_query_begin(const char *query, int arguments, Oid *types,
									 Datum *values);
extern void owner_query_end(CatalogUser caller);

/* Columns of the query's first row, counted from 1. NULL is false, 0, no text. */
extern Datum owner_query_column(int number, bool *null);
extern bool owner_query_bool(int number);
extern int32 owner_query_int(int number);
extern char *owner_query_text(int number, MemoryContext context);
extern bool owner_query_interval(int number, Interval *interval);

/* Runs a query that gives at most one bigint; 0 for none or NULL. */
extern int64 owner_query_bigint(const char *query, int arguments, Oid *types,
								Datum *values);

#endif
