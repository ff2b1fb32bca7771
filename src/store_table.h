/*
 * store_table.h: writes many rows of one of the extension's tables, as COPY does.
 */
#ifndef SMSTRACK_STORE_TABLE_H
#define SMSTRACK_STORE_TABLE_H

#include "postgres.h"

#include "catalog.h"
#include "executor/tuptable.h"

typedef struct TableWriter TableWriter;

/* Opens a table for rows of so many columns; rows are written batch by batch. */
extern TableWriter *table_writer_open(CatalogRelation relation, int columns, int batch);

/*
 * Gives the next row to fill: all values, and nulls, which are set. What the values point
 * to must live until the rows are flushed. table_writer_add enters the row.
 */
extern TupleTableSlot *table_writer_row(TableWriter *writer);
extern void table_writer_add(TableWriter *writer);

extern bool table_writer_is_full(const TableWriter *writer);
extern void table_writer_flush(TableWriter *writer);
extern void table_writer_close(TableWriter *writer);

#endif
