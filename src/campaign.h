/*
 * campaign.h: what a message's variant and campaign say about its links, cached for the
 * backend.
 */
#ifndef SMSTRACK_CAMPAIGN_H
#define SMSTRACK_CAMPAIGN_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/array.h"

#include "core/template.h"

/*
 * A variant with what is needed of its campaign; or a campaign alone, for messages whose
 * text is the caller's. Texts are in the database's encoding.
 */
typedef struct Variant
{
	int32 key; /* hash key */
	int32 campaign;
	char *account;
	bool active;	  /* false: the campaign is disabled */
	bool anonymous;	  /* no recipient is kept */
	bool conversions; /* false: a click gives neither token nor cookie */
	bool opt_out;	  /* position TEMPLATE_OPT_OUT_POSITION is an opt-out link */
	bool expires;	  /* else the link domain's expiry holds */
	Interval expiry;
	char *fallback_url; /* NULL: the link domain's */
	char *utm;			/* NULL: none */
	int32 retargeted;	/* bit n: target n holds for all its messages */
	int32 plain;		/* bit n: target n gets neither token nor UTM parameters */
	bool has_window;
	Interval attribution_window; /* NULL, has_window false: the link domain's */
	int target_count;
	char *targets[LINK_POSITIONS];
} Variant;

extern void campaign_init(void);

/* The name that a function's first argument is; it must not be NULL. */
extern char *campaign_argument(FunctionCallInfo fcinfo);

/*
 * Gives what holds for a message of a campaign, whose variant is 0 where it has none; NULL
 * if that is gone. Good until the next look-up.
 */
extern Variant *variant_of_message(int32 campaign, int32 variant);

#endif
