/*
 * store_change.c: makes message and tallies follow the hits. Messages are locked in the
 * order of their ids, then the tallies in the order of theirs. A lock on a message, be it
 * shared with other new hits, keeps its hits from being judged again meanwhile.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "hit_partition.h"
#include "hit_row.h"
#include "store_change.h"
#include "store_clicker.h"
#include "store_marks.h"
#include "store_marks_far.h"
#include "store_plain.h"
#include "store_row.h"
#include "store_run.h"
#include "store_tally.h"

/* A message whose hits change. */
typedef struct Marked
{
	int64 message_id;
	HitChange *changes;
	int count;
	bool recount; /* a stored hit is judged again */
	bool exists;
	bool updated;		/* the message says what it shall */
	FoundMessage state; /* as it was when it was locked */
	Marks marks;		/* as they shall be */
	Marks before;		/* what the stored hits say before the change, and after it */
	Marks after;
} Marked;

static const Marks no_marks = {0, 0, DT_NOEND, DT_NOEND};

static int
compare_changes(const void *a, const void *b)
{
	const HitChange *x = a;
	const HitChange *y = b;

	if (x->message_id != y->message_id)
		return x->message_id < y->message_id ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->position - y->position;
}

/* Adds a hit to what a message says. */
static void
mark(Marks *marks, char hit_class, int32 position, TimestampTz at)
{
	if (hit_class == 'v')
	{
		marks->viewed |= 1 << position;
		marks->first_view = Min(marks->first_view, at);
	}
	else if (hit_class == 'c')
	{
		marks->clicked |= 1 << position;
		marks->first_click = Min(marks->first_click, at);
	}
}

static void
mark_all(Marked *marked)
{
	for (int i = 0; i < marked->count; i++)
	{
		const HitChange *change = &marked->changes[i];

		mark(&marked->marks, change->to, change->position, change->at);
	}
}

/*
 * Updates a message that was read before, if that is all that its hits do to it, and
 * nobody else has changed it since: locking it first would be a second write.
 */
static bool
update_unlocked(MarksTable *table, Marked *marked)
{
	Marks old;

	if (marked->recount || marked->changes[0].message == NULL)
		return false;
	marked->state = *marked->changes[0].message;
	marked->marks = old = marks_of(&marked->state);
	mark_all(marked);
	if (marks_equal(&old, &marked->marks))
		return false;
	marked->updated = marked->exists =
		marks_write_unlocked(table, &marked->state, &marked->marks);
	return marked->updated;
}

/*
 * Complains where the recipient was forgotten since the link was resolved: what this
 * transaction has stored of the request must not stay.
 */
static void
check_not_forgotten(const FoundMessage *state)
{
	if (state->code_length == MESSAGE_FORGOTTEN)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("recipient of message " INT64_FORMAT " was just forgotten",
						state->message_id),
				 errhint("Record the requests again: its links resolve no more.")));
}

/* Locks a message and reads it; how strongly depends on what the hits do to it. */
static void
lock_message(MarksTable *table, Marked *marked)
{
	FoundMessage *state = &marked->state;
	LockTupleMode mode = LockTupleKeyShare;

	marked->exists = true;
	if (marked->changes[0].message != NULL)
		*state = *marked->changes[0].message;
	else
		marked->exists = message_find(marked->message_id, GetActiveSnapshot(), state);
	if (!marked->exists)
		return;

	for (;;)
	{
		Marks old = marks_of(state);

		marked->marks = old;
		mark_all(marked);
		if (marked->recount)
			mode = LockTupleExclusive;
		else if (!marks_equal(&old, &marked->marks))
			mode = LockTupleNoKeyExclusive;
		marked->exists = marks_lock(table, state, mode);
		if (!marked->exists)
			return;
		check_not_forgotten(state);
		old = marks_of(state);
		marked->marks = old;
		mark_all(marked);
		/* what was read first may have been outdated: is the lock strong enough? */
		if (mode != LockTupleKeyShare || marks_equal(&old, &marked->marks))
			return;
	}
}

