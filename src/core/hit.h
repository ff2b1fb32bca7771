/*
 * hit.h: whether one request for a link was a view, a click or a bot, and which rule says
 * so. What needs other hits beside this one (bursts) is not judged here.
 */
#ifndef SMSTRACK_HIT_H
#define SMSTRACK_HIT_H

#include <stdbool.h>
#include <stddef.h>

#include "agent.h"

/* The numbers are stored: they never change, new ones are appended. */
typedef enum HitClass
{
	HIT_CLASS_NONE = 0,
	HIT_CLASS_VIEW = 1,
	HIT_CLASS_CLICK = 2,
	HIT_CLASS_BOT = 3
} HitClass;

typedef enum HitConfidence
{
	HIT_CONFIDENCE_LOW = 1,
	HIT_CONFIDENCE_MEDIUM = 2,
	HIT_CONFIDENCE_HIGH = 3
} HitConfidence;

/* In the order in which they are tried, where nothing else is said. */
typedef enum HitRule
{
	HIT_RULE_METHOD = 1,
	HIT_RULE_PREFETCH = 2,
	HIT_RULE_APPLE_PREVIEW = 3,
	HIT_RULE_GOOGLE_PREVIEW = 4,
	HIT_RULE_FORWARDED_PREVIEW = 5,
	HIT_RULE_NO_AGENT = 6,
	HIT_RULE_TOOL = 7,
	HIT_RULE_BOT_WORD = 8,
	HIT_RULE_LINK_PROTECTION = 9,
	HIT_RULE_BURST = 10,
	HIT_RULE_BEFORE_SENT = 11,
	HIT_RULE_BROWSER = 12,
	HIT_RULE_UNSURE = 13,
	HIT_RULE_OWN = 14,        /* the owner's rule: before all others */
	HIT_RULE_CONVERSION = 15, /* a conversion or a beacon proved a person: after all */
	HIT_RULE_NO_BROWSER = 16  /* between link protection and burst */
} HitRule;

/* A header's value; text NULL: not sent, or not known. */
typedef struct HitText
{
	const char *text;
	size_t length;
} HitText;

typedef struct HitFacts
{
	AgentFacts agent;
	HitText method;     /* not known: GET */
	HitText purpose;    /* of Sec-Purpose, Purpose, X-Moz or X-Purpose */
	HitText referrer;
	HitText fetch_mode; /* Sec-Fetch-Mode */
	HitText fetch_dest; /* Sec-Fetch-Dest */
	bool before_sent;   /* came before the message's own sent time */
	HitClass own_class; /* what a rule of the owner's says; HIT_CLASS_NONE: nothing */
} HitFacts;

typedef struct HitVerdict
{
	HitClass class;
	HitRule rule;
	HitConfidence confidence;
	bool address_tells; /* the address is the recipient's, not some service's */
	bool person;        /* a sign of a person: no burst is made of it */
} HitVerdict;

extern void hit_classify(const HitFacts *facts, HitVerdict *verdict);
extern void hit_upgrade(HitVerdict *verdict);

/*
 * What a stored hit keeps of the request's headers, so that it can be judged again. The
 * bits are stored: they never change.
 */
#define HIT_SIGN_METHOD 1	   /* the method was not GET */
#define HIT_SIGN_PREFETCH 2	   /* a purpose of prefetch or preview */
#define HIT_SIGN_PROXIED 4	   /* through a proxy of the browser's maker */
#define HIT_SIGN_NAVIGATION 8  /* the browser says: a page was opened */
#define HIT_SIGN_OTHER_FETCH 16 /* the browser says: it was something else */
#define HIT_SIGN_PERSON 32	   /* a sign of a person: HitVerdict.person */
#define HIT_SIGN_CONVERTED 64  /* a conversion proved a person */
#define HIT_SIGN_WRONG_CLOCK 128 /* the time cannot be right */

extern unsigned hit_signs(const HitFacts *facts);
extern void hit_facts_from_signs(unsigned signs, HitFacts *facts);

extern const char *hit_class_name(HitClass class);
extern const char *hit_confidence_name(HitConfidence confidence);
extern const char *hit_rule_name(HitRule rule);

#endif
