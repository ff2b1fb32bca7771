/*
 * rejudge.c: judges stored hits again from what they keep of the request. Hits of one
 * source and campaign are judged together, for bursts.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/burst.h"
#include "core/hit.h"
#include "hit_near.h"
#include "known_agent.h"
#include "rejudge.h"
#include "store_run.h"

#define FETCHED 10000

/* A verdict depends on hits so far away at most, and changes the verdicts of as many. */
#define BURST_REACH (4 * BURST_MESSAGES_MICROSECONDS)

/* What stands of a hit in the tables. */
typedef struct StoredHit
{
	HitChange change; /* to and new_*: as the rules have it now */
	bool has_source;
	int64 source;
	int32 campaign;
	int16 confidence;
	int16 signs;
	bool has_user_agent;
	int64 user_agent_id;
	bool before_sent;
	bool has_address;
	Datum address;
	char *referrer;
	HitVerdict verdict;
} StoredHit;

/* A growing list. */
typedef struct Changes
{
	HitChange *list;
	int count;
	int room;
} Changes;

#define HIT_COLUMNS                                                                      \
	"SELECT h.tableoid, h.ctid, h.message_id, h.at, h.\"position\", h.class, h.rule,"    \
	" h.confidence, h.signs, h.os, h.device, h.country, h.source,"                       \
	" coalesce(m.campaign, 0), coalesce(h.at < m.sent_at, false), h.user_agent_id,"      \
	" h.address, h.referrer FROM smstrack.hit AS h "

#define HIT_QUERY                                                                        \
	HIT_COLUMNS "JOIN smstrack.message AS m ON m.message_id = h.message_id "

/* A few hits, and the message of each: without statistics all messages may seem fewer. */
#define FEW_HITS_QUERY                                                                   \
	HIT_COLUMNS "CROSS JOIN LATERAL (SELECT * FROM smstrack.message AS m"                \
				"  WHERE m.message_id = h.message_id OFFSET 0) AS m "

/* Reads a row of the query; what is no number stays in the row. */
static void
read_hit(HeapTuple tuple, TupleDesc descriptor, StoredHit *hit)
{
	Datum values[18];
	bool nulls[18];
	HitChange *change = &hit->change;
	int at = 0;

	memset(hit, 0, sizeof(*hit));
	heap_deform_tuple(tuple, descriptor, values, nulls);
	change->partition = DatumGetObjectId(values[at++]);
	change->tid = *(ItemPointer) DatumGetPointer(values[at++]);
	change->message_id = DatumGetInt64(values[at++]);
	change->at = DatumGetTimestampTz(values[at++]);
	change->position = DatumGetInt16(values[at++]);
	change->from = change->to = DatumGetChar(values[at++]);
	change->rule = DatumGetInt16(values[at++]);
	hit->confidence = DatumGetInt16(values[at++]);
	hit->signs = change->signs = DatumGetInt16(values[at++]);
	change->os = DatumGetInt16(values[at++]);
	change->device = DatumGetInt16(values[at++]);
	change->country = DatumGetInt16(values[at++]);
	hit->has_source = !nulls[at];
	hit->source = DatumGetInt64(values[at++]);
	hit->campaign = DatumGetInt32(values[at++]);
	hit->before_sent =
		DatumGetBool(values[at++]) && (hit->signs & HIT_SIGN_WRONG_CLOCK) == 0;
	hit->has_user_agent = !nulls[at];
	hit->user_agent_id = DatumGetInt64(values[at++]);
	hit->has_address = !nulls[at];
	hit->address = values[at++];
	if (!nulls[at])
	{
		char *referrer = TextDatumGetCString(values[at]);

		hit->referrer = pg_server_to_any(referrer, (int) strlen(referrer), PG_UTF8);
	}
}

static HitClass
class_of(char letter)
{
	return letter == 'v'   ? HIT_CLASS_VIEW
		   : letter == 'c' ? HIT_CLASS_CLICK
						   : HIT_CLASS_BOT;
}

