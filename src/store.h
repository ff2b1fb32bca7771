/*
 * store.h: everything that is written to the extension's tables.
 */
#ifndef SMSTRACK_STORE_H
#define SMSTRACK_STORE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "executor/tuptable.h"

#include "message.h"

/* A request for a link, judged. */
typedef struct NewHit
{
	const FoundMessage *message;
	int32 position;
	TimestampTz at;
	char hit_class; /* v, c or b; a click may turn out to be a bot's */
	int16 rule;
	int16 confidence;
	int16 signs;
	int16 os;
	int16 device;
	int32 country; /* country.h; 0: not known */
	bool has_user_agent;
	int64 user_agent_id;
	text *user_agent; /* where it may have to be stored; else NULL */
	bool has_source;
	int64 source;
	bool may_burst; /* no sign of a person that all hits of its source have */
	bool has_address;
	Datum address;
	text *referrer; /* NULL: none */
	bool has_request_id;
	Datum request_id;
	bool stored; /* the result: false if the request was stored before */
} NewHit;

extern void store_message(const NewMessage *message);
extern void store_message_row(const NewMessage *message, TupleTableSlot *row);
extern void store_hits(NewHit *hits, int count);
extern int64 store_reclassified(TimestampTz since);
extern int64 store_idempotency_key(const char *account, text *key, bytea *fingerprint,
								   int64 message_id, bytea *owner, bool *same);
extern void store_idempotency_release(const char *account, text *key, int64 message_id);

#endif
