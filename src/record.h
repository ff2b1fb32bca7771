/*
 * record.h: requests for short links, recorded and answered.
 */
#ifndef SMSTRACK_RECORD_H
#define SMSTRACK_RECORD_H

#include "postgres.h"

#include "core/hit.h"
#include "resolve.h"

/* A request as the redirector passes it on, in UTF-8; a text that is NULL was not sent. */
typedef struct HitRequest
{
	HitText code;
	HitText host;
	HitText user_agent;
	HitText referrer;
	HitText method;
	HitText purpose;
	HitText fetch_mode;
	HitText fetch_dest;
	TimestampTz at;
	bool has_address;
	Datum address;
	bool has_request_id;
	Datum request_id;
} HitRequest;

typedef struct HitAnswer
{
	ResolveStatus status;
	HitClass class; /* none where nothing was found */
	text *target_url;
	text *plain_url; /* without the token */
	text *token; /* for a click whose conversions are measured; as the following */
	char *cookie_domain;
	int32 cookie_max_age; /* in seconds */
	char *fallback_url; /* where nothing was found; NULL: none */
} HitAnswer;

extern void record_hits(const HitRequest *requests, int count, HitAnswer *answers);

#endif
