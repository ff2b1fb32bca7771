/*
 * store_message.c: writes messages, and the idempotency keys they are prepared under.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "message.h"
#include "message_tally.h"
#include "store.h"
#include "store_run.h"
#include "store_table.h"

/* Fills a row of smstrack.message. */
void
store_message_row(const NewMessage *message, TupleTableSlot *row)
{
#define SET(column, datum) \
	(row->tts_values[(column) - 1] = (datum), row->tts_isnull[(column) - 1] = false)
#define SET_POINTER(column, pointer) \
	(row->tts_values[(column) - 1] = PointerGetDatum(pointer), \
	 row->tts_isnull[(column) - 1] = (pointer) == NULL)
#define SET_ID(column, id) \
	(row->tts_values[(column) - 1] = Int32GetDatum(id), \
	 row->tts_isnull[(column) - 1] = (id) == 0)
	SET(MESSAGE_ID, Int64GetDatum(message->message_id));
	SET(MESSAGE_CREATED_AT, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	SET(MESSAGE_LINK_DOMAIN, Int32GetDatum(message->link_domain));
	SET_ID(MESSAGE_CAMPAIGN, message->campaign);
	SET_ID(MESSAGE_VARIANT, message->variant);
	SET(MESSAGE_VIEWED_LINKS, Int32GetDatum(0));
	SET(MESSAGE_CLICKED_LINKS, Int32GetDatum(0));
	SET(MESSAGE_LINKS, Int16GetDatum(message->links));
	SET(MESSAGE_CODE_LENGTH, Int16GetDatum(message->code_length));
	SET(MESSAGE_SEGMENTS_BEFORE, Int16GetDatum(message->segments_before));
	SET(MESSAGE_SEGMENTS_AFTER, Int16GetDatum(message->segments_after));
	SET(MESSAGE_COUNTRY, Int16GetDatum(message->country));
	SET(MESSAGE_ENCODING_BEFORE, CharGetDatum(message->encoding_before));
	SET(MESSAGE_ENCODING_AFTER, CharGetDatum(message->encoding_after));
	SET(MESSAGE_STATUS, CharGetDatum(message->shared ? 'l' : 'p'));
	SET(MESSAGE_TEST, BoolGetDatum(message->test));
	SET_POINTER(MESSAGE_RECIPIENT, message->recipient);
	SET_POINTER(MESSAGE_TARGET_URLS, message->target_urls);
	SET_POINTER(MESSAGE_LABEL, message->label);
	SET_POINTER(MESSAGE_BODY, message->body);
	SET_POINTER(MESSAGE_SEGMENT_PRICE, message->segment_price);
	SET_POINTER(MESSAGE_CURRENCY, message->currency);
#undef SET
#undef SET_POINTER
#undef SET_ID
}

/* Stores a prepared message; its commit will be durable whatever the setting says. */
void
store_message(const NewMessage *message)
{
	TableWriter *writer;

	PreventCommandIfReadOnly("preparing a message");
	writer = table_writer_open(CATALOG_MESSAGE, MESSAGE_COLUMNS, 1);
	store_message_row(message, table_writer_row(writer));
	table_writer_add(writer);
	table_writer_close(writer);
	message_tally_prepared(message);
	ForceSyncCommit();
}

/*
 * Claims an idempotency key for a message. Gives that message's id, or the id of the
 * message that holds the key; *same tells whether that was asked for the same.
 */
int64
store_idempotency_key(const char *account, text *key, bytea *fingerprint,
					  int64 message_id, bytea *owner, bool *same)
{
	static StoreStatement claim = {
		.query =
			"INSERT INTO smstrack.idempotency (account, key, message_id, fingerprint,"
			" recipient_hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		.arguments = 5,
		.types = {TEXTOID, TEXTOID, INT8OID, BYTEAOID, BYTEAOID}};
	static StoreStatement holder = {
		.query = "SELECT message_id, fingerprint = $3 FROM smstrack.idempotency "
				 "WHERE account = $1 AND key = $2",
		.arguments = 3,
		.types = {TEXTOID, TEXTOID, BYTEAOID}};
	Datum claimed[] = {CStringGetTextDatum(account), PointerGetDatum(key),
					   Int64GetDatum(message_id), PointerGetDatum(fingerprint),
					   PointerGetDatum(owner)};
	Datum asked[] = {claimed[0], claimed[1], claimed[3]};
	CatalogUser caller = catalog_become_owner();
	bool null;

	SPI_connect();
	*same = true;
	while (store_run(&claim, claimed, owner == NULL ? "    n" : NULL) == 0)
	{
		/* given back since the claim failed: it is free again */
		CHECK_FOR_INTERRUPTS();
		if (store_run(&holder, asked, NULL) == 0)
			continue;
		message_id = DatumGetInt64(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
		*same = DatumGetBool(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &null));
		break;
	}
	SPI_finish();
	catalog_become_caller(caller);
	return message_id;
}

/* Gives a key back whose message was not prepared after all. */
void
store_idempotency_release(const char *account, text *key, int64 message_id)
{
	static StoreStatement release = {
		.query = "DELETE FROM smstrack.idempotency "
				 "WHERE account = $1 AND key = $2 AND message_id = $3",
		.arguments = 3,
		.types = {TEXTOID, TEXTOID, INT8OID}};
	Datum values[] = {CStringGetTextDatum(account), PointerGetDatum(key),
					  Int64GetDatum(message_id)};
	CatalogUser caller = catalog_become_owner();

	SPI_connect();
	store_run(&release, values, NULL);
	SPI_finish();
	catalog_become_caller(caller);
}
