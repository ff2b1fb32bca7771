/*
 * store_launch.h: what a launch reads and writes of its campaign, under the campaign's
 * lock.
 */
#ifndef SMSTRACK_STORE_LAUNCH_H
#define SMSTRACK_STORE_LAUNCH_H

#include "postgres.h"

#include "utils/portal.h"

#include "allotment.h"
#include "launch.h"

/* A campaign as its launch sees it. */
typedef struct LaunchCampaign
{
	int32 id;
	char *account;
	int32 link_domain; /* 0: the account's default */
	bool active;
	bool marketing;
	char tracking; /* f, a or n */
	bool keep_body;
	int32 launches; /* before this one */
} LaunchCampaign;

/* A variant as the launch sees it. */
typedef struct LaunchRow
{
	int32 id;
	char *name;
	text *body;
	int32 weight;
	bool opt_out;
	int64 shared_message_id; /* 0: none */
} LaunchRow;

/* Reads the campaign; where it is to be launched, under a lock that launches wait for. */
extern bool store_launch_campaign(const char *name, bool lock, LaunchCampaign *campaign);

/* Reads the variants that get recipients. */
extern LaunchRow *store_launch_variants(int32 campaign, bool lock, int *count);

/* Opens a cursor over whom the campaign has messages for, in byte order. SPI is
 * connected. */
extern Portal store_launch_recipients(int32 campaign, bool read_only);

extern int64 store_launch_id(void);
extern void store_launch(const LaunchRequest *request, const LaunchCampaign *campaign,
						 const Batch *batch, const LaunchResult *result, int64 first,
						 int64 last);

/* Freezes a variant that has messages now, and notes its shared message, if any. */
extern void store_launch_freeze(int32 variant, int64 shared_message_id);

/* Rows of the tables beside smstrack.message. */
#define LAUNCH_SKIP_COLUMNS		   3
#define CAMPAIGN_RECIPIENT_COLUMNS 2
#define OUTBOX_COLUMNS			   6

#endif
