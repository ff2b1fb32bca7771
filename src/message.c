/*
 * message.c: reads a message by its id, straight from the primary key's index; and what
 * a new one says of its segments and country.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "utils/fmgroids.h"
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

/* Copies what is needed of a row; what is no number, into the caller's context. */
void
message_read(HeapTuple tuple, TupleDesc descriptor, FoundMessage *found)
{
	/* the table may have columns of the user's behind ours */
	Datum *values = palloc((Size) descriptor->natts * sizeof(Datum));
	bool *nulls = palloc((Size) descriptor->natts * sizeof(bool));

#define VALUE(column) values[(column) - 1]
#define IS_NULL(column) nulls[(column) - 1]
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
	found->recipient = IS_NULL(MESSAGE_RECIPIENT)
						   ? NULL
						   : DatumGetTextPCopy(VALUE(MESSAGE_RECIPIENT));
	found->tid = tuple->t_self;
	found->links = DatumGetInt16(VALUE(MESSAGE_LINKS));
	found->code_length = DatumGetInt16(VALUE(MESSAGE_CODE_LENGTH));
	found->target_urls = IS_NULL(MESSAGE_TARGET_URLS)
							 ? NULL
							 : DatumGetArrayTypePCopy(VALUE(MESSAGE_TARGET_URLS));
#undef VALUE
#undef IS_NULL
	pfree(values);
	pfree(nulls);
}

/* Finds a message; false if there is none, or its recipient was forgotten. */
bool
message_find(int64 message_id, Snapshot snapshot, FoundMessage *found)
{
	Relation relation = table_open(catalog_relation(CATALOG_MESSAGE), AccessShareLock);
	Oid index = RelationGetPrimaryKeyIndex(relation, false);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	bool exists;

	if (RelationGetNumberOfAttributes(relation) < MESSAGE_COLUMNS || !OidIsValid(index))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table smstrack.message was altered"),
						errdetail("Its columns or its primary key are missing.")));
	ScanKeyInit(&key, MESSAGE_ID, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(message_id));
	scan = systable_beginscan(relation, index, true, snapshot, 1, &key);
	tuple = systable_getnext(scan);
	exists = HeapTupleIsValid(tuple);
	if (exists)
		message_read(tuple, RelationGetDescr(relation), found);
	exists = exists && found->code_length != MESSAGE_FORGOTTEN;
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return exists;
}
