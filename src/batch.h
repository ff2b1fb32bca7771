/*
 * batch.h: how the next batch of a campaign is shared out among its variants.
 */
#ifndef SMSTRACK_BATCH_H
#define SMSTRACK_BATCH_H

#include "postgres.h"

#include "allotment.h"
#include "store_launch.h"

/*
 * Plans the launch of a campaign's next batch: sets the weights of the variants, whose
 * ids are given. Decides where it is time to; raises where the campaign is stopped. SPI
 * is connected; the campaign is locked, unless it is but estimated.
 */
extern void batch_plan(const LaunchRequest *request, const LaunchCampaign *campaign,
					   const int32 *variants, Allotment *allotment, Batch *batch);

/* What a launch would do now. */
typedef struct Foresight
{
	double share; /* of an audience at most; 1: all, or it depends on the audience */
	const char *obstacle; /* what it would fail for; NULL: nothing */
} Foresight;

/*
 * Sets the weights of the variants as a launch would, and writes nothing. SPI is
 * connected.
 */
extern void batch_foresee(const char *campaign, const int32 *variants,
						  Allotment *allotment, Foresight *foresight);

/*
 * Raises where a test goes on and a launch found nobody for it: the rest has to wait.
 */
extern void batch_check(const Batch *batch, int64 prepared);

/*
 * Plans the single messages of a campaign: sets the weights of the variants, and gives
 * the id of the allotment; 0: only one variant can be had. Never raises for a campaign
 * that is stopped or not set up: such messages cannot wait.
 */
extern int64 batch_plan_single(const LaunchCampaign *campaign, const int32 *variants,
							   Allotment *allotment);

#endif
