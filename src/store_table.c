/*
 * store_table.c: rows go straight to the heap and its indexes where the table is as the
 * extension made it (a third of the cost of a plan a row); where somebody has added
 * triggers, columns or indexes of other kinds, or Citus has distributed the table,
 * through SPI.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_type_d.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "store_nodes.h"
#include "store_plain.h"
#include "store_table.h"

#define INDEXES_MAX 8

struct TableWriter
{
	Relation relation;
	CatalogRelation number;
	int columns;
	bool direct;
	Relation indexes[INDEXES_MAX];
	IndexInfo *infos[INDEXES_MAX];
	int index_count;
	TupleTableSlot **rows;
	int size;
	int used;
};

/* Plans of tables that are not plain, of one row and of many, kept for the backend. */
static SPIPlanPtr plans[CATALOG_RELATIONS];
static SPIPlanPtr plans_of_many[CATALOG_RELATIONS];

/* Opens the indexes; false if one of them needs the executor. */
static bool
open_indexes(TableWriter *writer)
{
	List *oids = RelationGetIndexList(writer->relation);
	bool simple = list_length(oids) <= INDEXES_MAX;
	ListCell *cell;

	if (simple)
		foreach (cell, oids)
		{
			Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);

			simple = simple && store_index_is_simple(index);
			writer->indexes[writer->index_count] = index;
			writer->infos[writer->index_count++] = BuildIndexInfo(index);
		}
	list_free(oids);
	return simple;
}

static void
close_indexes(TableWriter *writer)
{
	while (writer->index_count > 0)
	{
		Relation index = writer->indexes[--writer->index_count];

		index_insert_cleanup(index, writer->infos[writer->index_count]);
		index_close(index, NoLock);
	}
}

TableWriter *
table_writer_open(CatalogRelation number, int columns, int batch)
{
	TableWriter *writer = palloc0(sizeof(TableWriter));
	TupleDesc descriptor;

	writer->number = number;
	writer->columns = columns;
	writer->relation = table_open(catalog_relation(number), RowExclusiveLock);
	descriptor = RelationGetDescr(writer->relation);
	if (descriptor->natts < columns)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table smstrack.%s was altered",
							   RelationGetRelationName(writer->relation)),
						errdetail("Some of its columns are missing.")));
	writer->direct = RelationGetNumberOfAttributes(writer->relation) == columns &&
					 store_is_plain(writer->relation) && open_indexes(writer);
	if (!writer->direct)
		close_indexes(writer);

	writer->size = batch;
	writer->rows = palloc(sizeof(TupleTableSlot *) * (Size) batch);
	for (int i = 0; i < batch; i++)
		writer->rows[i] = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
	return writer;
}

TupleTableSlot *
table_writer_row(TableWriter *writer)
{
	TupleTableSlot *row = writer->rows[writer->used];

	ExecClearTuple(row);
	memset(row->tts_isnull, true, (Size) row->tts_tupleDescriptor->natts);
	return row;
}

void
table_writer_add(TableWriter *writer)
{
	ExecStoreVirtualTuple(writer->rows[writer->used++]);
}

bool
table_writer_is_full(const TableWriter *writer)
{
	return writer->used == writer->size;
}

/* Fills one index; a duplicate key is an error of the index itself. */
static void
fill_index(TableWriter *writer, int number)
{
	Relation index = writer->indexes[number];
	IndexUniqueCheck check =
		index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
	Datum values[INDEX_MAX_KEYS];
	bool nulls[INDEX_MAX_KEYS];

	for (int i = 0; i < writer->used; i++)
	{
		FormIndexDatum(writer->infos[number], writer->rows[i], NULL, values, nulls);
		index_insert(index, values, nulls, &writer->rows[i]->tts_tid, writer->relation,
					 check, false, writer->infos[number]);
	}
}

static void
insert_directly(TableWriter *writer)
{
	CommandId command = GetCurrentCommandId(true);

	if (writer->used == 1)
		table_tuple_insert(writer->relation, writer->rows[0], command, 0, NULL);
	else
	{
		/* without a bulk insert's ring of buffers: it would write out what is read soon
		 */
		table_multi_insert(writer->relation, writer->rows, writer->used, command, 0,
						   NULL);
	}
	for (int i = 0; i < writer->index_count; i++)
		fill_index(writer, i);
}

/* Gives the type that a column's values have in an array; an array is there as its text.
 */
static Oid
element_type(Oid type)
{
	return OidIsValid(get_element_type(type)) ? TEXTOID : type;
}

/* Makes the plan that inserts one row, or many as arrays, of the columns that are ours.
 */
