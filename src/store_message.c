/*
 * store_message.c: writes messages, and the idempotency keys they are prepared under.
 *
 * A message goes straight to the heap and its indexes where the table is as the extension
 * made it (a third of the cost of a plan per row); where somebody has added triggers,
 * columns or indexes of other kinds, or Citus has distributed the table, through SPI.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "message.h"
#include "store.h"
#include "store_run.h"

/* Tells whether an index can be filled without the executor's help. */
static bool
index_is_simple(Relation index)
{
	return index->rd_index->indimmediate && index->rd_index->indisready &&
		   RelationGetIndexExpressions(index) == NIL &&
		   RelationGetIndexPredicate(index) == NIL && !index->rd_index->indisexclusion;
}

/* Tells whether Citus may have distributed our tables; asked once a statement. */
static bool
citus_is_installed(void)
{
	static TimestampTz asked;
	static bool installed;

	if (asked != GetCurrentStatementStartTimestamp())
	{
		installed = OidIsValid(get_extension_oid("citus", true));
		asked = GetCurrentStatementStartTimestamp();
	}
	return installed;
}

/* Tells whether rows may go straight to the table. */
static bool
table_is_plain(Relation relation)
{
	return relation->rd_rel->relkind == RELKIND_RELATION && relation->trigdesc == NULL &&
		   relation->rd_rel->relhasrules == false &&
		   RelationGetNumberOfAttributes(relation) == MESSAGE_COLUMNS &&
		   !citus_is_installed();
}

/* Fills one index; a duplicate key is an error of the index itself. */
static void
insert_into_index(Relation relation, Relation index, TupleTableSlot *slot)
{
	IndexInfo *info = BuildIndexInfo(index);
	Datum values[INDEX_MAX_KEYS];
	bool nulls[INDEX_MAX_KEYS];

	FormIndexDatum(info, slot, NULL, values, nulls);
	index_insert(index, values, nulls, &slot->tts_tid, relation,
				 index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false,
				 info);
}

/* Inserts into table and indexes; false, before anything is written, if it must not. */
static bool
insert_directly(Relation relation, Datum *values, bool *nulls)
{
	List *index_oids;
	Relation indexes[8];
	int count = 0;
	bool simple = true;
	TupleTableSlot *slot;
	ListCell *cell;

	if (!table_is_plain(relation))
		return false;
	index_oids = RelationGetIndexList(relation);
	if (list_length(index_oids) > (int) lengthof(indexes))
		return false;
	foreach (cell, index_oids)
	{
		indexes[count] = index_open(lfirst_oid(cell), RowExclusiveLock);
		simple = simple && index_is_simple(indexes[count]);
		count++;
	}

	if (simple)
	{
		slot = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsHeapTuple);
		ExecStoreHeapTuple(heap_form_tuple(RelationGetDescr(relation), values, nulls), slot,
						   false);
		table_tuple_insert(relation, slot, GetCurrentCommandId(true), 0, NULL);
		for (int i = 0; i < count; i++)
			insert_into_index(relation, indexes[i], slot);
		ExecDropSingleTupleTableSlot(slot);
	}
	while (count > 0)
		index_close(indexes[--count], NoLock);
	list_free(index_oids);
	return simple;
}

