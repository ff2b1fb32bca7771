/*
 * launch_rows.c: messages, outbox rows, skips and hashes of a launch, in batches: message
 * before outbox.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "launch_rows.h"
#include "message_tally.h"
#include "recipient.h"
#include "store.h"
#include "store_table.h"

/* Rows written at a time: more where each time is a journey to other nodes. */
#define BATCH	  1000
#define BATCH_FAR 10000

struct LaunchRows
{
	const LaunchCampaign *campaign;
	int64 launch;
	MemoryContext context;
	TableWriter *messages;
	TableWriter *outbox;
	TableWriter *skips;
	TableWriter *hashes;   /* NULL: nobody is noted */
	unsigned char key[32]; /* of the hashes */
	int64 first_message_id;
	int64 last_message_id;
};

LaunchRows *
launch_rows_open(const LaunchCampaign *campaign, int64 launch, bool test)
{
	LaunchRows *rows = palloc0(sizeof(LaunchRows));
	int batch = catalog_is_distributed() ? BATCH_FAR : BATCH;

	rows->campaign = campaign;
	rows->launch = launch;
	rows->context = AllocSetContextCreate(CurrentMemoryContext, "smstrack launch batch",
										  ALLOCSET_DEFAULT_SIZES);
	rows->messages = table_writer_open(CATALOG_MESSAGE, MESSAGE_COLUMNS, batch);
	rows->outbox = table_writer_open(CATALOG_OUTBOX, OUTBOX_COLUMNS, batch);
	rows->skips = table_writer_open(CATALOG_LAUNCH_SKIP, LAUNCH_SKIP_COLUMNS, batch);
	if (campaign->tracking == 'a' && !test)
	{
		recipient_key(campaign->account, true, rows->key);
		rows->hashes = table_writer_open(CATALOG_CAMPAIGN_RECIPIENT,
										 CAMPAIGN_RECIPIENT_COLUMNS, batch);
	}
	return rows;
}

MemoryContext
launch_rows_context(LaunchRows *rows)
{
	return rows->context;
}

int64
launch_rows_first(const LaunchRows *rows)
{
	return rows->first_message_id;
}

int64
launch_rows_last(const LaunchRows *rows)
{
	return rows->last_message_id;
}

/* Writes what is gathered, and forgets what it pointed to. */
static void
flush(LaunchRows *rows)
{
	MemoryContext former = MemoryContextSwitchTo(rows->context);

	table_writer_flush(rows->messages);
	table_writer_flush(rows->outbox);
	table_writer_flush(rows->skips);
	if (rows->hashes != NULL)
		table_writer_flush(rows->hashes);
	MemoryContextSwitchTo(former);
	MemoryContextReset(rows->context);
	CHECK_FOR_INTERRUPTS();
}

static void
add_outbox(LaunchRows *rows, int64 message_id, text *recipient, text *body)
{
	TupleTableSlot *row = table_writer_row(rows->outbox);

	row->tts_values[0] = Int64GetDatum(message_id);
	row->tts_values[1] = TimestampTzGetDatum(DT_NOBEGIN);
	row->tts_values[2] = Int32GetDatum(rows->campaign->id);
	row->tts_values[3] = Int32GetDatum(0);
	row->tts_values[4] = PointerGetDatum(recipient);
	row->tts_values[5] = PointerGetDatum(body);
	memset(row->tts_isnull, false, OUTBOX_COLUMNS);
	table_writer_add(rows->outbox);
}

/* Notes that an anonymous campaign has written to a recipient. */
static void
add_hash(LaunchRows *rows, const text *recipient)
{
	TupleTableSlot *row = table_writer_row(rows->hashes);

	row->tts_values[0] = Int32GetDatum(rows->campaign->id);
	row->tts_values[1] = recipient_hash_datum(rows->key, recipient);
	row->tts_isnull[0] = row->tts_isnull[1] = false;
	table_writer_add(rows->hashes);
}

void
launch_rows_message(LaunchRows *rows, const NewMessage *message, text *recipient,
					text *body)
{
	MemoryContext former = MemoryContextSwitchTo(rows->context);

	store_message_row(message, table_writer_row(rows->messages));
	table_writer_add(rows->messages);
	message_tally_prepared(message);
	add_outbox(rows, message->message_id, recipient, body);
	if (rows->hashes != NULL)
		add_hash(rows, recipient);
	MemoryContextSwitchTo(former);

	if (rows->first_message_id == 0)
		rows->first_message_id = message->message_id;
	rows->last_message_id = Max(rows->last_message_id, message->message_id);
	if (table_writer_is_full(rows->messages))
		flush(rows);
}

void
launch_rows_skip(LaunchRows *rows, const text *recipient, const char *reason)
{
	MemoryContext former;
	TupleTableSlot *row;

	if (rows->campaign->tracking == 'a')
		return;
	former = MemoryContextSwitchTo(rows->context);
	row = table_writer_row(rows->skips);
	row->tts_values[0] = Int64GetDatum(rows->launch);
	row->tts_isnull[0] = false;
	if (recipient != NULL)
	{
		row->tts_values[1] = datumCopy(PointerGetDatum(recipient), false, -1);
		row->tts_isnull[1] = false;
	}
	row->tts_values[2] = CStringGetTextDatum(reason);
	row->tts_isnull[2] = false;
	table_writer_add(rows->skips);
	MemoryContextSwitchTo(former);
	if (table_writer_is_full(rows->skips))
		flush(rows);
}

void
launch_rows_close(LaunchRows *rows)
{
	flush(rows);
	table_writer_close(rows->messages);
	table_writer_close(rows->outbox);
	table_writer_close(rows->skips);
	if (rows->hashes != NULL)
		table_writer_close(rows->hashes);
}
