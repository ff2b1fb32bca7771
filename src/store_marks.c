/*
 * store_marks.c: locks messages and writes what they say of their hits: straight in the
 * heap where the table is as the extension made it, through plans where it is not.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "store_marks.h"
#include "store_plain.h"
#include "store_row.h"
#include "store_run.h"

struct MarksTable
{
	Relation relation;
	TupleTableSlot *slot;
	bool direct;
};

Marks
marks_of(const FoundMessage *message)
{
	return (Marks){message->viewed_links, message->clicked_links, message->first_view_at,
				   message->first_click_at};
}

bool
marks_equal(const Marks *a, const Marks *b)
{
	return a->viewed == b->viewed && a->clicked == b->clicked &&
		   a->first_view == b->first_view && a->first_click == b->first_click;
}

MarksTable *
marks_table_open(void)
{
	MarksTable *table = palloc(sizeof(MarksTable));

	table->relation = table_open(catalog_relation(CATALOG_MESSAGE), RowExclusiveLock);
	table->slot = table_slot_create(table->relation, NULL);
	table->direct =
		store_is_plain(table->relation) && store_indexes_are_simple(table->relation);
	return table;
}

void
marks_table_close(MarksTable *table)
{
	ExecDropSingleTupleTableSlot(table->slot);
	table_close(table->relation, NoLock);
	pfree(table);
}

static bool
lock_by_plan(FoundMessage *message, LockTupleMode mode)
{
#define LOCK(strength)                                                                   \
	{                                                                                    \
		.query = "SELECT m.* FROM smstrack.message AS m WHERE m.message_id = $1 "        \
				 "FOR " strength,                                                        \
		.arguments = 1, .types = {                                                       \
			INT8OID                                                                      \
		}                                                                                \
	}
	static StoreStatement weak = LOCK("KEY SHARE");
	static StoreStatement middle = LOCK("NO KEY UPDATE");
	static StoreStatement strong = LOCK("UPDATE");
#undef LOCK
	Datum values[] = {Int64GetDatum(message->message_id)};

	if (store_run(mode == LockTupleKeyShare	   ? &weak
				  : mode == LockTupleExclusive ? &strong
											   : &middle,
				  values, NULL) == 0)
		return false;
	message_read(heap_copytuple(SPI_tuptable->vals[0]), SPI_tuptable->tupdesc, message);
	SPI_freetuptable(SPI_tuptable);
	return true;
}

bool
marks_lock(MarksTable *table, FoundMessage *message, LockTupleMode mode)
{
	if (!table->direct)
		return lock_by_plan(message, mode);
	if (!store_row_lock(table->relation, &message->tid, mode, table->slot))
		return lock_by_plan(message, mode);
	message_read(ExecCopySlotHeapTuple(table->slot), RelationGetDescr(table->relation),
				 message);
	message->tid = table->slot->tts_tid;
	return true;
}

/* Gives the columns that say what a message's hits were. */
static RowChange
marks_change(const Marks *marks)
{
	return (RowChange){.count = 4,
					   .columns = {MESSAGE_VIEWED_LINKS, MESSAGE_CLICKED_LINKS,
								   MESSAGE_FIRST_VIEW_AT, MESSAGE_FIRST_CLICK_AT},
					   .values = {Int32GetDatum(marks->viewed),
								  Int32GetDatum(marks->clicked),
								  TimestampTzGetDatum(marks->first_view),
								  TimestampTzGetDatum(marks->first_click)},
					   .nulls = {false, false, marks->first_view == DT_NOEND,
								 marks->first_click == DT_NOEND}};
}

static void
write_by_plan(const FoundMessage *message, const RowChange *change)
{
	static StoreStatement statement = {
		.query = "UPDATE smstrack.message SET viewed_links = $2, clicked_links = $3,"
				 " first_view_at = $4, first_click_at = $5 WHERE message_id = $1",
		.arguments = 5,
		.types = {INT8OID, INT4OID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	Datum values[5] = {Int64GetDatum(message->message_id)};
	char nulls[5] = {' '};

	for (int i = 0; i < change->count; i++)
	{
		values[i + 1] = change->values[i];
		nulls[i + 1] = change->nulls[i] ? 'n' : ' ';
	}
	store_run(&statement, values, nulls);
}

void
marks_write(MarksTable *table, FoundMessage *message, const Marks *marks)
{
	RowChange change = marks_change(marks);

	if (!table->direct)
		write_by_plan(message, &change);
	else if (store_row_lock(table->relation, &message->tid, LockTupleNoKeyExclusive,
							table->slot))
		store_row_update(table->relation, table->slot, &change);
	else
		write_by_plan(message, &change);
}

bool
marks_write_unlocked(MarksTable *table, const FoundMessage *message, const Marks *marks)
{
	RowChange change = marks_change(marks);

	return table->direct &&
		   store_row_update_unlocked(table->relation, message->tuple, &change);
}
