/*
 * store_clicker.c: remembers by recipient which messages were clicked. Clickers are few
 * beside messages, so that an index of them costs the launch nothing, and a hit only where
 * it is its message's first click.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/rel.h"

#include "catalog.h"
#include "domain.h"
#include "recipient.h"
#include "store_clicker.h"
#include "store_insert.h"
#include "store_run.h"

#define CLICKER_COLUMNS 2

/* Rows that are inserted in one go: judging again may bring many. */
#define PART_ROWS 500

void
clickers_add(Clickers *clickers, const FoundMessage *message)
{
	unsigned char key[32];

	if (message->recipient == NULL)
		return;
	domain_recipient_key(message->link_domain, key);
	if (clickers->count == clickers->room)
	{
		Size size;

		clickers->room = Max(64, clickers->room * 2);
		size = sizeof(Datum) * (Size) clickers->room;
		clickers->hashes =
			clickers->hashes == NULL ? palloc(size) : repalloc_huge(clickers->hashes, size);
		clickers->message_ids = clickers->message_ids == NULL
									? palloc(size)
									: repalloc_huge(clickers->message_ids, size);
	}
	clickers->hashes[clickers->count] = Int64GetDatum(
		recipient_hash_bigint(key, VARDATA_ANY(message->recipient),
							  VARSIZE_ANY_EXHDR(message->recipient)));
	clickers->message_ids[clickers->count++] = Int64GetDatum(message->message_id);
}

/* Inserts a row by a plan. */
static void
insert_by_plan(void *rows, int i)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.clicker (recipient_hash, message_id) "
				 "VALUES ($1, $2)",
		.arguments = 2,
		.types = {INT8OID, INT8OID}};
	const Clickers *clickers = rows;
	Datum values[] = {clickers->hashes[i], clickers->message_ids[i]};

	store_run(&statement, values, NULL);
}

/* Makes a slot for each row. */
static void
make_slots(const Clickers *clickers, Relation relation, TupleTableSlot **slots)
{
	for (int i = 0; i < clickers->count; i++)
	{
		slots[i] = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsVirtual);
		memset(slots[i]->tts_isnull, true,
			   (Size) slots[i]->tts_tupleDescriptor->natts * sizeof(bool));
		slots[i]->tts_values[0] = clickers->hashes[i];
		slots[i]->tts_values[1] = clickers->message_ids[i];
		slots[i]->tts_isnull[0] = slots[i]->tts_isnull[1] = false;
		ExecStoreVirtualTuple(slots[i]);
	}
}

static void
write_part(Clickers *clickers, Relation relation)
{
	TupleTableSlot *slots[PART_ROWS];
	bool inserted[PART_ROWS];

	make_slots(clickers, relation, slots);
	if (!store_insert_rows(RelationGetRelid(relation), CLICKER_COLUMNS, slots, clickers,
						   clickers->count, insert_by_plan, inserted))
		for (int i = 0; i < clickers->count; i++)
			insert_by_plan(clickers, i);
	for (int i = 0; i < clickers->count; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
}

void
clickers_write(const Clickers *clickers)
{
	Relation relation;

	if (clickers->count == 0)
		return;
	relation = table_open(catalog_relation(CATALOG_CLICKER), RowExclusiveLock);
	for (int done = 0; done < clickers->count; done += PART_ROWS)
	{
		Clickers part = {.hashes = clickers->hashes + done,
						 .message_ids = clickers->message_ids + done,
						 .count = Min(PART_ROWS, clickers->count - done)};

		write_part(&part, relation);
		CHECK_FOR_INTERRUPTS();
	}
	table_close(relation, NoLock);
}
