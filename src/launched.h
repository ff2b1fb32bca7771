/*
 * launched.h: whether a campaign's launches have written to a recipient, one at a time.
 */
#ifndef SMSTRACK_LAUNCHED_H
#define SMSTRACK_LAUNCHED_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Ids of a launch's messages; ids of others may lie between. */
typedef struct LaunchedSpan
{
	int64 first;
	int64 last;
	TimestampTz at; /* when its messages were made, which others in between were not */
} LaunchedSpan;

extern bool launched_has(int32 campaign, const LaunchedSpan *spans, int count,
						 const text *recipient);

#endif
