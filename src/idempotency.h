/*
 * idempotency.h: keys under which a message is prepared once, whoever asks again.
 */
#ifndef SMSTRACK_IDEMPOTENCY_H
#define SMSTRACK_IDEMPOTENCY_H

#include "postgres.h"

#include "message.h"
#include "prepare.h"

/*
 * Claims the current account's key for a message. Gives false where it is new; else the
 * message that was prepared for it before. Raises where that was another one. The owner
 * is the hash of a recipient whom the message does not name; NULL where it does.
 */
extern bool idempotency_claim(const PrepareRequest *request, int64 message_id,
							  bytea *owner, FoundMessage *found);

/* Raises where a body has other links now than when the key was first used. */
extern void idempotency_check_links(const PrepareRequest *request, ArrayType *targets,
									const FoundMessage *found);

#endif