static void
stored_verdict(const StoredHit *hit, HitVerdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	verdict->class = class_of(hit->change.from);
	verdict->rule = (HitRule) hit->change.rule;
	verdict->confidence = (HitConfidence) hit->confidence;
	verdict->person = (hit->signs & HIT_SIGN_PERSON) != 0;
}

/*
 * Judges a hit by its own facts; false where they are not kept: the user agent is gone.
 */
static bool
judge(const StoredHit *hit, HitVerdict *verdict)
{
	const KnownAgent *agent = hit->has_user_agent
								  ? known_agent_by_id((uint64) hit->user_agent_id)
								  : known_agent("", 0);
	HitFacts facts = {.before_sent = hit->before_sent};

	if (agent == NULL)
		return false;
	facts.agent = agent->facts;
	facts.own_class = known_agent_own_class(agent, hit->has_address, hit->address);
	/* a rule for less than is stored of the address could only be tried on the request */
	if (hit->change.rule == HIT_RULE_OWN && facts.own_class == HIT_CLASS_NONE &&
		hit->has_address && known_agent_rule_within(hit->address))
		facts.own_class = class_of(hit->change.from);
	hit_facts_from_signs((unsigned) hit->signs, &facts);
	if (hit->referrer != NULL)
		facts.referrer = (HitText){hit->referrer, strlen(hit->referrer)};
	hit_classify(&facts, verdict);
	return true;
}

/* Marks the bursts among hits of one source and campaign. */
static void
judge_bursts(StoredHit *hits, int count)
{
	BurstHit *bursts =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(BurstHit) * (Size) count);

	memset(bursts, 0, sizeof(BurstHit) * (Size) count);
	for (int i = 0; i < count; i++)
	{
		bursts[i].at = hits[i].change.at;
		bursts[i].message = (uint64) hits[i].change.message_id;
		bursts[i].position = (unsigned) hits[i].change.position;
		bursts[i].rule = hits[i].verdict.rule;
		bursts[i].person =
			hits[i].verdict.person || (hits[i].signs & HIT_SIGN_CONVERTED) != 0;
		bursts[i].tag = (size_t) i;
	}
	burst_mark(bursts, (size_t) count);
	for (int i = 0; i < count; i++)
		if (bursts[i].burst)
		{
			HitVerdict *verdict = &hits[bursts[i].tag].verdict;

			verdict->class = HIT_CLASS_BOT;
			verdict->rule = HIT_RULE_BURST;
			verdict->confidence = HIT_CONFIDENCE_HIGH;
		}
	pfree(bursts);
}

static void
append(Changes *changes, const HitChange *change)
{
	if (changes->count == changes->room)
	{
		changes->room = Max(64, changes->room * 2);
		changes->list =
			changes->list == NULL
				? palloc(sizeof(HitChange) * (Size) changes->room)
				: repalloc_huge(changes->list, sizeof(HitChange) * (Size) changes->room);
	}
	changes->list[changes->count++] = *change;
}

/* Compares a verdict with the stored one, and notes the change. */
static void
note_change(StoredHit *hit, Changes *changes)
{
	HitVerdict *verdict = &hit->verdict;
	HitChange *change = &hit->change;

	if ((hit->signs & HIT_SIGN_CONVERTED) != 0)
		hit_upgrade(verdict);
	change->to = "?vcb"[verdict->class];
	change->new_rule = (int16) verdict->rule;
	change->new_confidence = (int16) verdict->confidence;
	change->new_signs = (int16) ((hit->signs & ~HIT_SIGN_PERSON) |
								 (verdict->person ? HIT_SIGN_PERSON : 0));
	if (change->to != change->from || change->new_rule != change->rule ||
		change->new_confidence != hit->confidence || change->new_signs != hit->signs)
		append(changes, change);
}

/* Orders by source and campaign. */
static int
compare_groups(const StoredHit *a, const StoredHit *b)
{
	if (a->has_source != b->has_source)
		return (int) b->has_source - (int) a->has_source;
	if (a->has_source && a->source != b->source)
		return a->source < b->source ? -1 : 1;
	return a->has_source ? a->campaign - b->campaign : -1;
}

