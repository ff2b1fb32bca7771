/*
 * audience.c: a cursor over the user's table or view, run with the caller's rights. The
 * server sorts, on disk where it must; what is invalid comes first, marked by a byte that
 * no recipient begins with.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "audience.h"
#include "settings.h"

/* Rows fetched at a time. */
#define FETCH 1000

struct Audience
{
	Portal portal;
	MemoryContext rows_context; /* holds what belongs to the rows that were fetched */
	int column_count;
	uint64 at;
	uint64 fetched;
	SPITupleTable *table;
	Datum *datums;
	bool *nulls;
	TemplateValue *values;
};

static char *
relation_name(Oid relation)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
									  get_rel_name(relation));
}

void
audience_check_column(Oid relation, const char *column, const char *variant)
{
	if (get_attnum(relation, column) > 0)
		return;
	if (variant == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("audience %s has no column \"%s\"",
							   relation_name(relation), column),
						errhint("An audience is a table or view with a column "
								"\"recipient\".")));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("audience %s has no column \"%s\"", relation_name(relation), column),
			 errdetail("Variant \"%s\" has the merge field {{%s}}.", variant, column),
			 errhint("Add the column, or write \\{{ where brackets are meant.")));
}

void
audience_check(Oid relation)
{
	char kind;

	/* else it could be dropped while the launch waits for others */
	LockRelationOid(relation, AccessShareLock);
	kind = get_rel_relkind(relation);
	if (kind == '\0' || strchr("rvmpf", kind) == NULL)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("audience is no table or view"),
						errhint("Give a table or view with a column \"recipient\".")));
	audience_check_column(relation, "recipient", NULL);
}

/* Writes the query; values that need no sorting are carried along as text. */
static char *
audience_query(Oid relation, char **columns, int column_count)
{
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query,
					 "SELECT smstrack.audience_order(a.recipient::pg_catalog.text, %s)",
					 quote_literal_cstr(setting_calling_code));
	for (int i = 0; i < column_count; i++)
		appendStringInfo(&query, ", a.%s::pg_catalog.text", quote_identifier(columns[i]));
	appendStringInfo(&query, " FROM %s AS a ORDER BY 1", relation_name(relation));
	return query.data;
}

Audience *
audience_open(Oid relation, char **columns, int column_count, bool read_only)
{
	Audience *audience = palloc0(sizeof(Audience));
	char *query;

	query = audience_query(relation, columns, column_count);
	audience->column_count = column_count;
	audience->datums = palloc(sizeof(Datum) * (Size) (column_count + 1));
	audience->nulls = palloc(sizeof(bool) * (Size) (column_count + 1));
	audience->values = palloc0(sizeof(TemplateValue) * (Size) (column_count + 1));
	audience->rows_context = AllocSetContextCreate(
		CurrentMemoryContext, "smstrack audience", ALLOCSET_DEFAULT_SIZES);
	audience->portal = SPI_cursor_open_with_args(NULL, query, 0, NULL, NULL, NULL,
												 read_only, CURSOR_OPT_PARALLEL_OK);
	return audience;
}

/* Fetches the next rows; false at the end. */
static bool
fetch(Audience *audience)
{
	if (audience->table != NULL)
		SPI_freetuptable(audience->table);
	MemoryContextReset(audience->rows_context);
	SPI_cursor_fetch(audience->portal, true, FETCH);
	audience->table = SPI_tuptable;
	audience->fetched = SPI_processed;
	audience->at = 0;
	return audience->fetched > 0;
}

/* Gives a column as UTF-8. */
static void
read_value(Audience *audience, int number, TemplateValue *value)
{
	text *server;
	char *utf8;

	*value = (TemplateValue){NULL, 0};
	if (audience->nulls[number])
		return;
	server = DatumGetTextPP(audience->datums[number]);
	value->length = VARSIZE_ANY_EXHDR(server);
	utf8 = pg_server_to_any(VARDATA_ANY(server), (int) value->length, PG_UTF8);
	if (utf8 != VARDATA_ANY(server))
		value->length = strlen(utf8);
	value->text = utf8;
}

/* Takes the recipient out of what the audience is sorted by. */
static void
read_recipient(const Audience *audience, AudienceRow *row)
{
	const bytea *key;
	const char *bytes;
	int length;

	row->valid = !audience->nulls[0];
	row->recipient = NULL;
	if (!row->valid)
		return;
	key = DatumGetByteaPP(audience->datums[0]);
	bytes = VARDATA_ANY(key) + AUDIENCE_ORDER_BYTES;
	length = (int) VARSIZE_ANY_EXHDR(key) - AUDIENCE_ORDER_BYTES;
	row->valid = length > 0 && bytes[0] != AUDIENCE_INVALID_MARK;
	row->recipient = row->valid ? cstring_to_text_with_len(bytes, length)
								: cstring_to_text_with_len(bytes + 1, length - 1);
}

bool
audience_next(Audience *audience, AudienceRow *row)
{
	MemoryContext former;

	if (audience->at == audience->fetched && !fetch(audience))
		return false;
	former = MemoryContextSwitchTo(audience->rows_context);
	heap_deform_tuple(audience->table->vals[audience->at++], audience->table->tupdesc,
					  audience->datums, audience->nulls);
	read_recipient(audience, row);
	for (int i = 0; i < audience->column_count; i++)
		read_value(audience, i + 1, &audience->values[i]);
	row->values = audience->values;
	MemoryContextSwitchTo(former);
	return true;
}

void
audience_close(Audience *audience)
{
	if (audience->table != NULL)
		SPI_freetuptable(audience->table);
	SPI_cursor_close(audience->portal);
	MemoryContextDelete(audience->rows_context);
}
