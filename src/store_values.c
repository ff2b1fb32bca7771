/*
 * store_values.c: inserts rows by one statement with a list of VALUES.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "lib/stringinfo.h"

#include "store_values.h"

/* Writes ($1, $2), ($3, $4) and so on. */
static void
append_list(StringInfo query, int rows, int columns)
{
	int parameter = 1;

	for (int row = 0; row < rows; row++)
	{
		appendStringInfoString(query, row > 0 ? "), (" : "(");
		for (int column = 0; column < columns; column++)
			appendStringInfo(query, "%s$%d", column > 0 ? ", " : "", parameter++);
	}
	appendStringInfoChar(query, ')');
}

void
store_values(const ValuesStatement *statement, void *rows, int count, InsertRow row)
{
	Size cells = (Size) statement->columns * (Size) count;
	Datum *values = palloc(sizeof(Datum) * cells);
	Oid *types = palloc(sizeof(Oid) * cells);
	char *nulls = palloc(cells);
	bool *row_nulls = palloc((Size) statement->columns);
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfoString(&query, statement->before);
	append_list(&query, count, statement->columns);
	appendStringInfoString(&query, statement->after);
	for (int i = 0; i < count; i++)
	{
		int first = i * statement->columns;

		row(rows, i, values + first, row_nulls);
		for (int column = 0; column < statement->columns; column++)
		{
			nulls[first + column] = row_nulls[column] ? 'n' : ' ';
			types[first + column] = statement->types[column];
		}
	}
	if (SPI_execute_with_args(query.data, (int) cells, types, values, nulls, false, 0) < 0)
		elog(ERROR, "could not execute: %s", statement->before);
	pfree(query.data);
}
