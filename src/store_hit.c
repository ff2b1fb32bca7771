/*
 * store_hit.c: writes hits and what follows from them. Rows are locked in one order: hits
 * by message and request id, messages, user agents, tallies, tallies of aliases, each
 * sorted by its key.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "catalog.h"
#include "notice.h"
#include "rejudge.h"
#include "store.h"
#include "store_alias.h"
#include "store_change.h"
#include "store_insert.h"
#include "store_nodes.h"
#include "store_run.h"
#include "store_tally.h"
#include "store_user_agent.h"
#include "store_values.h"

/* Orders as the unique index of hits does; hits without a request id come last. */
static int
compare_requests(const void *a, const void *b)
{
	const NewHit *x = *(NewHit *const *) a;
	const NewHit *y = *(NewHit *const *) b;

	if (x->message->message_id != y->message->message_id)
		return x->message->message_id < y->message->message_id ? -1 : 1;
	if (!x->has_request_id || !y->has_request_id)
		return (int) y->has_request_id - (int) x->has_request_id;
	return memcmp(DatumGetUUIDP(x->request_id)->data, DatumGetUUIDP(y->request_id)->data,
				  UUID_LEN);
}

static NewHit **
sorted(NewHit *hits, int count, int (*compare)(const void *, const void *))
{
	NewHit **pointers = palloc(sizeof(NewHit *) * (Size) count);

	for (int i = 0; i < count; i++)
		pointers[i] = &hits[i];
	qsort(pointers, (size_t) count, sizeof(NewHit *), compare);
	return pointers;
}

/* The arguments of the statement that inserts hits: an array for each column. */
static const struct
{
	Oid element;
	int16 length;
	bool by_value;
	char align;
	Oid array;
} columns[] = {
	{INT8OID, 8, true, TYPALIGN_DOUBLE, INT8ARRAYOID},
	{TIMESTAMPTZOID, 8, true, TYPALIGN_DOUBLE, TIMESTAMPTZARRAYOID},
	{INT8OID, 8, true, TYPALIGN_DOUBLE, INT8ARRAYOID},
	{INT8OID, 8, true, TYPALIGN_DOUBLE, INT8ARRAYOID},
	{INT2OID, 2, true, TYPALIGN_SHORT, INT2ARRAYOID},
	{INT2OID, 2, true, TYPALIGN_SHORT, INT2ARRAYOID},
	{INT2OID, 2, true, TYPALIGN_SHORT, INT2ARRAYOID},
	{INT2OID, 2, true, TYPALIGN_SHORT, INT2ARRAYOID},
	{INT2OID, 2, true, TYPALIGN_SHORT, INT2ARRAYOID},
	{INT2OID, 2, true, TYPALIGN_SHORT, INT2ARRAYOID},
	{CHAROID, 1, true, TYPALIGN_CHAR, CHARARRAYOID},
	{INETOID, -1, false, TYPALIGN_INT, INETARRAYOID},
	{UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, UUIDARRAYOID},
	{INT2OID, 2, true, TYPALIGN_SHORT, INT2ARRAYOID},
	{TEXTOID, -1, false, TYPALIGN_INT, TEXTARRAYOID},
};

/* Gives a hit's row; a column that is not known is null. */
static void
hit_row(const NewHit *hit, Datum *values, bool *nulls)
{
	int at = 0;

	memset(nulls, false, lengthof(columns));
	values[at++] = Int64GetDatum(hit->message->message_id);
	values[at++] = TimestampTzGetDatum(hit->at);
	nulls[at] = !hit->has_user_agent;
	values[at++] = Int64GetDatum(hit->user_agent_id);
	nulls[at] = !hit->has_source;
	values[at++] = Int64GetDatum(hit->source);
	values[at++] = Int16GetDatum((int16) hit->position);
	values[at++] = Int16GetDatum(hit->rule);
	values[at++] = Int16GetDatum(hit->confidence);
	values[at++] = Int16GetDatum(hit->signs);
	values[at++] = Int16GetDatum(hit->os);
	values[at++] = Int16GetDatum(hit->device);
	values[at++] = CharGetDatum(hit->hit_class);
	nulls[at] = !hit->has_address;
	values[at++] = hit->address;
	nulls[at] = !hit->has_request_id;
	values[at++] = hit->request_id;
	values[at++] = Int16GetDatum((int16) hit->country);
	nulls[at] = hit->referrer == NULL;
	values[at++] = PointerGetDatum(hit->referrer);
}

