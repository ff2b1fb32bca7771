/*
 * prepare.h: makes a message of a body and a recipient.
 */
#ifndef SMSTRACK_PREPARE_H
#define SMSTRACK_PREPARE_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "core/segment.h"
#include "price.h"

/* What is asked for; pointers may be NULL, but the recipient's, and body and campaign. */
typedef struct PrepareRequest
{
	text *body; /* NULL: the campaign's */
	text *recipient;
	text *campaign; /* NULL: a message by itself */
	Jsonb *fields;	/* values of the campaign's merge fields */
	text *label;
	text *idempotency_key;
	const char *link_domain;
	bool track;
	bool keep_body;
	bool test; /* outside all reports */
	bool skip; /* whom the campaign must not write to is left out, without an error */
} PrepareRequest;

typedef struct PreparedMessage
{
	int64 message_id;
	text *body; /* in the database's encoding */
	int links;
	SegmentCount before;
	SegmentCount after;
	uint32 link_warnings; /* LINK_WARN_* of all links */
	bool merge_field;	  /* one stays as it is: the text is the caller's own */
	text *recipient;	  /* normalised, if it is a possible number */
	bool valid_recipient;
	const Price *price; /* NULL: there is none for the recipient */
} PreparedMessage;

/* prepare_request.c: complains about a request that makes no sense. */
extern void prepare_check(const PrepareRequest *request);

/*
 * Prepares a message; everything it gives is in the current memory context. False where
 * the recipient is left out.
 */
extern bool prepare_message(const PrepareRequest *request, PreparedMessage *prepared);

#endif
