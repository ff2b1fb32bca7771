/*
 * store_clicker.c: remembers by recipient which messages were clicked. Clickers are few
 * beside messages, so that an index of them costs the launch nothing, and a hit only
 * where it is its message's first click.
 */
#include "postgres.h"

#include "domain.h"
#include "recipient.h"
#include "store_clicker.h"
#include "store_table.h"

#define CLICKER_COLUMNS 2
#define BATCH			1000

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

		clickers->room = Max(128, clickers->room * 2);
		size = sizeof(Clicker) * (Size) clickers->room;
		clickers->list =
			clickers->list == NULL ? palloc(size) : repalloc_huge(clickers->list, size);
	}
	clickers->list[clickers->count].hash = recipient_hash_bigint(
		key, VARDATA_ANY(message->recipient), VARSIZE_ANY_EXHDR(message->recipient));
	clickers->list[clickers->count++].message_id = message->message_id;
}

static int
compare_clickers(const void *a, const void *b)
{
	int64 x = ((const Clicker *) a)->hash;
	int64 y = ((const Clicker *) b)->hash;

	return x < y ? -1 : x > y;
}

/* Writes the clickers, in the order of the index. */
void
clickers_write(const Clickers *clickers)
{
	TableWriter *writer;

	if (clickers->count == 0)
		return;
	qsort(clickers->list, (size_t) clickers->count, sizeof(Clicker), compare_clickers);
	writer =
		table_writer_open(CATALOG_CLICKER, CLICKER_COLUMNS, Min(clickers->count, BATCH));
	for (int i = 0; i < clickers->count; i++)
	{
		TupleTableSlot *row = table_writer_row(writer);

		row->tts_values[0] = Int64GetDatum(clickers->list[i].hash);
		row->tts_values[1] = Int64GetDatum(clickers->list[i].message_id);
		row->tts_isnull[0] = row->tts_isnull[1] = false;
		table_writer_add(writer);
		if (table_writer_is_full(writer))
			table_writer_flush(writer);
	}
	table_writer_close(writer);
}