/* Makes an array of each column of the hits' rows. */
static void
hit_arrays(NewHit **hits, int count, Datum *arrays)
{
	Size cells = lengthof(columns) * (Size) count;
	Datum *values = palloc(sizeof(Datum) * cells);
	bool *nulls = palloc(sizeof(bool) * cells);
	int lower = 1;

	for (int i = 0; i < count; i++)
	{
		Datum row[lengthof(columns)];
		bool row_nulls[lengthof(columns)];

		hit_row(hits[i], row, row_nulls);
		for (int column = 0; column < (int) lengthof(columns); column++)
		{
			values[column * count + i] = row[column];
			nulls[column * count + i] = row_nulls[column];
		}
	}
	for (int column = 0; column < (int) lengthof(columns); column++)
		arrays[column] = PointerGetDatum(
			construct_md_array(values + column * count, nulls + column * count, 1, &count,
							   &lower, columns[column].element, columns[column].length,
							   columns[column].by_value, columns[column].align));
}

/* A row that came back from inserting hits. */
typedef struct StoredRow
{
	int64 message_id;
	pg_uuid_t request_id;
} StoredRow;

static int
compare_rows(const void *a, const void *b)
{
	const StoredRow *x = a;
	const StoredRow *y = b;

	if (x->message_id != y->message_id)
		return x->message_id < y->message_id ? -1 : 1;
	return memcmp(x->request_id.data, y->request_id.data, UUID_LEN);
}

/*
 * Tells which hits, in their order, were inserted, by the rows that came back: in any
 * order, for they may be on several nodes. Of one request twice the first was.
 */
static void
tell_stored(NewHit **hits, int count)
{
	StoredRow *rows = palloc(sizeof(StoredRow) * (Size) Max(SPI_processed, 1));
	int n = 0;
	int at = 0;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		bool null;
		Datum id = SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &null);

		if (null)
			continue;
		rows[n].request_id = *DatumGetUUIDP(id);
		rows[n++].message_id =
			DatumGetInt64(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &null));
	}
	qsort(rows, (size_t) n, sizeof(StoredRow), compare_rows);
	for (int i = 0; i < count; i++)
	{
		StoredRow wanted;

		hits[i]->stored = !hits[i]->has_request_id;
		if (hits[i]->stored)
			continue;
		wanted = (StoredRow){hits[i]->message->message_id,
							 *DatumGetUUIDP(hits[i]->request_id)};
		hits[i]->stored = at < n && compare_rows(&rows[at], &wanted) == 0;
		at += hits[i]->stored;
	}
	Assert(at == n);
}

#define INSERT_HITS                                                                      \
	"INSERT INTO smstrack.hit (message_id, at, user_agent_id, source, \"position\","     \
	" rule, confidence, signs, os, device, class, address, request_id, country,"         \
	" referrer) "
#define RETURNING_KEYS " ON CONFLICT DO NOTHING RETURNING message_id, request_id"

static void
row_of(void *hits, int i, Datum *values, bool *nulls)
{
	hit_row(((NewHit **) hits)[i], values, nulls);
}

/* Inserts hits into partitions that are on other nodes. */
static void
insert_far(NewHit **hits, int count)
{
	Oid types[lengthof(columns)];
	const ValuesStatement statement = {INSERT_HITS "VALUES ", RETURNING_KEYS,
									   lengthof(columns), types};

	for (int i = 0; i < (int) lengthof(columns); i++)
		types[i] = columns[i].element;
	store_values(&statement, hits, count, row_of);
	tell_stored(hits, count);
}

/*
 * Inserts hits by a plan; those whose request is known already are left out, and told.
 */
static void
insert_by_plan(NewHit **hits, int count)
{
	static StoreStatement statement = {
		.query = INSERT_HITS
		"SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
		" $13, $14, $15) " RETURNING_KEYS,
		.arguments = lengthof(columns)};
	Datum arrays[lengthof(columns)];

	if (catalog_is_distributed())
	{
		insert_far(hits, count);
		return;
	}
	for (int i = 0; i < (int) lengthof(columns); i++)
		statement.types[i] = columns[i].array;
	hit_arrays(hits, count, arrays);
	store_run(&statement, arrays, NULL);
	tell_stored(hits, count);
}

static void
insert_one_by_plan(void *hits, int i)
{
	insert_by_plan((NewHit **) hits + i, 1);
}

/* Reads the hits' messages again: a trigger of smstrack.hit may have changed them. */
static void
read_messages_again(NewHit **hits, int count)
{
	FoundMessage *found = palloc(sizeof(FoundMessage) * (Size) count);

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	for (int i = 0; i < count; i++)
		if (!message_is_alias(hits[i]->message) &&
			message_find(hits[i]->message->message_id, GetActiveSnapshot(), &found[i]))
			hits[i]->message = &found[i];
	PopActiveSnapshot();
}