/* Locks and reads messages that are on other nodes. */
static void
lock_far_messages(Marked *marked, int count)
{
	Size room = (Size) Max(count, 1);
	FoundMessage **messages =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(FoundMessage *) * room);
	bool *exists = MemoryContextAllocHuge(CurrentMemoryContext, room);
	bool recount = false;

	for (int i = 0; i < count; i++)
	{
		messages[i] = &marked[i].state;
		messages[i]->message_id = marked[i].message_id;
		recount = recount || marked[i].recount;
	}
	marks_lock_far(messages, exists, count, recount);
	for (int i = 0; i < count; i++)
	{
		/* hits of a forgotten recipient are judged again, and his message says nothing */
		marked[i].exists = exists[i] && (marked[i].changes[0].message != NULL ||
										 messages[i]->code_length != MESSAGE_FORGOTTEN);
		if (!marked[i].exists)
			continue;
		check_not_forgotten(messages[i]);
		marked[i].marks = marks_of(messages[i]);
		mark_all(&marked[i]);
	}
}

/* Writes the marks of messages that are on other nodes where they have changed. */
static void
update_far_messages(Marked *marked, int count)
{
	Size room = (Size) Max(count, 1);
	FoundMessage **messages =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(FoundMessage *) * room);
	Marks *marks = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Marks) * room);
	int changed = 0;

	for (int i = 0; i < count; i++)
	{
		Marks old = marks_of(&marked[i].state);

		if (!marked[i].exists || marks_equal(&old, &marked[i].marks))
			continue;
		messages[changed] = &marked[i].state;
		marks[changed++] = marked[i].marks;
	}
	marks_write_far(messages, marks, changed);
}

/* Writes a message's marks where they have changed. */
static void
update_message(MarksTable *table, Marked *marked)
{
	Marks old = marks_of(&marked->state);

	if (!marked->updated && !marks_equal(&old, &marked->marks))
		marks_write(table, &marked->state, &marked->marks);
}

/* Counts the links of a message that are marked now and were not, or the other way. */
static void
count_positions(Tally *tally, const FoundMessage *message, int32 old, int32 new,
				TallyColumn column)
{
	int32 changed = old ^ new;

	for (int position = 0; changed >> position != 0; position++)
		if (changed >> position & 1)
			tally_add_position(tally, message, position, column,
							   new >> position & 1 ? 1 : -1);
}

/* Counts a message's first view or click, or moves it to another time. */
static void
count_first(Tally *tally, const Marked *marked, TimestampTz old, TimestampTz new,
			TallyColumn column)
{
	const FoundMessage *message = &marked->state;

	if (old == new)
		return;
	if (old != DT_NOEND)
		tally_add_quarter(tally, message, old, column, -1);
	if (new != DT_NOEND)
		tally_add_quarter(tally, message, new, column, 1);
	if ((old == DT_NOEND) != (new == DT_NOEND))
		tally_add_country(tally, message, marked->changes[0].country, column,
						  old == DT_NOEND ? 1 : -1);
}

static void
count_hit(Tally *tally, const FoundMessage *message, const HitChange *change,
		  char hit_class, int64 number)
{
	TallyColumn column = hit_class == 'v'	? TALLY_VIEWS
						 : hit_class == 'c' ? TALLY_CLICKS
											: TALLY_BOTS;

	tally_add_position(tally, message, change->position, column, number);
	tally_add_quarter(tally, message, change->at, column, number);
	tally_add_device(tally, message, change->os, change->device, change->country, column,
					 number);
}

/* Counts all that has changed in a message. */
static void
count_message(Tally *tally, const Marked *marked)
{
	Marks old = marks_of(&marked->state);
	const Marks *new = &marked->marks;

	for (int i = 0; i < marked->count; i++)
	{
		const HitChange *change = &marked->changes[i];

		if (change->from != '\0')
			count_hit(tally, &marked->state, change, change->from, -1);
		count_hit(tally, &marked->state, change, change->to, 1);
	}
	count_positions(tally, &marked->state, old.viewed, new->viewed, TALLY_VIEWERS);
	count_positions(tally, &marked->state, old.clicked, new->clicked, TALLY_CLICKERS);
	count_first(tally, marked, old.first_view, new->first_view, TALLY_VIEWERS);
	count_first(tally, marked, old.first_click, new->first_click, TALLY_CLICKERS);
}

/* Groups sorted changes by their message. */
static Marked *
group_by_message(HitChange *changes, int count, int *groups)
{
	Marked *marked = MemoryContextAllocHuge(CurrentMemoryContext,
											sizeof(Marked) * (Size) Max(count, 1));
	int n = 0;

	for (int i = 0; i < count; i++)
	{
		if (n == 0 || marked[n - 1].message_id != changes[i].message_id)
		{
			memset(&marked[n], 0, sizeof(Marked));
			marked[n].message_id = changes[i].message_id;
			marked[n].changes = &changes[i];
			n++;
		}
		if (changes[i].message != NULL)
			marked[n - 1].changes[0].message = changes[i].message;
		marked[n - 1].count++;
		if (changes[i].from != '\0')
			marked[n - 1].recount = true;
	}
	*groups = n;
	return marked;
}

