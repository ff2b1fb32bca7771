/*
 * message.c: reads messages by their ids, straight from the primary key's index; and what
 * a new one says of its segments and country.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/bufmgr.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "core/country.h"
#include "message.h"

static char
encoding_letter(const SegmentCount *count)
{
	return count->encoding == SEGMENT_GSM7 ? 'g' : 'u';
}

/* Fills in segments; beyond 255 no phone takes them, so that a clamped count does. */
void
message_set_segments(NewMessage *message, const SegmentCount *before,
					 const SegmentCount *after)
{
	message->segments_before = (int16) Min(before->segments, PG_INT16_MAX);
	message->segments_after = (int16) Min(after->segments, PG_INT16_MAX);
	message->encoding_before = encoding_letter(before);
	message->encoding_after = encoding_letter(after);
}

/* Tells whether a number begins with + and as many digits as a country may have. */
static bool
begins_with_country(const char *number, size_t length)
{
	if (length <= COUNTRY_PREFIX_MAX || number[0] != '+')
		return false;
	for (int i = 1; i <= COUNTRY_PREFIX_MAX; i++)
		if (number[i] < '0' || number[i] > '9')
			return false;
	return true;
}

/*
 * Fills in the country of a recipient, who is perhaps not kept himself. An audience is
 * sorted: most often the number begins as the one before.
 */
void
message_set_country(NewMessage *message, const text *recipient)
{
	static char last[COUNTRY_PREFIX_MAX + 1];
	static int16 last_country;
	const char *number = VARDATA_ANY(recipient);
	size_t length = VARSIZE_ANY_EXHDR(recipient);

	if (length > COUNTRY_PREFIX_MAX && memcmp(number, last, sizeof(last)) == 0)
	{
		message->country = last_country;
		return;
	}
	message->country = (int16) country_of_number(number, length);
	if (!begins_with_country(number, length))
		return;
	memcpy(last, number, sizeof(last));
	last_country = message->country;
}

/* Gives what is needed of a row, which has to stay where it is. */
void
message_read(HeapTuple tuple, TupleDesc descriptor, FoundMessage *found)
{
	/* the table may have columns of the user's behind ours */
	Datum *values = palloc((Size) descriptor->natts * sizeof(Datum));
	bool *nulls = palloc((Size) descriptor->natts * sizeof(bool));

#define VALUE(column)	values[(column) -1]
#define IS_NULL(column) nulls[(column) -1]
	heap_deform_tuple(tuple, descriptor, values, nulls);
	found->message_id = DatumGetInt64(VALUE(MESSAGE_ID));
	found->created_at = DatumGetTimestampTz(VALUE(MESSAGE_CREATED_AT));
	found->sent_at =
		IS_NULL(MESSAGE_SENT_AT) ? 0 : DatumGetTimestampTz(VALUE(MESSAGE_SENT_AT));
	found->link_domain = DatumGetInt32(VALUE(MESSAGE_LINK_DOMAIN));
	found->campaign =
		IS_NULL(MESSAGE_CAMPAIGN) ? 0 : DatumGetInt32(VALUE(MESSAGE_CAMPAIGN));
	found->variant = IS_NULL(MESSAGE_VARIANT) ? 0 : DatumGetInt32(VALUE(MESSAGE_VARIANT));
	found->viewed_links = DatumGetInt32(VALUE(MESSAGE_VIEWED_LINKS));
	found->clicked_links = DatumGetInt32(VALUE(MESSAGE_CLICKED_LINKS));
	found->first_view_at = IS_NULL(MESSAGE_FIRST_VIEW_AT)
							   ? DT_NOEND
							   : DatumGetTimestampTz(VALUE(MESSAGE_FIRST_VIEW_AT));
	found->first_click_at = IS_NULL(MESSAGE_FIRST_CLICK_AT)
								? DT_NOEND
								: DatumGetTimestampTz(VALUE(MESSAGE_FIRST_CLICK_AT));
	found->test = DatumGetBool(VALUE(MESSAGE_TEST));
	found->recipient =
		IS_NULL(MESSAGE_RECIPIENT) ? NULL : DatumGetTextPP(VALUE(MESSAGE_RECIPIENT));
	found->tuple = tuple;
	found->tid = tuple->t_self;
	found->links = DatumGetInt16(VALUE(MESSAGE_LINKS));
	found->code_length = DatumGetInt16(VALUE(MESSAGE_CODE_LENGTH));
	found->target_urls = IS_NULL(MESSAGE_TARGET_URLS)
							 ? NULL
							 : DatumGetArrayTypeP(VALUE(MESSAGE_TARGET_URLS));
#undef VALUE
#undef IS_NULL
	pfree(values);
	pfree(nulls);
}

