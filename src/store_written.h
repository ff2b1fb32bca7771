/*
 * store_written.h: single messages of a marketing campaign: to each recipient one.
 */
#ifndef SMSTRACK_STORE_WRITTEN_H
#define SMSTRACK_STORE_WRITTEN_H

#include "postgres.h"

#include "campaign_use.h"

typedef enum RecipientClaim
{
	CLAIM_GRANTED,
	CLAIM_OPTED_OUT,
	CLAIM_HAS_MESSAGE
} RecipientClaim;

/* Notes that the campaign writes to a recipient, unless it must not. */
extern RecipientClaim store_claim_recipient(CampaignUse *use, text *recipient);

#endif
