/*
 * burst.h: many hits at once from one source, which no person makes: rule 10. It needs
 * the hits beside a hit, so hit.h cannot judge it.
 */
#ifndef SMSTRACK_BURST_H
#define SMSTRACK_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hit.h"

/* So many links of one message, or so many messages of one campaign, within so long. */
#define BURST_LINKS 2
#define BURST_LINKS_MICROSECONDS 2000000
#define BURST_MESSAGES 20
#define BURST_MESSAGES_MICROSECONDS 5000000

typedef struct BurstHit
{
	int64_t at; /* in microseconds */
	uint64_t message;
	unsigned position; /* of the link, 0 to 15 */
	HitRule rule;      /* what hit_classify said */
	bool person;       /* and of the sign of a person */
	size_t tag;        /* the caller's own: the order changes */
	bool burst;        /* the result */
	/* for the work */
	uint64_t group;
	uint64_t key;
	size_t rank;
	size_t before;
	size_t after;
	bool shielded;
} BurstHit;

extern void burst_mark(BurstHit *hits, size_t count);

#endif
