/*
 * store_hit.c: writes hits and what follows from them.
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

/* Marks a message's first view or click; a message keeps the earliest times. */
static void
mark_message(const NewHit *hit)
{
	static StoreStatement view = {
		.query = "UPDATE smstrack.message SET viewed_links = viewed_links | (1 << $2),"
				 " first_view_at = least(first_view_at, $3) "
				 "WHERE message_id = $1 AND (viewed_links & (1 << $2) = 0"
				 " OR first_view_at > $3)",
		.arguments = 3,
		.types = {INT8OID, INT4OID, TIMESTAMPTZOID}};
	static StoreStatement click = {
		.query = "UPDATE smstrack.message SET clicked_links = clicked_links | (1 << $2),"
				 " first_click_at = least(first_click_at, $3) "
				 "WHERE message_id = $1 AND (clicked_links & (1 << $2) = 0"
				 " OR first_click_at > $3)",
		.arguments = 3,
		.types = {INT8OID, INT4OID, TIMESTAMPTZOID}};
	Datum values[] = {Int64GetDatum(hit->message_id), Int32GetDatum(hit->position),
					  TimestampTzGetDatum(hit->at)};

	if (hit->hit_class == 'v')
		store_run(&view, values, NULL);
	else if (hit->hit_class == 'c')
		store_run(&click, values, NULL);
}

static void
insert_user_agent(const NewHit *hit)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.user_agent (user_agent_id, user_agent, os, device) "
				 "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		.arguments = 4,
		.types = {INT8OID, TEXTOID, TEXTOID, TEXTOID}};
	Datum values[] = {Int64GetDatum(hit->user_agent_id), PointerGetDatum(hit->user_agent),
					  CStringGetTextDatum(hit->os), CStringGetTextDatum(hit->device)};

	if (hit->user_agent != NULL)
		store_run(&statement, values, NULL);
}

/* Inserts the hit; false if its request id is known already. */
static bool
insert_hit(const NewHit *hit)
{
	static StoreStatement statement = {
		.query = "INSERT INTO smstrack.hit (message_id, at, \"position\", class, rule,"
				 " confidence, user_agent_id, address, referrer, request_id) "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
		.arguments = 10,
		.types = {INT8OID, TIMESTAMPTZOID, INT2OID, CHAROID, INT2OID, INT2OID, INT8OID,
				  INETOID, TEXTOID, UUIDOID}};
	Datum values[] = {Int64GetDatum(hit->message_id),
					  TimestampTzGetDatum(hit->at),
					  Int16GetDatum((int16) hit->position),
					  CharGetDatum(hit->hit_class),
					  Int16GetDatum((int16) hit->rule),
					  Int16GetDatum((int16) hit->confidence),
					  Int64GetDatum(hit->user_agent_id),
					  hit->address,
					  PointerGetDatum(hit->referrer),
					  hit->request_id};
	char nulls[] = "          ";

	nulls[6] = hit->user_agent != NULL ? ' ' : 'n';
	nulls[7] = hit->has_address ? ' ' : 'n';
	nulls[8] = hit->referrer != NULL ? ' ' : 'n';
	nulls[9] = hit->has_request_id ? ' ' : 'n';
	return store_run(&statement, values, nulls) > 0;
}

/* Stores a hit and what follows from it; false if it was stored before. */
bool
store_hit(const NewHit *hit)
{
	CatalogUser caller;
	bool inserted;

	PreventCommandIfReadOnly("recording a hit");
	caller = catalog_become_owner();
	SPI_connect();
	/* the message first: the lock order; a repeated request changes nothing in it */
	mark_message(hit);
	insert_user_agent(hit);
	inserted = insert_hit(hit);
	SPI_finish();
	catalog_become_caller(caller);
	ForceSyncCommit();
	return inserted;
}
