/*
 * launched.h: whether a campaign's launches have written to a recipient, one at a time.
 */
#ifndef SMSTRACK_LAUNCHED_H
#define SMSTRACK_LAUNCHED_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/hsearch.h"

/* Ids of a launch's messages; ids of others may lie between. */
typedef struct LaunchedSpan
{
	int64 first;
	int64 last;
	TimestampTz at; /* when its messages were made, which others in between were not */
} LaunchedSpan;

/* The launches of a campaign. */
typedef struct Launched
{
	int32 campaign;
	int count;
	LaunchedSpan *spans;
	HTAB *probes; /* what was looked at before; NULL: nothing is kept */
	MemoryContext context;
} Launched;

/* Keeps what is looked at in the current memory context, for many recipients. */
extern void launched_keep_probes(Launched *launched);

extern bool launched_has(const Launched *launched, const text *recipient);

/* Gives the variant that a launch gave to a recipient; 0: none did. */
extern int32 launched_variant(const Launched *launched, const text *recipient);

#endif
