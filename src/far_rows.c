/*
 * far_rows.c: fetches rows of messages and hits that Citus has put on other nodes. A
 * statement that joins them to tables that are here, in a way that Citus does not know
 * how to part among nodes, gets them as an argument.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "far_rows.h"

Oid
far_rows_type(CatalogRelation table)
{
	return get_array_type(get_rel_type_id(catalog_relation(table)));
}

/* Makes an array of the rows that a query has given, of all columns of a table. */
static Datum
rows_as_array(CatalogRelation table)
{
	Oid type = get_rel_type_id(catalog_relation(table));
	int count = (int) SPI_processed;
	Datum *rows = MemoryContextAllocHuge(CurrentMemoryContext,
										 sizeof(Datum) * (Size) Max(count, 1));
	Datum array;

	for (int i = 0; i < count; i++)
	{
		rows[i] = heap_copy_tuple_as_datum(SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		HeapTupleHeaderSetTypeId(DatumGetHeapTupleHeader(rows[i]), type);
		HeapTupleHeaderSetTypMod(DatumGetHeapTupleHeader(rows[i]), -1);
	}
	array =
		PointerGetDatum(construct_array(rows, count, type, -1, false, TYPALIGN_DOUBLE));
	SPI_freetuptable(SPI_tuptable);
	return array;
}

static void
run(const char *query, int arguments, Datum *values)
{
	Oid types[] = {INT8ARRAYOID, CHAROID};

	if (SPI_execute_with_args(query, arguments, types, values, NULL, false, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", query);
}

Datum
far_messages(Datum message_ids)
{
	run("SELECT m.* FROM smstrack.message AS m WHERE m.message_id = ANY ($1)", 1,
		&message_ids);
	return rows_as_array(CATALOG_MESSAGE);
}

Datum
far_hits(Datum message_ids, char hit_class)
{
	Datum values[] = {message_ids, CharGetDatum(hit_class)};

	run("SELECT h.* FROM smstrack.hit AS h WHERE h.message_id = ANY ($1)"
		" AND (h.class = $2 OR $2 = '')",
		2, values);
	return rows_as_array(CATALOG_HIT);
}