/* Judges new hits beside the stored ones of their source: is it a burst now? */
static void
judge_group_for_bursts(StoredHit *hits, int count, TimestampTz first, TimestampTz last,
					   Changes *changes)
{
	bool any = count > 1;

	for (int i = 0; i < count; i++)
	{
		any = any || hits[i].change.rule == HIT_RULE_BURST;
		stored_verdict(&hits[i], &hits[i].verdict);
		if (hits[i].change.rule == HIT_RULE_BURST)
			judge(&hits[i], &hits[i].verdict);
	}
	if (!any)
		return;
	judge_bursts(hits, count);
	for (int i = 0; i < count; i++)
		if (hits[i].change.at >= first - BURST_REACH / 2 &&
			hits[i].change.at <= last + BURST_REACH / 2)
			note_change(&hits[i], changes);
}

/* Tells whether a new hit can be part of a burst, or keep others from being one. */
static bool
can_burst(const NewHit *hit)
{
	return hit->stored && hit->has_source && hit->may_burst;
}

/*
 * Adds to the changes what new hits, already stored, make of the hits near them, or those
 * of them. SPI is connected.
 */
HitChange *
rejudge_bursts(const NewHit *hits, int new_count, HitChange *changes, int *count)
{
	static StoreStatement statement = {
		.query = FEW_HITS_QUERY
		"WHERE h.source = ANY ($1) AND h.at >= $2 AND h.at <= $3 "
		"ORDER BY h.source, coalesce(m.campaign, 0)",
		.arguments = 3,
		.types = {INT8ARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	Changes grown = {changes, *count, *count};
	Datum *sources = palloc(sizeof(Datum) * (Size) new_count);
	TimestampTz first = DT_NOEND;
	TimestampTz last = DT_NOBEGIN;
	SPITupleTable *table;
	StoredHit *stored;
	Datum values[3];
	int n = 0;
	int begin = 0;

	for (int i = 0; i < new_count; i++)
		if (can_burst(&hits[i]))
		{
			sources[n++] = Int64GetDatum(hits[i].source);
			first = Min(first, hits[i].at);
			last = Max(last, hits[i].at);
		}
	n = hit_near_sources(sources, n, first - BURST_REACH, last + BURST_REACH);
	if (n == 0)
		return changes;
	values[0] =
		PointerGetDatum(construct_array(sources, n, INT8OID, 8, true, TYPALIGN_DOUBLE));
	values[1] = TimestampTzGetDatum(first - BURST_REACH);
	values[2] = TimestampTzGetDatum(last + BURST_REACH);
	n = (int) store_run(&statement, values, NULL);
	table = SPI_tuptable;
	stored = MemoryContextAllocHuge(CurrentMemoryContext,
									sizeof(StoredHit) * (Size) Max(n, 1));
	for (int i = 0; i < n; i++)
		read_hit(table->vals[i], table->tupdesc, &stored[i]);
	for (int i = 1; i <= n; i++)
		if (i == n || compare_groups(&stored[begin], &stored[i]) != 0)
		{
			judge_group_for_bursts(stored + begin, i - begin, first, last, &grown);
			begin = i;
		}
	pfree(stored);
	SPI_freetuptable(table);
	*count = grown.count;
	return grown.list;
}

/* Judges hits of one source and campaign anew, by all rules. */
static void
judge_group(StoredHit *hits, int count, Changes *changes)
{
	for (int i = 0; i < count; i++)
		if (!judge(&hits[i], &hits[i].verdict))
			stored_verdict(&hits[i], &hits[i].verdict);
	if (hits[0].has_source)
		judge_bursts(hits, count);
	for (int i = 0; i < count; i++)
		note_change(&hits[i], changes);
}

/* The hits of one source and campaign, judged when the next one's begin. */
typedef struct SourceGroup
{
	StoredHit *hits;
	int count;
	int room;
	MemoryContext texts; /* of the group's hits */
} SourceGroup;

static void
end_group(SourceGroup *group, Changes *changes)
{
	if (group->count > 0)
		judge_group(group->hits, group->count, changes);
	group->count = 0;
	MemoryContextReset(group->texts);
}

static void
add_to_group(SourceGroup *group, HeapTuple tuple, TupleDesc descriptor, Changes *changes)
{
	StoredHit hit;
	MemoryContext old = MemoryContextSwitchTo(group->texts);

	read_hit(tuple, descriptor, &hit);
	MemoryContextSwitchTo(old);
	if (group->count > 0 && compare_groups(&group->hits[0], &hit) != 0)
	{
		end_group(group, changes);
		/* the hit's texts went with the group's: read it again */
		old = MemoryContextSwitchTo(group->texts);
		read_hit(tuple, descriptor, &hit);
		MemoryContextSwitchTo(old);
	}
	if (hit.has_address)
	{
		old = MemoryContextSwitchTo(group->texts);
		hit.address = PointerGetDatum(PG_DETOAST_DATUM_COPY(hit.address));
		MemoryContextSwitchTo(old);
	}
	if (group->count == group->room)
	{
		group->room *= 2;
		group->hits = repalloc_huge(group->hits, sizeof(StoredHit) * (Size) group->room);
	}
	group->hits[group->count++] = hit;
}

/* Judges all hits since a time anew; gives what changes. SPI is connected. */
HitChange *
rejudge_since(TimestampTz since, int *count)
{
	Oid types[] = {TIMESTAMPTZOID};
	Datum values[] = {TimestampTzGetDatum(since)};
	Changes changes = {NULL, 0, 0};
	SourceGroup group = {.room = 64};
	Portal portal = SPI_cursor_open_with_args(
		NULL, HIT_QUERY "WHERE h.at >= $1 ORDER BY h.source, coalesce(m.campaign, 0)", 1,
		types, values, NULL, false, 0);

	group.hits = palloc(sizeof(StoredHit) * (Size) group.room);
	group.texts = AllocSetContextCreate(CurrentMemoryContext, "smstrack hits of a source",
										ALLOCSET_DEFAULT_SIZES);
	do
	{
		SPI_cursor_fetch(portal, true, FETCHED);
		for (uint64 i = 0; i < SPI_processed; i++)
			add_to_group(&group, SPI_tuptable->vals[i], SPI_tuptable->tupdesc, &changes);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	} while (SPI_processed > 0);
	end_group(&group, &changes);
	SPI_cursor_close(portal);
	*count = changes.count;
	return changes.list;
}

/*
 * Adds to the changes what a conversion makes of the hits of its click, the time of which
 * is known in whole seconds. SPI is connected.
 */
HitChange *
rejudge_converted(const ConvertedClick *click, HitChange *changes, int *count)
{
	static StoreStatement statement = {
		.query = HIT_QUERY "WHERE h.message_id = $1 AND h.\"position\" = $2"
						   " AND h.at >= $3 AND h.at < $4 AND h.class <> 'v'",
		.arguments = 4,
		.types = {INT8OID, INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	Datum values[] = {Int64GetDatum(click->message_id),
					  Int16GetDatum((int16) click->position),
					  TimestampTzGetDatum(click->at),
					  TimestampTzGetDatum(click->at + USECS_PER_SEC)};
	Changes grown = {changes, *count, *count};

	store_run(&statement, values, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		StoredHit hit;

		read_hit(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, &hit);
		stored_verdict(&hit, &hit.verdict);
		if ((hit.signs & HIT_SIGN_CONVERTED) != 0 ||
			(hit.change.from == 'b' && hit.change.rule != HIT_RULE_BURST &&
			 hit.change.rule != HIT_RULE_OWN))
			continue;
		hit_upgrade(&hit.verdict);
		hit.change.to = 'c';
		hit.change.new_rule = (int16) hit.verdict.rule;
		hit.change.new_confidence = (int16) hit.verdict.confidence;
		hit.change.new_signs = (int16) (hit.signs | HIT_SIGN_CONVERTED | HIT_SIGN_PERSON);
		append(&grown, &hit.change);
	}
	*count = grown.count;
	return grown.list;
}