/* The table and its primary key, open for many look-ups. */
struct MessageReader
{
	bool by_plan;  /* the rows may be on other nodes, or not in a heap */
	HTAB *fetched; /* NULL: nothing was asked for ahead */
	Relation relation;
	Relation index;
	Snapshot snapshot;
	IndexScanDesc scan;
};

/* A message that was asked for ahead. */
typedef struct FetchedMessage
{
	int64 message_id;
	bool exists;
	FoundMessage found;
} FetchedMessage;

/* Opens the messages that a snapshot shows. */
MessageReader *
message_reader_open(Snapshot snapshot)
{
	MessageReader *reader = palloc(sizeof(MessageReader));
	Oid index;

	reader->relation = table_open(catalog_relation(CATALOG_MESSAGE), AccessShareLock);
	index = RelationGetPrimaryKeyIndex(reader->relation, false);
	if (RelationGetNumberOfAttributes(reader->relation) < MESSAGE_COLUMNS ||
		!OidIsValid(index))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table smstrack.message was altered"),
						errdetail("Its columns or its primary key are missing.")));
	reader->by_plan = catalog_is_distributed() ||
					  reader->relation->rd_tableam != GetHeapamTableAmRoutine();
	reader->index = index_open(index, AccessShareLock);
	reader->fetched = NULL;
	reader->snapshot = snapshot;
	reader->scan = index_beginscan(reader->relation, reader->index, snapshot, NULL, 1, 0);
	return reader;
}

