/*
 * allotment.h: which variant of a campaign a recipient gets.
 */
#ifndef SMSTRACK_ALLOTMENT_H
#define SMSTRACK_ALLOTMENT_H

#include "postgres.h"

/* How a campaign's recipients are shared out among its variants. */
typedef struct Allotment
{
	int32 campaign; /* with it, the seed */
	int64 seed;
	int count;
	int64 *weights; /* of the variants, by number */
	int64 total;
} Allotment;

/* What is recorded of a batch. */
typedef struct Batch
{
	const char *kind; /* as in smstrack.launch; NULL: a test launch, or an estimate */
	double share;	  /* at most this share of the audience */
	const int32 *variants;
	const Allotment *allotment;
	char *campaign; /* of a test that goes on: its campaign's name, */
	char *verdict;	/* and why nothing is decided yet; else NULL */
} Batch;

/* Starts an allotment of so many variants in the current memory context. */
extern void allotment_init(Allotment *allotment, int32 campaign, int count);
extern void allotment_set_weight(Allotment *allotment, int variant, int64 weight);

/* Gives the number of the variant for a recipient, as it is normalised. */
extern int allotment_choose(const Allotment *allotment, const char *recipient,
							size_t length);

/* Tells whether a recipient is in a share of a campaign's audience; shares only grow. */
extern bool allotment_in_share(int32 campaign, double share, const char *recipient,
							   size_t length);

#endif