/* Writes it through a plan: the partition has what only the executor honours. */
static bool
update_hit_by_plan(const HitChange *change)
{
	static StoreStatement statement = {
		.query =
			"UPDATE smstrack.hit SET class = $1, rule = $2, confidence = $3, signs = $4 "
			"WHERE tableoid = $5 AND ctid = $6 AND message_id = $7 AND class = $8"
			" AND rule = $9 AND signs = $10",
		.arguments = 10,
		.types = {CHAROID, INT2OID, INT2OID, INT2OID, OIDOID, TIDOID, INT8OID, CHAROID,
				  INT2OID, INT2OID}};
	ItemPointerData tid = change->tid;
	Datum values[] = {CharGetDatum(change->to),
					  Int16GetDatum(change->new_rule),
					  Int16GetDatum(change->new_confidence),
					  Int16GetDatum(change->new_signs),
					  ObjectIdGetDatum(change->partition),
					  PointerGetDatum(&tid),
					  Int64GetDatum(change->message_id),
					  CharGetDatum(change->from),
					  Int16GetDatum(change->rule),
					  Int16GetDatum(change->signs)};

	return store_run(&statement, values, NULL) > 0;
}

/*
 * Writes the new verdict of a stored hit; false if somebody else has judged it meanwhile.
 */
static bool
update_hit(Relation partition, const HitChange *change, TupleTableSlot *slot)
{
	const RowChange verdict = {
		.count = 4,
		.columns = {HIT_CLASS, HIT_RULE, HIT_CONFIDENCE, HIT_SIGNS},
		.values = {CharGetDatum(change->to), Int16GetDatum(change->new_rule),
				   Int16GetDatum(change->new_confidence),
				   Int16GetDatum(change->new_signs)}};
	ItemPointerData tid = change->tid;
	bool null;

	if (!store_row_lock(partition, &tid, LockTupleNoKeyExclusive, slot))
		return false;
	if (DatumGetInt64(slot_getattr(slot, HIT_MESSAGE_ID, &null)) != change->message_id ||
		DatumGetChar(slot_getattr(slot, HIT_CLASS, &null)) != change->from ||
		DatumGetInt16(slot_getattr(slot, HIT_RULE, &null)) != change->rule ||
		DatumGetInt16(slot_getattr(slot, HIT_SIGNS, &null)) != change->signs)
		return false;
	store_row_update(partition, slot, &verdict);
	return true;
}

/* The same for hits that are on other nodes, whose partition is one of the node's. */
static void
update_far_hits(HitChange *changes, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (changes[i].from != '\0' && !update_hit_by_plan(&changes[i]))
			changes[i].to = changes[i].from;
		CHECK_FOR_INTERRUPTS();
	}
}

/* Writes the new verdicts; what somebody else has judged is no change any more. */
static void
update_hits(HitChange *changes, int count)
{
	Relation partition = NULL;
	TupleTableSlot *slot = NULL;
	bool direct = false;

	for (int i = 0; i < count; i++)
	{
		HitChange *change = &changes[i];

		if (change->from == '\0')
			continue;
		if (partition == NULL || RelationGetRelid(partition) != change->partition)
		{
			if (partition != NULL)
			{
				ExecDropSingleTupleTableSlot(slot);
				table_close(partition, NoLock);
			}
			partition = table_open(change->partition, RowExclusiveLock);
			slot = table_slot_create(partition, NULL);
			direct = hit_partition_is_alike(partition) && store_is_plain(partition) &&
					 store_indexes_are_simple(partition);
		}
		if (!(direct ? update_hit(partition, change, slot) : update_hit_by_plan(change)))
			change->to = change->from;
		CHECK_FOR_INTERRUPTS();
	}
	if (partition != NULL)
	{
		ExecDropSingleTupleTableSlot(slot);
		table_close(partition, NoLock);
	}
}

/* A few messages are looked up by index, many by passing over all hits once. */
#define RECOUNT_FEW 1000