/* Runs a query of messages as their owner; SPI_finish and the caller's role are next. */
static CatalogUser
query_messages(const char *query, SPIPlanPtr *plan, Oid type, Datum value)
{
	CatalogUser caller = catalog_become_owner();

	SPI_connect();
	if (*plan == NULL)
	{
		SPIPlanPtr made = SPI_prepare(query, 1, &type);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare the look-up of a message");
		*plan = made;
	}
	if (SPI_execute_plan(*plan, &value, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look up a message");
	return caller;
}

/* Copies a row of query_messages into the caller's context. */
static void
read_row(uint64 row, MemoryContext context, FoundMessage *found)
{
	MemoryContext old = MemoryContextSwitchTo(context);

	message_read(heap_copytuple(SPI_tuptable->vals[row]), SPI_tuptable->tupdesc, found);
	MemoryContextSwitchTo(old);
}

/* Reads a message's row, wherever it is. */
static bool
find_by_plan(int64 message_id, FoundMessage *found)
{
	static SPIPlanPtr plan;
	MemoryContext context = CurrentMemoryContext;
	CatalogUser caller = query_messages(
		"SELECT m.* FROM smstrack.message AS m WHERE m.message_id = $1", &plan, INT8OID,
		Int64GetDatum(message_id));
	bool exists = SPI_processed > 0;

	if (exists)
		read_row(0, context, found);
	SPI_finish();
	catalog_become_caller(caller);
	return exists;
}

bool
message_reader_is_far(const MessageReader *reader)
{
	return reader->by_plan;
}

void
message_reader_fetch(MessageReader *reader, const int64 *ids, int count)
{
	static SPIPlanPtr plan;
	HASHCTL control = {.keysize = sizeof(int64),
					   .entrysize = sizeof(FetchedMessage),
					   .hcxt = CurrentMemoryContext};
	MemoryContext context = CurrentMemoryContext;
	Datum *values = palloc(sizeof(Datum) * (Size) Max(count, 1));
	CatalogUser caller;

	reader->fetched = hash_create("smstrack messages asked for ahead", Max(count, 1),
								  &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (int i = 0; i < count; i++)
	{
		FetchedMessage *fetched =
			hash_search(reader->fetched, &ids[i], HASH_ENTER, NULL);

		fetched->exists = false;
		values[i] = Int64GetDatum(ids[i]);
	}
	caller = query_messages(
		"SELECT m.* FROM smstrack.message AS m WHERE m.message_id = ANY ($1)", &plan,
		INT8ARRAYOID,
		PointerGetDatum(
			construct_array(values, count, INT8OID, 8, true, TYPALIGN_DOUBLE)));
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		FoundMessage found;
		FetchedMessage *fetched;

		read_row(row, context, &found);
		fetched = hash_search(reader->fetched, &found.message_id, HASH_FIND, NULL);
		fetched->exists = true;
		fetched->found = found;
	}
	SPI_finish();
	catalog_become_caller(caller);
}

/* Finds a message among those that were asked for ahead, or by itself. */
static bool
find_far(MessageReader *reader, int64 message_id, FoundMessage *found)
{
	FetchedMessage *fetched = NULL;

	if (reader->fetched != NULL)
		fetched = hash_search(reader->fetched, &message_id, HASH_FIND, NULL);
	if (fetched == NULL)
		return find_by_plan(message_id, found);
	*found = fetched->found;
	return fetched->exists;
}

/*
 * Copies the version of a row that a snapshot shows; NULL if there is none. The executor
 * would prune the page first, which for a click costs more than the look-up: whoever
 * updates the row does it where there is no room (store_row.c).
 */
static HeapTuple
copy_version(Relation relation, ItemPointerData row, Snapshot snapshot)
{
	Buffer buffer = ReadBuffer(relation, ItemPointerGetBlockNumber(&row));
	HeapTuple copy = NULL;
	HeapTupleData tuple;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	if (heap_hot_search_buffer(&row, relation, buffer, snapshot, &tuple, NULL, true))
		copy = heap_copytuple(&tuple);
	UnlockReleaseBuffer(buffer);
	return copy;
}

static bool
find_by_index(MessageReader *reader, int64 message_id, FoundMessage *found)
{
	HeapTuple tuple = NULL;
	ItemPointer row;
	ScanKeyData key;

	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(message_id));
	index_rescan(reader->scan, &key, 1, NULL, 0);
	while (tuple == NULL &&
		   (row = index_getnext_tid(reader->scan, ForwardScanDirection)) != NULL)
		tuple = copy_version(reader->relation, *row, reader->snapshot);
	if (tuple != NULL)
		message_read(tuple, RelationGetDescr(reader->relation), found);
	return tuple != NULL;
}

/* Finds a message; false if there is none, or its recipient was forgotten. */
bool
message_reader_find(MessageReader *reader, int64 message_id, FoundMessage *found)
{
	bool exists = reader->by_plan ? find_far(reader, message_id, found)
								  : find_by_index(reader, message_id, found);

	return exists && found->code_length != MESSAGE_FORGOTTEN;
}

void
message_reader_close(MessageReader *reader)
{
	index_endscan(reader->scan);
	index_close(reader->index, AccessShareLock);
	table_close(reader->relation, AccessShareLock);
	pfree(reader);
}

/* Finds one message. */
bool
message_find(int64 message_id, Snapshot snapshot, FoundMessage *found)
{
	MessageReader *reader = message_reader_open(snapshot);
	bool exists = message_reader_find(reader, message_id, found);

	message_reader_close(reader);
	return exists;
}
