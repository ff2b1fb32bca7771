/*
 * campaign_use.h: a campaign as messages are prepared of it one at a time.
 */
#ifndef SMSTRACK_CAMPAIGN_USE_H
#define SMSTRACK_CAMPAIGN_USE_H

#include "postgres.h"

#include "allotment.h"
#include "launched.h"
#include "rendering.h"
#include "store_launch.h"

/* A campaign with its variants, made ready, and what its launches have written. */
typedef struct CampaignUse
{
	LaunchCampaign campaign;
	char tracking; /* the campaign's level; n where the caller wants no links tracked */
	ReadyVariant *variants;
	int variant_count;
	Allotment allotment;
	int64 allotment_id; /* 0: only one variant can be had */
	Launched launched;
	unsigned char key[32]; /* of the hashes of recipients */
	bool has_key;
	Rendering rendering;
	MemoryContext context; /* it lives in */
} CampaignUse;

extern void campaign_use_init(void);

/*
 * Gives a campaign of the current account, locked against launches until the transaction
 * ends; raises where there is none, or it is disabled. It stands until the next call; for
 * a message within another's preparation it is read anew, into the current context.
 */
extern CampaignUse *campaign_use(const char *name, bool track, bool nested);

/* Gives the variant for a recipient. Raises where there is none to send. */
extern ReadyVariant *campaign_use_variant(CampaignUse *use, const text *recipient);

/* Gives a variant by its id, or NULL. */
extern ReadyVariant *campaign_use_variant_by_id(CampaignUse *use, int32 id);

/* Gives the key of the account's hashes; makes one where there is none. */
extern const unsigned char *campaign_use_key(CampaignUse *use);

#endif