/* Reads what the stored hits say of the messages that need it. SPI is connected. */
static void
recount(Marked *marked, int count, Size result)
{
#define RECOUNT(source)                                                                  \
	"SELECT h.message_id, h.\"position\"::integer,"                                      \
	" min(h.at) FILTER (WHERE h.class = 'v'), min(h.at) FILTER (WHERE h.class = 'c') "   \
	"FROM smstrack.hit AS h " source " AND h.class IN ('v', 'c') "                       \
	"GROUP BY h.message_id, h.\"position\" ORDER BY h.message_id"
	static StoreStatement few = {.query = RECOUNT("WHERE h.message_id = ANY ($1)"),
								 .arguments = 1,
								 .types = {INT8ARRAYOID}};
	static StoreStatement many = {
		.query =
			RECOUNT("JOIN unnest($1) AS u (message_id) ON u.message_id = h.message_id "
					"WHERE true"),
		.arguments = 1,
		.types = {INT8ARRAYOID}};
#undef RECOUNT
	Datum *ids =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (Size) count);
	Datum values[1];
	int n = 0;
	int at = 0;

	for (int i = 0; i < count; i++)
		if (marked[i].recount && marked[i].exists)
		{
			*(Marks *) ((char *) &marked[i] + result) = no_marks;
			ids[n++] = Int64GetDatum(marked[i].message_id);
		}
	if (n == 0)
		return;
	values[0] =
		PointerGetDatum(construct_array(ids, n, INT8OID, 8, true, TYPALIGN_DOUBLE));
	/* the messages are locked: what is committed by now is all that there is */
	store_run_latest(n <= RECOUNT_FEW || catalog_is_distributed() ? &few : &many, values,
					 NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple tuple = SPI_tuptable->vals[i];
		TupleDesc descriptor = SPI_tuptable->tupdesc;
		bool no_view;
		bool no_click;
		bool null;
		int64 id = DatumGetInt64(SPI_getbinval(tuple, descriptor, 1, &null));
		int32 position = DatumGetInt32(SPI_getbinval(tuple, descriptor, 2, &null));
		Datum view = SPI_getbinval(tuple, descriptor, 3, &no_view);
		Datum click = SPI_getbinval(tuple, descriptor, 4, &no_click);
		Marks *marks;

		while (marked[at].message_id < id)
			at++;
		marks = (Marks *) ((char *) &marked[at] + result);
		if (!no_view)
			mark(marks, 'v', position, DatumGetTimestampTz(view));
		if (!no_click)
			mark(marks, 'c', position, DatumGetTimestampTz(click));
	}
	SPI_freetuptable(SPI_tuptable);
}

/*
 * Gives the marks of a message whose stored hits were judged again: what its hits say,
 * and what they never said, for it came of hits that are dropped by now.
 */
static Marks
recounted_marks(const Marked *marked)
{
	Marks old = marks_of(&marked->state);
	Marks new = marked->after;

	new.viewed |= old.viewed & ~marked->before.viewed;
	new.clicked |= old.clicked & ~marked->before.clicked;
	if (old.first_view < marked->before.first_view)
		new.first_view = Min(new.first_view, old.first_view);
	if (old.first_click < marked->before.first_click)
		new.first_click = Min(new.first_click, old.first_click);
	return new;
}

/*
 * Makes messages follow new hits, which are stored, and new verdicts. Gives what the
 * tallies have to follow; tally_write is the last thing to be called. SPI is connected.
 */
Tally *
store_changes(HitChange *changes, int count)
{
	bool far = catalog_is_distributed();
	MarksTable *table = far ? NULL : marks_table_open();
	Tally *tally = tally_begin();
	Clickers clickers = {0};
	Marked *marked;
	int groups;

	qsort(changes, (size_t) count, sizeof(HitChange), compare_changes);
	marked = group_by_message(changes, count, &groups);
	if (far)
		lock_far_messages(marked, groups);
	for (int i = 0; i < groups && !far; i++)
	{
		if (!update_unlocked(table, &marked[i]))
			lock_message(table, &marked[i]);
		CHECK_FOR_INTERRUPTS();
	}
	recount(marked, groups, offsetof(Marked, before));
	(far ? update_far_hits : update_hits)(changes, count);
	recount(marked, groups, offsetof(Marked, after));
	for (int i = 0; i < groups; i++)
	{
		if (!marked[i].exists)
			continue;
		if (marked[i].recount)
			marked[i].marks = recounted_marks(&marked[i]);
		if (!far)
			update_message(table, &marked[i]);
		if (marked[i].state.first_click_at == DT_NOEND &&
			marked[i].marks.first_click != DT_NOEND)
			clickers_add(&clickers, &marked[i].state);
		count_message(tally, &marked[i]);
		CHECK_FOR_INTERRUPTS();
	}
	clickers_write(&clickers);
	if (far)
		update_far_messages(marked, groups);
	else
		marks_table_close(table);
	return tally;
}
