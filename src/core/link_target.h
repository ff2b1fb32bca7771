/*
 * link_target.h: what a link leads to. The stored target is the exact substring of the
 * body; here it is judged, at rewriting and again at resolving, and written as a browser
 * requests it.
 */
#ifndef SMSTRACK_LINK_TARGET_H
#define SMSTRACK_LINK_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"

#define LINK_TARGET_MAX 2048

/* Enough for the browser's form of any target that is allowed, its NUL included. */
#define LINK_TARGET_WRITTEN_MAX (3 * LINK_TARGET_MAX + HOST_ASCII_MAX + 16)

extern bool link_target_allowed(const char *url, size_t length);

typedef enum LinkTargetStatus
{
	LINK_TARGET_WRITTEN,
	LINK_TARGET_REFUSED, /* not allowed, or its host is not valid */
	LINK_TARGET_NO_ROOM	 /* does not fit into the buffer */
} LinkTargetStatus;

/* Writes the browser's form and a NUL; *written counts the bytes before the NUL. */
extern LinkTargetStatus link_target_write(const char *url, size_t length,
										  const UIDNA *idna, char *out, size_t out_size,
										  size_t *written);

/*
 * Writes a target in its browser's form with name=value added to its query, and a NUL;
 * the query and the fragment that are there stay. A parameter of that name that is there
 * already is not overwritten: then the target is written as it is.
 */
extern LinkTargetStatus link_target_decorate(const char *url, size_t length,
											 const char *name, const char *value,
											 char *out, size_t out_size, size_t *written);

#endif