static SPIPlanPtr
prepare_plan(const TableWriter *writer, bool many)
{
	TupleDesc descriptor = RelationGetDescr(writer->relation);
	Oid *types = palloc(sizeof(Oid) * (Size) writer->columns);
	const char *table = RelationGetRelationName(writer->relation);
	StringInfoData names;
	StringInfoData parameters;
	StringInfoData selected;
	SPIPlanPtr plan;

	initStringInfo(&names);
	initStringInfo(&parameters);
	initStringInfo(&selected);
	for (int i = 0; i < writer->columns; i++)
	{
		Form_pg_attribute column = TupleDescAttr(descriptor, i);
		const char *comma = i > 0 ? ", " : "";
		const char *name = quote_identifier(NameStr(column->attname));

		types[i] = column->atttypid;
		if (many)
			types[i] = get_array_type(element_type(types[i]));
		appendStringInfo(&names, "%s%s", comma, name);
		appendStringInfo(&parameters, "%s$%d", comma, i + 1);
		appendStringInfo(&selected, "%sr.%s::%s", comma, name,
						 format_type_be(column->atttypid));
	}
	plan = SPI_prepare(
		many
			? psprintf("INSERT INTO smstrack.%s (%s) SELECT %s FROM unnest(%s) AS r (%s)",
					   table, names.data, selected.data, parameters.data, names.data)
			: psprintf("INSERT INTO smstrack.%s (%s) VALUES (%s)", table, names.data,
					   parameters.data),
		writer->columns, types);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare an insert into smstrack.%s", table);
	return plan;
}

/* Gives a plan's arguments: the columns of one row. */
static void
row_arguments(const TableWriter *writer, Datum *values, char *nulls)
{
	for (int i = 0; i < writer->columns; i++)
	{
		values[i] = writer->rows[0]->tts_values[i];
		nulls[i] = writer->rows[0]->tts_isnull[i] ? 'n' : ' ';
	}
}

/* Makes an array of the rows' values in a column. */
static Datum
column_array(const TableWriter *writer, int column, Oid type)
{
	Size count = (Size) writer->used;
	Datum *values = palloc(sizeof(Datum) * count);
	bool *nulls = palloc(count);
	Oid element = element_type(type);
	Oid output;
	bool is_varlena;
	int16 length;
	bool by_value;
	char align;
	int lower = 1;

	getTypeOutputInfo(type, &output, &is_varlena);
	get_typlenbyvalalign(element, &length, &by_value, &align);
	for (int i = 0; i < writer->used; i++)
	{
		values[i] = writer->rows[i]->tts_values[column];
		nulls[i] = writer->rows[i]->tts_isnull[column];
		if (element != type && !nulls[i])
			values[i] = CStringGetTextDatum(OidOutputFunctionCall(output, values[i]));
	}
	return PointerGetDatum(construct_md_array(values, nulls, 1, (int *) &writer->used,
											  &lower, element, length, by_value, align));
}

/* Gives a plan's arguments: an array of each column. */
static void
column_arguments(const TableWriter *writer, Datum *values, char *nulls)
{
	TupleDesc descriptor = RelationGetDescr(writer->relation);

	for (int i = 0; i < writer->columns; i++)
	{
		values[i] = column_array(writer, i, TupleDescAttr(descriptor, i)->atttypid);
		nulls[i] = ' ';
	}
}

/* Inserts by a plan; triggers, rules and distributed tables get their due. */
static void
insert_by_plan(TableWriter *writer)
{
	bool many = writer->used > 1;
	SPIPlanPtr *plan = many ? &plans_of_many[writer->number] : &plans[writer->number];
	Datum *values = palloc(sizeof(Datum) * (Size) writer->columns);
	char *nulls = palloc((Size) writer->columns);
	CatalogUser caller = catalog_become_owner();

	(many ? column_arguments : row_arguments)(writer, values, nulls);
	SPI_connect();
	if (*plan == NULL)
		*plan = prepare_plan(writer, many);
	store_on_all_nodes();
	if (SPI_execute_plan(*plan, values, nulls, false, 0) < 0)
		elog(ERROR, "could not insert into smstrack.%s",
			 RelationGetRelationName(writer->relation));
	SPI_finish();
	catalog_become_caller(caller);
}

static bool
rows_fit(const TableWriter *writer)
{
	for (int i = 0; i < writer->used; i++)
		if (!store_row_fits(writer->relation, writer->rows[i]))
			return false;
	return true;
}

void
table_writer_flush(TableWriter *writer)
{
	if (writer->used == 0)
		return;
	if (writer->direct && rows_fit(writer))
		insert_directly(writer);
	else
		insert_by_plan(writer);
	writer->used = 0;
}

/* Writes what is left, and closes the table; its lock stays until the transaction's end.
 */
void
table_writer_close(TableWriter *writer)
{
	table_writer_flush(writer);
	for (int i = 0; i < writer->size; i++)
		ExecDropSingleTupleTableSlot(writer->rows[i]);
	close_indexes(writer);
	table_close(writer->relation, NoLock);
	pfree(writer);
}
