/*
 * launched.c: finds a recipient among the messages of a launch without an index on
 * recipients. A launch goes through its audience in byte order and takes ids that ascend:
 * within its ids, its messages are sorted by recipient, and the primary key answers a
 * binary search. The first steps of all searches look at the same few messages.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "launched.h"
#include "message.h"
#include "owner_query.h"
#include "recipient.h"

/* Probes that are kept: the first 14 steps of searches. */
#define PROBES_MAX 16384

/* An id that was looked at. */
typedef struct ProbeKey
{
	int64 id;
	int64 span;
} ProbeKey;

/* The launch's first message with that id or a higher one. */
typedef struct Probe
{
	ProbeKey key;
	int64 message_id;
	int32 variant;
	text *recipient; /* NULL: there is none */
} Probe;

typedef struct Search
{
	const Launched *launched;
	Relation relation;
	Relation index;
	Snapshot snapshot;
} Search;

void
launched_keep_probes(Launched *launched)
{
	HASHCTL control = {.keysize = sizeof(ProbeKey),
					   .entrysize = sizeof(Probe),
					   .hcxt = CurrentMemoryContext};

	launched->context = CurrentMemoryContext;
	launched->probes = hash_create("smstrack probes of launches", 1024, &control,
								   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Gives the recipient of a row; NULL where another campaign, a rewrite or a test made it,
 * or the recipient was erased. */
static text *
row_recipient(const Search *search, const LaunchedSpan *span, HeapTuple tuple)
{
	TupleDesc descriptor = RelationGetDescr(search->relation);
	bool null;
	Datum value = heap_getattr(tuple, MESSAGE_CAMPAIGN, descriptor, &null);

	if (null || DatumGetInt32(value) != search->launched->campaign ||
		DatumGetTimestampTz(heap_getattr(tuple, MESSAGE_CREATED_AT, descriptor, &null)) !=
			span->at ||
		DatumGetBool(heap_getattr(tuple, MESSAGE_TEST, descriptor, &null)))
		return NULL;
	value = heap_getattr(tuple, MESSAGE_RECIPIENT, descriptor, &null);
	return null ? NULL : DatumGetTextPP(value);
}

/* Looks for the launch's first message from the probe's id on, by the primary key. */
static void
read_probe_here(const Search *search, const LaunchedSpan *span, Probe *probe)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	probe->recipient = NULL;
	ScanKeyInit(&keys[0], MESSAGE_ID, BTGreaterEqualStrategyNumber, F_INT8GE,
				Int64GetDatum(probe->key.id));
	ScanKeyInit(&keys[1], MESSAGE_ID, BTLessEqualStrategyNumber, F_INT8LE,
				Int64GetDatum(span->last));
	scan = systable_beginscan_ordered(search->relation, search->index, search->snapshot,
									  2, keys);
	while (probe->recipient == NULL &&
		   (tuple = systable_getnext_ordered(scan, ForwardScanDirection)) != NULL)
	{
		TupleDesc descriptor = RelationGetDescr(search->relation);
		text *recipient = row_recipient(search, span, tuple);
		bool null;

		CHECK_FOR_INTERRUPTS();
		if (recipient == NULL)
			continue;
		probe->message_id =
			DatumGetInt64(heap_getattr(tuple, MESSAGE_ID, descriptor, &null));
		probe->variant =
			DatumGetInt32(heap_getattr(tuple, MESSAGE_VARIANT, descriptor, &null));
		probe->recipient =
			DatumGetTextP(datumCopy(PointerGetDatum(recipient), false, -1));
	}
	systable_endscan_ordered(scan);
}

/* The same where messages are on other nodes. */
static void
read_probe_far(const Search *search, const LaunchedSpan *span, Probe *probe)
{
	static const char query[] =
		"SELECT m.message_id, m.recipient, m.variant FROM smstrack.message AS m "
		"WHERE m.message_id BETWEEN $1 AND $2 AND m.campaign = $3 AND m.created_at = $4"
		" AND NOT m.test AND m.recipient IS NOT NULL ORDER BY m.message_id LIMIT 1";
	MemoryContext context = CurrentMemoryContext;
	Oid types[] = {INT8OID, INT8OID, INT4OID, TIMESTAMPTZOID};
	Datum values[] = {Int64GetDatum(probe->key.id), Int64GetDatum(span->last),
					  Int32GetDatum(search->launched->campaign),
					  TimestampTzGetDatum(span->at)};
	CatalogUser caller = owner_query_begin(query, 4, types, values);

	probe->recipient = NULL;
	if (SPI_processed > 0)
	{
		MemoryContext former = MemoryContextSwitchTo(context);
		bool null;

		probe->message_id = DatumGetInt64(owner_query_column(1, &null));
		probe->recipient =
			DatumGetTextP(datumCopy(owner_query_column(2, &null), false, -1));
		probe->variant = owner_query_int(3);
		MemoryContextSwitchTo(former);
	}
	owner_query_end(caller);
}

static void
read_probe(const Search *search, const LaunchedSpan *span, Probe *probe)
{
	(catalog_is_distributed() ? read_probe_far : read_probe_here)(search, span, probe);
}

/* Gives what is at an id, looked at before or now. */
static Probe
probe_at(const Search *search, int number, int64 id)
{
	const Launched *launched = search->launched;
	Probe probe = {.key = {.id = id, .span = number}};
	Probe *kept = NULL;
	MemoryContext former;

	if (launched->probes != NULL)
		kept = hash_search(launched->probes, &probe.key, HASH_FIND, NULL);
	if (kept != NULL)
		return *kept;
	if (launched->probes == NULL || hash_get_num_entries(launched->probes) >= PROBES_MAX)
	{
		read_probe(search, &launched->spans[number], &probe);
		return probe;
	}
	former = MemoryContextSwitchTo(launched->context);
	read_probe(search, &launched->spans[number], &probe);
	kept = hash_search(launched->probes, &probe.key, HASH_ENTER, NULL);
	*kept = probe;
	MemoryContextSwitchTo(former);
	return probe;
}

/* Searches one launch; sets the variant of the recipient's message. */
static bool
span_has(const Search *search, int number, const text *recipient, int32 *variant)
{
	int64 first = search->launched->spans[number].first;
	int64 last = search->launched->spans[number].last;

	while (first <= last)
	{
		int64 middle = first + (last - first) / 2;
		Probe probe = probe_at(search, number, middle);
		int order = 1;

		if (probe.recipient != NULL && probe.message_id <= last)
			order = recipient_compare(probe.recipient, recipient);
		if (order == 0)
		{
			*variant = probe.variant;
			return true;
		}
		if (order < 0)
			first = probe.message_id + 1;
		else
			last = middle - 1;
	}
	return false;
}

/* Searches all launches. */
static bool
search_launches(const Launched *launched, const text *recipient, int32 *variant)
{
	Search search = {.launched = launched};
	bool found = false;

	if (launched->count == 0)
		return false;
	search.relation = table_open(catalog_relation(CATALOG_MESSAGE), AccessShareLock);
	search.index =
		index_open(RelationGetPrimaryKeyIndex(search.relation, false), AccessShareLock);
	/* a launch that was waited for is newer than the statement's snapshot */
	search.snapshot = RegisterSnapshot(owner_query_snapshot());
	for (int i = 0; i < launched->count && !found; i++)
		found = span_has(&search, i, recipient, variant);
	UnregisterSnapshot(search.snapshot);
	index_close(search.index, AccessShareLock);
	table_close(search.relation, AccessShareLock);
	return found;
}

bool
launched_has(const Launched *launched, const text *recipient)
{
	int32 variant;

	return search_launches(launched, recipient, &variant);
}

int32
launched_variant(const Launched *launched, const text *recipient)
{
	int32 variant;

	return search_launches(launched, recipient, &variant) ? variant : 0;
}
