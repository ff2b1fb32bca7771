/*
 * owner_query.c: reads the extension's own tables as their owner. What is read is cached
 * by most callers, so it is the newest: an older snapshot of the transaction's would leave
 * in the cache what no invalidation removes again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "owner_query.h"

Snapshot
owner_query_snapshot(void)
{
	/* the latest one is not to be had in parallel mode, one for a catalog is */
	return IsInParallelMode() ? GetCatalogSnapshot(catalog_relation(CATALOG_MESSAGE))
							  : GetLatestSnapshot();
}

/* Runs a query; until owner_query_end its rows are in SPI's table, by-reference values too. */
CatalogUser
owner_query_begin(const char *query, int arguments, Oid *types, Datum *values)
{
	CatalogUser caller = catalog_become_owner();

	PushActiveSnapshot(owner_query_snapshot());
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
owner_query_column(int number, bool *null)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number, null);
}

bool
owner_query_bool(int number)
{
	bool null;
	Datum value = owner_query_column(number, &null);

	return !null && DatumGetBool(value);
}

int32
owner_query_int(int number)
{
	bool null;
	Datum value = owner_query_column(number, &null);

	return null ? 0 : DatumGetInt32(value);
}

/* Copies a text; in SPI's memory it would be gone at the query's end. */
char *
owner_query_text(int number, MemoryContext context)
{
	bool null;
	Datum value = owner_query_column(number, &null);

	return null ? NULL : MemoryContextStrdup(context, TextDatumGetCString(value));
}

/* Reads an interval; false where it is NULL. */
bool
owner_query_interval(int number, Interval *interval)
{
	bool null;
	Datum value = owner_query_column(number, &null);

	if (!null)
		*interval = *DatumGetIntervalP(value);
	return !null;
}

int64
owner_query_bigint(const char *query, int arguments, Oid *types, Datum *values)
{
	CatalogUser caller = owner_query_begin(query, arguments, types, values);
	bool null = true;
	Datum value = 0;
	int64 result;

	if (SPI_processed > 0)
		value = owner_query_column(1, &null);
	result = null ? 0 : DatumGetInt64(value);
	owner_query_end(caller);
	return result;
}
