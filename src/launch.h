/*
 * launch.h: goes through an audience for a campaign: to prepare it, or to estimate it.
 */
#ifndef SMSTRACK_LAUNCH_H
#define SMSTRACK_LAUNCH_H

#include "postgres.h"

#include "price.h"

typedef struct LaunchRequest
{
	const char *campaign;
	Oid audience;
	int64 max_recipients; /* -1: all */
	double share;
	bool test;
	bool write; /* false: an estimate */
} LaunchRequest;

/* What became of recipients; the order is that of the columns of smstrack.launch. */
typedef enum LaunchOutcome
{
	LAUNCH_PREPARED,
	LAUNCH_OPTED_OUT,
	LAUNCH_INVALID,
	LAUNCH_DUPLICATE,
	LAUNCH_ALREADY,
	LAUNCH_NOT_IN_SHARE,
	LAUNCH_OVER_MAXIMUM,
	LAUNCH_OUTCOMES
} LaunchOutcome;

/* Counts of the recipients of one variant whose segments cost the same. */
typedef struct LaunchTally
{
	int64 outcomes[LAUNCH_OUTCOMES];
	int64 segments_before;
	int64 segments_after;
} LaunchTally;

typedef struct LaunchResult
{
	int64 launch; /* 0: an estimate */
	PriceList *prices;
	char **variants;
	int variant_count;
	LaunchTally *tallies; /* variant-major, price_count + 1 each: the last has no price */
	LaunchTally rest;	  /* rows without a variant: their recipient is invalid */
} LaunchResult;

/* Gives the tally of a variant and a price (-1: none). */
extern LaunchTally *launch_tally(const LaunchResult *result, int variant, int price);

/* Adds up all tallies. */
extern LaunchTally launch_total(const LaunchResult *result);

/* Everything that it gives is in the current memory context. */
extern void launch_run(const LaunchRequest *request, LaunchResult *result);

#endif
