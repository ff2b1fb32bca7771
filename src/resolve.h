/*
 * resolve.h: from what a phone requests to the message and the target URL behind it.
 */
#ifndef SMSTRACK_RESOLVE_H
#define SMSTRACK_RESOLVE_H

#include "postgres.h"

#include "domain.h"
#include "message.h"

typedef enum ResolveStatus
{
	RESOLVE_FOUND,
	RESOLVE_NOT_FOUND, /* unknown, expired, erased, malformed: strangers see no difference */
	RESOLVE_REFUSED,   /* the target is one that no browser should be sent to */
	RESOLVE_OPT_OUT,   /* an opt-out link: it has no target, and is no hit */
	RESOLVE_ALIAS	   /* found: a vanity or imported link; the message's id is its own, negative */
} ResolveStatus;

typedef struct ResolvedLink
{
	LinkDomain *domain;
	FoundMessage message;
	int32 position;
	text *target_url;	/* as a browser requests it */
	char *fallback_url; /* of the campaign, where nothing was found; NULL: the domain's */
	bool conversions;	/* false: a click gets neither token nor cookie */
	int32 window;		/* seconds after a click in which a conversion is credited to it */
} ResolvedLink;

extern bool resolve_is_code(const char *code, Size length);
extern ResolveStatus resolve_code(MessageReader *messages, const char *code, Size length,
								  const char *host, TimestampTz at, ResolvedLink *link);
extern bool resolve_message_id(const char *code, Size length, const char *host,
							   int64 *message_id);
extern ResolveStatus resolve_one_code(const char *code, const char *host, TimestampTz at,
									  ResolvedLink *link);

/* Writes a fallback URL as a browser requests it; NULL where there is none to lead to. */
extern char *resolve_fallback(const char *url);

extern const char *resolve_status_name(ResolveStatus status);

#endif
