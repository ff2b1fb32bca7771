/*
 * owner_query.c: reads the extension's own tables as their owner. What is read is cached
 * by most callers, so it is the newest: an older snapshot of the transaction's would leave
 * in the cache what no invalidation removes again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/snapmgr.h"

#include "owner_query.h"

/* Runs a query; until owner_query_end its rows are in SPI's table, by-reference values too. */
CatalogUser
owner_query_begin(const char *query, int arguments, Oid *types, Datum *values)
{
	CatalogUser caller = catalog_become_owner();

	/* a parallel worker has no snapshot but the leader's */
	PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
	SPI_connect();
	if (SPI_execute_with_args(query, arguments, types, values, NULL, true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "query failed: %s", query);
	return caller;
}

void
owner_query_end(CatalogUser caller)
{
	SPI_finish();
	PopActiveSnapshot();
	catalog_become_caller(caller);
}

Datum
owner_query_column(uint64 row, int number, bool *null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, null);
}

int64
owner_query_bigint(const char *query, int arguments, Oid *types, Datum *values)
{
	CatalogUser caller = owner_query_begin(query, arguments, types, values);
	bool null = true;
	Datum value = 0;
	int64 result;

	if (SPI_processed > 0)
		value = owner_query_column(0, 1, &null);
	result = null ? 0 : DatumGetInt64(value);
	owner_query_end(caller);
	return result;
}