/* Columns of a new message that are not left to their defaults. */
static void
message_values(const NewMessage *message, Datum *values, bool *nulls)
{
	memset(nulls, true, MESSAGE_COLUMNS);
#define SET(column, datum) \
	(values[(column) - 1] = (datum), nulls[(column) - 1] = false)
#define SET_POINTER(column, pointer) \
	(values[(column) - 1] = PointerGetDatum(pointer), \
	 nulls[(column) - 1] = (pointer) == NULL)
	SET(MESSAGE_ID, Int64GetDatum(message->message_id));
	SET(MESSAGE_CREATED_AT, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	SET(MESSAGE_LINK_DOMAIN, Int32GetDatum(message->link_domain));
	SET(MESSAGE_VIEWED_LINKS, Int32GetDatum(0));
	SET(MESSAGE_CLICKED_LINKS, Int32GetDatum(0));
	SET(MESSAGE_LINKS, Int16GetDatum(message->links));
	SET(MESSAGE_CODE_LENGTH, Int16GetDatum(message->code_length));
	SET(MESSAGE_SEGMENTS_BEFORE, Int16GetDatum(message->segments_before));
	SET(MESSAGE_SEGMENTS_AFTER, Int16GetDatum(message->segments_after));
	SET(MESSAGE_ENCODING_BEFORE, CharGetDatum(message->encoding_before));
	SET(MESSAGE_ENCODING_AFTER, CharGetDatum(message->encoding_after));
	SET(MESSAGE_STATUS, CharGetDatum('p'));
	SET(MESSAGE_TEST, BoolGetDatum(false));
	SET_POINTER(MESSAGE_RECIPIENT, message->recipient);
	SET_POINTER(MESSAGE_TARGET_URLS, message->target_urls);
	SET_POINTER(MESSAGE_LABEL, message->label);
	SET_POINTER(MESSAGE_BODY, message->body);
#undef SET
#undef SET_POINTER
}

/* Inserts a message by a plan; triggers, rules and distributed tables get their due. */
static void
insert_by_plan(Datum *values, const bool *nulls)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.message (message_id, created_at, link_domain, links,"
				 " code_length, segments_before, segments_after, encoding_before,"
				 " encoding_after, recipient, target_urls, label, body) "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		.arguments = 13,
		.types = {INT8OID, TIMESTAMPTZOID, INT4OID, INT2OID, INT2OID, INT2OID, INT2OID,
				  CHAROID, CHAROID, TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID}};
	static const MessageColumn columns[] = {
		MESSAGE_ID, MESSAGE_CREATED_AT, MESSAGE_LINK_DOMAIN, MESSAGE_LINKS,
		MESSAGE_CODE_LENGTH, MESSAGE_SEGMENTS_BEFORE, MESSAGE_SEGMENTS_AFTER,
		MESSAGE_ENCODING_BEFORE, MESSAGE_ENCODING_AFTER, MESSAGE_RECIPIENT,
		MESSAGE_TARGET_URLS, MESSAGE_LABEL, MESSAGE_BODY};
	Datum arguments[lengthof(columns)];
	char argument_nulls[lengthof(columns)];
	CatalogUser caller = catalog_become_owner();

	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		arguments[i] = values[columns[i] - 1];
		argument_nulls[i] = nulls[columns[i] - 1] ? 'n' : ' ';
	}
	SPI_connect();
	store_run(&statement, arguments, argument_nulls);
	SPI_finish();
	catalog_become_caller(caller);
}

/* Stores a prepared message; its commit will be durable whatever the setting says. */
void
store_message(const NewMessage *message)
{
	Relation relation;
	Datum values[MESSAGE_COLUMNS];
	bool nulls[MESSAGE_COLUMNS];
	bool inserted;

	PreventCommandIfReadOnly("preparing a message");
	message_values(message, values, nulls);
	relation = table_open(catalog_relation(CATALOG_MESSAGE), RowExclusiveLock);
	inserted = insert_directly(relation, values, nulls);
	table_close(relation, NoLock);
	if (!inserted)
		insert_by_plan(values, nulls);
	ForceSyncCommit();
}

/*
 * Claims an idempotency key for a message. Gives that message's id, or the id of the
 * message that holds the key; *same tells whether that was asked for the same.
 */
int64
store_idempotency_key(const char *account, text *key, bytea *fingerprint, int64 message_id,
					  bool *same)
{
	static StoreStatement claim = {
		.query = "INSERT INTO smstrack.idempotency (account, key, message_id, fingerprint) "
				 "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		.arguments = 4,
		.types = {TEXTOID, TEXTOID, INT8OID, BYTEAOID}};
	static StoreStatement holder = {
		.query = "SELECT message_id, fingerprint = $3 FROM smstrack.idempotency "
				 "WHERE account = $1 AND key = $2",
		.arguments = 3,
		.types = {TEXTOID, TEXTOID, BYTEAOID}};
	Datum claimed[] = {CStringGetTextDatum(account), PointerGetDatum(key),
					   Int64GetDatum(message_id), PointerGetDatum(fingerprint)};
	Datum asked[] = {claimed[0], claimed[1], claimed[3]};
	CatalogUser caller = catalog_become_owner();
	bool null;

	SPI_connect();
	*same = true;
	if (store_run(&claim, claimed, NULL) == 0)
	{
		if (store_run(&holder, asked, NULL) != 1)
			elog(ERROR, "idempotency key vanished");
		message_id = DatumGetInt64(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
		*same = DatumGetBool(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &null));
	}
	SPI_finish();
	catalog_become_caller(caller);
	return message_id;
}