/*
 * Inserts hits in the order of their unique index, and tells which were not known
 * already.
 */
static void
insert_hits(NewHit **hits, int count)
{
	bool *inserted = palloc(sizeof(bool) * (Size) count);

	if (!store_insert_hits(hits, count, row_of, insert_one_by_plan, inserted))
	{
		insert_by_plan(hits, count);
		if (!catalog_is_distributed())
			read_messages_again(hits, count);
	}
	else
		for (int i = 0; i < count; i++)
			hits[i]->stored = hits[i]->stored || inserted[i];
	pfree(inserted);
}

/* Makes the changes that new hits are for their messages. */
static HitChange *
changes_of(const NewHit *hits, int count, int *changed)
{
	HitChange *changes = palloc0(sizeof(HitChange) * (Size) count);

	*changed = 0;
	for (int i = 0; i < count; i++)
	{
		HitChange *change = &changes[*changed];

		if (!hits[i].stored || message_is_alias(hits[i].message))
			continue;
		change->message_id = hits[i].message->message_id;
		change->message = hits[i].message;
		change->at = hits[i].at;
		change->position = hits[i].position;
		change->country = hits[i].country;
		change->os = hits[i].os;
		change->device = hits[i].device;
		change->to = hits[i].hit_class;
		(*changed)++;
	}
	return changes;
}

/* Tells the new hits that turned out to be part of a burst. */
static void
tell_bursts(NewHit *hits, int count, const HitChange *changes, int changed)
{
	for (int i = 0; i < changed; i++)
		for (int j = 0; changes[i].to == 'b' && j < count; j++)
			if (hits[j].stored && hits[j].message->message_id == changes[i].message_id &&
				hits[j].position == changes[i].position && hits[j].at == changes[i].at)
				hits[j].hit_class = 'b';
}

/* Tells listeners of the new clicks. */
static void
notice_clicks(const NewHit *hits, int count)
{
	int32 *campaigns = palloc(sizeof(int32) * (Size) count);
	int clicks = 0;

	for (int i = 0; i < count; i++)
		if (hits[i].stored && hits[i].hit_class == 'c' && !hits[i].message->test)
			campaigns[clicks++] = hits[i].message->campaign;
	notice_send("clicks", campaigns, clicks);
}

/*
 * Stores hits and what follows from them, durably whatever the setting says; a request
 * that was stored before is told by stored = false, and changes nothing.
 */
void
store_hits(NewHit *hits, int count)
{
	CatalogUser caller;
	HitChange *changes;
	Tally *tally;
	int changed;
	int added;

	if (count == 0)
		return;
	PreventCommandIfReadOnly("recording a hit");
	caller = catalog_become_owner();
	store_plan_by_index();
	SPI_connect();
	store_on_all_nodes();
	insert_hits(sorted(hits, count, compare_requests), count);
	changes = changes_of(hits, count, &changed);
	added = changed;
	changes = rejudge_bursts(hits, count, changes, &changed);
	tell_bursts(hits, count, changes + added, changed - added);
	notice_clicks(hits, count);
	tally = store_changes(changes, changed);
	store_user_agents(hits, count);
	tally_write(tally);
	store_alias_hits(hits, count);
	SPI_finish();
	catalog_become_caller(caller);
	ForceSyncCommit();
}

/*
 * Judges stored hits again, and makes all counts follow; gives the number that changed.
 */
int64
store_reclassified(TimestampTz since)
{
	CatalogUser caller;
	HitChange *changes;
	int count;

	PreventCommandIfReadOnly("reclassifying hits");
	caller = catalog_become_owner();
	SPI_connect();
	store_on_all_nodes();
	changes = rejudge_since(since, &count);
	if (count > 0)
		tally_write(store_changes(changes, count));
	SPI_finish();
	catalog_become_caller(caller);
	return count;
}

/*
 * Lets conversions prove that the clicks they came of were a person's; each click is
 * given once. Gives what the tallies have to follow. SPI is connected.
 */
Tally *
store_converted_clicks(const ConvertedClick *clicks, int count)
{
	HitChange *changes = NULL;
	Tally *tally;
	int changed = 0;

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	for (int i = 0; i < count; i++)
		changes = rejudge_converted(&clicks[i], changes, &changed);
	tally = changed > 0 ? store_changes(changes, changed) : tally_begin();
	PopActiveSnapshot();
	return tally;
}
