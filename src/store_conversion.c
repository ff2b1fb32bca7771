/*
 * store_conversion.c: writes the ledger of conversions.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "store.h"
#include "store_run.h"

/* Locks the message before the ledger: the order that hits keep too. */
static void
lock_message(const NewConversion *conversion)
{
	static StoreStatement statement = {
		.query = "SELECT FROM smstrack.message WHERE message_id = $1 FOR NO KEY UPDATE",
		.arguments = 1,
		.types = {INT8OID}};
	Datum values[] = {Int64GetDatum(conversion->message_id)};

	store_run(&statement, values, NULL);
}

/* Inserts a conversion; false if its order, or its click, has it already. */
static bool
insert_conversion(const NewConversion *conversion)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.conversion (account, message_id, \"position\","
				 " clicked_at, at, goal, order_id, value, currency, source) "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
		.arguments = 10,
		.types = {TEXTOID, INT8OID, INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
				  NUMERICOID, TEXTOID, TEXTOID}};
	Datum values[] = {CStringGetTextDatum(conversion->account),
					  Int64GetDatum(conversion->message_id),
					  Int16GetDatum((int16) conversion->position),
					  TimestampTzGetDatum(conversion->clicked_at),
					  TimestampTzGetDatum(conversion->at),
					  PointerGetDatum(conversion->goal),
					  PointerGetDatum(conversion->order_id),
					  conversion->value,
					  PointerGetDatum(conversion->currency),
					  CStringGetTextDatum(conversion->source)};
	char nulls[] = "          ";

	nulls[6] = conversion->order_id != NULL ? ' ' : 'n';
	nulls[7] = conversion->has_value ? ' ' : 'n';
	nulls[8] = conversion->currency != NULL ? ' ' : 'n';
	return store_run(&statement, values, nulls) > 0;
}

/* Marks the message's first conversion; a message keeps the earliest time. */
static void
mark_converted(const NewConversion *conversion)
{
	static StoreStatement statement = {
		.query = "UPDATE smstrack.message SET first_conversion_at = $2 "
				 "WHERE message_id = $1 AND (first_conversion_at IS NULL"
				 " OR first_conversion_at > $2)",
		.arguments = 2,
		.types = {INT8OID, TIMESTAMPTZOID}};
	Datum values[] = {Int64GetDatum(conversion->message_id),
					  TimestampTzGetDatum(conversion->at)};

	store_run(&statement, values, NULL);
}

/* Stores a conversion once per order, or per click; false if it is there already. */
bool
store_conversion(const NewConversion *conversion)
{
	CatalogUser caller;
	bool inserted;

	PreventCommandIfReadOnly("recording a conversion");
	caller = catalog_become_owner();
	SPI_connect();
	lock_message(conversion);
	inserted = insert_conversion(conversion);
	if (inserted)
	{
		mark_converted(conversion);
		store_conversion_of_click(conversion->message_id, conversion->position,
								  conversion->clicked_at);
	}
	SPI_finish();
	catalog_become_caller(caller);
	ForceSyncCommit();
	return inserted;
}
