/*
 * store_launch.h: what a launch reads and writes of its campaign, under the campaign's
 * lock.
 */
#ifndef SMSTRACK_STORE_LAUNCH_H
#define SMSTRACK_STORE_LAUNCH_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/portal.h"

#include "allotment.h"
#include "launch.h"
#include "launched.h"

/* A campaign as its launch sees it. */
typedef struct LaunchCampaign
{
	int32 id;
	char *name;
	char *account;
	int32 link_domain; /* 0: the account's default */
	bool active;
	bool marketing;
	char tracking; /* f, a or n */
	bool keep_body;
	int32 launches; /* before this one */
	bool frozen;	/* has messages */
} LaunchCampaign;

/* A variant as the launch sees it. */
typedef struct LaunchRow
{
	int32 id;
	char *name;
	text *body;
	int32 weight;
	int64 shared_message_id; /* 0: none */
	bool frozen;			 /* has messages */
	ArrayType *targets;		 /* as in the body, NULL where changed since; NULL: none */
} LaunchRow;

typedef enum VariantChoice
{
	VARIANTS_ALL,
	VARIANTS_SENT,	/* those that get recipients */
	VARIANTS_LOCKED /* the same, their rows locked */
} VariantChoice;

/*
 * Reads the campaign; where it is to be launched, under a lock that launches and single
 * messages wait for.
 */
extern bool store_launch_campaign(const char *name, bool lock, LaunchCampaign *campaign);

/* Keeps launches of a campaign away until the transaction ends. */
extern void store_launch_share(int32 campaign);

/*
 * Forgets whom an anonymous campaign of the account has written to. Single messages and
 * launches that run are waited for, others wait until the transaction ends.
 */
extern void store_launch_forget(int32 campaign);

/* Complains that there is no such campaign, that it is stopped, or has nothing to send. */
pg_noreturn extern void store_launch_unknown(const char *name);
pg_noreturn extern void store_launch_disabled(const char *name);
pg_noreturn extern void store_launch_no_variant(const char *name);

extern LaunchRow *store_launch_variants(int32 campaign, VariantChoice choice, int *count);

/* Reads where the messages of a campaign's launches are, tests left out. */
extern LaunchedSpan *store_launch_spans(int32 campaign, int *count);

/* Opens a cursor over whom the campaign has messages for, in byte order. SPI is
 * connected. */
extern Portal store_launch_recipients(int32 campaign, bool read_only);

extern int64 store_launch_id(void);
extern void store_launch(const LaunchRequest *request, const LaunchCampaign *campaign,
						 const Batch *batch, const LaunchResult *result, int64 first,
						 int64 last);

/* Locks a variant's row, and gives its shared message; 0: none. */
extern int64 store_launch_lock_variant(int32 variant);

/* Freezes a campaign that has messages now. */
extern void store_launch_freeze_campaign(int32 campaign);

/*
 * Freezes a variant of which a single message is prepared. All variants are locked by id
 * first: two sessions may begin with different ones.
 */
extern void store_launch_freeze_single(int32 campaign, int32 variant);

/* Freezes a variant that has messages now, and notes its shared message, if any. */
extern void store_launch_freeze(int32 variant, int64 shared_message_id);

/* Rows of the tables beside smstrack.message. */
#define LAUNCH_SKIP_COLUMNS		   3
#define CAMPAIGN_RECIPIENT_COLUMNS 2
#define OUTBOX_COLUMNS			   6

#endif
