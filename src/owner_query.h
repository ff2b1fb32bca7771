/*
 * owner_query.h: a query that reads the extension's own tables as their owner.
 */
#ifndef SMSTRACK_OWNER_QUERY_H
#define SMSTRACK_OWNER_QUERY_H

#include "postgres.h"

#include "catalog.h"

extern CatalogUser owner_query_begin(const char *query, int arguments, Oid *types,
									 Datum *values);
extern void owner_query_end(CatalogUser caller);

/* Gives a column, counted from 1, of one of the query's rows, counted from 0. */
extern Datum owner_query_column(uint64 row, int number, bool *null);

/* Runs a query that gives at most one bigint; 0 for none or NULL. */
extern int64 owner_query_bigint(const char *query, int arguments, Oid *types,
								Datum *values);

#endif
