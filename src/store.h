/*
 * store.h: everything that is written to the extension's tables.
 */
#ifndef SMSTRACK_STORE_H
#define SMSTRACK_STORE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "executor/tuptable.h"

#include "message.h"

/* A request for a link, judged. Texts may be NULL. */
typedef struct NewHit
{
	int64 message_id;
	int32 position;
	TimestampTz at;
	char hit_class; /* v, c or b */
	int32 rule;
	int32 confidence;
	int64 user_agent_id;
	text *user_agent;
	const char *os;
	const char *device;
	bool has_address;
	Datum address;
	text *referrer;
	bool has_request_id;
	Datum request_id;
} NewHit;

/* A conversion; order_id may be NULL. */
typedef struct NewConversion
{
	const char *account;
	int64 message_id;
	int32 position;
	TimestampTz clicked_at;
	TimestampTz at;
	text *goal;
	text *order_id;
	bool has_value;
	Datum value;
	text *currency;
	const char *source;
} NewConversion;

extern void store_message(const NewMessage *message);
extern void store_message_row(const NewMessage *message, TupleTableSlot *row);
extern bool store_hit(const NewHit *hit);
extern bool store_conversion(const NewConversion *conversion);
extern int64 store_idempotency_key(const char *account, text *key, bytea *fingerprint,
								   int64 message_id, bool *same);

#endif
