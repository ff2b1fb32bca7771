/*
 * launched.c: finds a recipient among the messages of a launch without an index on
 * recipients. A launch goes through its audience in byte order and takes ids that ascend:
 * within its ids, its messages are sorted by recipient, and the primary key answers a
 * binary search.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "launched.h"
#include "message.h"

/* Looks at a campaign's messages from an id on. */
typedef struct Search
{
	Relation relation;
	Relation index;
	Snapshot snapshot;
	int32 campaign;
	TimestampTz at;
	const text *recipient;
} Search;

/* Where the message that was looked at stands beside the recipient. */
typedef enum Place
{
	PLACE_NONE, /* there is no message */
	PLACE_BEFORE,
	PLACE_SAME,
	PLACE_BEHIND
} Place;

static Place
compare(const text *held, const text *wanted)
{
	size_t held_bytes = VARSIZE_ANY_EXHDR(held);
	size_t wanted_bytes = VARSIZE_ANY_EXHDR(wanted);
	int order =
		memcmp(VARDATA_ANY(held), VARDATA_ANY(wanted), Min(held_bytes, wanted_bytes));

	if (order == 0 && held_bytes == wanted_bytes)
		return PLACE_SAME;
	return order < 0 || (order == 0 && held_bytes < wanted_bytes) ? PLACE_BEFORE
																   : PLACE_BEHIND;
}

/* Places a row; none where another campaign, a rewrite or a test made it, or its
 * recipient was erased. */
static Place
place_row(const Search *search, HeapTuple tuple)
{
	TupleDesc descriptor = RelationGetDescr(search->relation);
	bool null;
	Datum value;

	value = heap_getattr(tuple, MESSAGE_CAMPAIGN, descriptor, &null);
	if (null || DatumGetInt32(value) != search->campaign ||
		DatumGetTimestampTz(heap_getattr(tuple, MESSAGE_CREATED_AT, descriptor, &null)) !=
			search->at ||
		DatumGetBool(heap_getattr(tuple, MESSAGE_TEST, descriptor, &null)))
		return PLACE_NONE;
	value = heap_getattr(tuple, MESSAGE_RECIPIENT, descriptor, &null);
	return null ? PLACE_NONE : compare(DatumGetTextPP(value), search->recipient);
}

/* Places the campaign's first message with an id from *id on, and gives its id. */
static Place
place_next(const Search *search, int64 *id, int64 last)
{
	Place place = PLACE_NONE;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&keys[0], MESSAGE_ID, BTGreaterEqualStrategyNumber, F_INT8GE,
				Int64GetDatum(*id));
	ScanKeyInit(&keys[1], MESSAGE_ID, BTLessEqualStrategyNumber, F_INT8LE,
				Int64GetDatum(last));
	scan = systable_beginscan_ordered(search->relation, search->index, search->snapshot,
									  2, keys);
	while (place == PLACE_NONE &&
		   (tuple = systable_getnext_ordered(scan, ForwardScanDirection)) != NULL)
	{
		bool null;

		CHECK_FOR_INTERRUPTS();
		place = place_row(search, tuple);
		*id = DatumGetInt64(heap_getattr(
			tuple, MESSAGE_ID, RelationGetDescr(search->relation), &null));
	}
	systable_endscan_ordered(scan);
	return place;
}

/* Searches one launch. */
static bool
span_has(Search *search, LaunchedSpan span)
{
	search->at = span.at;
	while (span.first <= span.last)
	{
		int64 middle = span.first + (span.last - span.first) / 2;
		int64 id = middle;

		switch (place_next(search, &id, span.last))
		{
			case PLACE_SAME:
				return true;
			case PLACE_BEFORE:
				span.first = id + 1;
				break;
			default:
				span.last = middle - 1;
		}
	}
	return false;
}

bool
launched_has(int32 campaign, const LaunchedSpan *spans, int count, const text *recipient)
{
	Search search = {.campaign = campaign, .recipient = recipient};
	bool found = false;

	if (count == 0)
		return false;
	search.relation = table_open(catalog_relation(CATALOG_MESSAGE), AccessShareLock);
	search.index = index_open(RelationGetPrimaryKeyIndex(search.relation, false),
							  AccessShareLock);
	/* a launch that was waited for is newer than the statement's snapshot */
	search.snapshot = RegisterSnapshot(GetLatestSnapshot());
	for (int i = 0; i < count && !found; i++)
		found = span_has(&search, spans[i]);
	UnregisterSnapshot(search.snapshot);
	index_close(search.index, AccessShareLock);
	table_close(search.relation, AccessShareLock);
	return found;
}
