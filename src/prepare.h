/*
 * prepare.h: makes a message of a body and a recipient.
 */
#ifndef SMSTRACK_PREPARE_H
#define SMSTRACK_PREPARE_H

#include "postgres.h"

#include "core/segment.h"
#include "price.h"

/* What is asked for; pointers may be NULL but for body and recipient. */
typedef struct PrepareRequest
{
	text *body;
	text *recipient;
	text *label;
	text *idempotency_key;
	const char *link_domain;
	bool track;
	bool keep_body;
	bool test; /* outside all reports */
} PrepareRequest;

typedef struct PreparedMessage
{
	int64 message_id;
	text *body; /* in the database's encoding */
	int links;
	SegmentCount before;
	SegmentCount after;
	uint32 link_warnings; /* LINK_WARN_* of all links */
	text *recipient;	  /* normalised, if it is a possible number */
	bool valid_recipient;
	const Price *price; /* NULL: there is none for the recipient */
} PreparedMessage;

extern void prepare_message(const PrepareRequest *request, PreparedMessage *prepared);

#endif
