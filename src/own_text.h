/*
 * own_text.h: a body of the caller's own, with its links.
 */
#ifndef SMSTRACK_OWN_TEXT_H
#define SMSTRACK_OWN_TEXT_H

#include "postgres.h"

#include "utils/array.h"

#include "core/link.h"
#include "domain.h"

/* A body in UTF-8 with its tracked links. */
typedef struct OwnText
{
	const char *utf8;
	size_t length;
	Link links[LINK_POSITIONS];
	int count;
	uint32 warnings;
	bool merge_field; /* has what would be one in a template */
} OwnText;

/* Finds the links that are to be tracked. */
extern void own_text_parse(text *body, bool track, OwnText *own);

/* Splices the short links into the body; gives it in UTF-8 with its length. */
extern char *own_text_render(const OwnText *own, LinkDomain *domain, int32 code_length,
							 int64 message_id, size_t *length);

/* Gives the links' target URLs, exactly as they stood in the body; NULL for none. */
extern ArrayType *own_text_targets(const OwnText *own);

#endif
