/*
 * conversion.h: a conversion from what was reported to what is written.
 */
#ifndef SMSTRACK_CONVERSION_H
#define SMSTRACK_CONVERSION_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "core/attribution.h"
#include "core/token.h"
#include "domain.h"

/* The order is that of the table in conversion.c. */
typedef enum ConversionStatus
{
	CONVERSION_COUNTED,
	CONVERSION_KNOWN,
	CONVERSION_NO_CLICK,
	CONVERSION_LATE, /* recorded, and credited to none as long as no window is wider */
	CONVERSION_EARLY,
	CONVERSION_FUTURE,
	CONVERSION_NULL_TOKEN,
	CONVERSION_NULL_RECIPIENT,
	CONVERSION_NULL_GOAL,
	CONVERSION_BAD_TOKEN,
	CONVERSION_BAD_RECIPIENT,
	CONVERSION_BAD_GOAL,
	CONVERSION_BAD_ORDER_ID,
	CONVERSION_BAD_VALUE,
	CONVERSION_HUGE_VALUE,
	CONVERSION_BAD_CURRENCY,
	CONVERSION_HALF_VALUE,
	CONVERSION_BAD_TIME,
	CONVERSION_BAD_ITEM,
	CONVERSION_NO_MESSAGE
} ConversionStatus;

/* A click that it may be credited to. */
typedef struct ConversionClick
{
	int64 message_id;
	int32 position;
	TimestampTz at; /* in whole seconds */
	int32 link_domain;
	int32 campaign;
	int32 variant;
	bool test;
	int64 window; /* seconds */
	bool named;
	bool first_click;
} ConversionClick;

/* A reported conversion; texts may be NULL. */
typedef struct Conversion
{
	text *token;
	text *recipient; /* asked for where there is no token */
	text *goal;
	text *order_id;
	bool has_value;
	bool is_default_value; /* the goal's: nobody said so */
	Datum value;
	text *currency;
	bool has_at;
	TimestampTz at;
	bool client; /* a browser says so, not a server */
	bool by_cookie;
	bool by_recipient;
	ConversionStatus status; /* COUNTED until something else is known */

	/* worked out */
	const char *account;
	const char *only_account; /* NULL: that of the token's link domain */
	bool has_hash;
	int64 recipient_hash;
	bool once; /* the goal counts once a recipient */
	text *once_key;
	ConversionClick *clicks;
	int click_count;
	int named;		  /* index of the click that the token names, or -1 */
	int chosen;		  /* index of the click it is credited to, or -1 */
	bool first_click; /* chosen as the first click, not as the last */
} Conversion;

/* conversion.c: finds out everything but what the ledger says. SPI is connected, as the
 * owner. */
extern void conversion_work_out(Conversion *conversion);
/* Says in its status what would be wrong with a conversion, whoever's it will be. SPI is
 * connected, as the owner. */
extern void conversion_check(Conversion *conversion);
extern void conversion_choose(Conversion *conversion, AttributionVerdict *verdict);
extern Datum conversion_window(const ConversionClick *click);

/* Gives the index of the click that is named, or else credited, or else was the last
 * before a late conversion; -1: there is none. */
extern int conversion_anchor(const Conversion *conversion);

/* Gives the link domain whose key has signed a token; NULL: none. */
extern const LinkDomain *conversion_token_domain(const text *token_text, Token *token);

extern const char *conversion_status_name(ConversionStatus status);
extern char *conversion_complaint(const Conversion *conversion);
extern void conversion_raise(const Conversion *conversion);

/* store_conversion.c: records them, all in one go. */
extern void store_conversions(Conversion *conversions, int count);

/* The order is that of the table in reversal.c. */
typedef enum ReversalStatus
{
	REVERSAL_DONE,
	REVERSAL_KNOWN,
	REVERSAL_NULL_ORDER,
	REVERSAL_BAD_VALUE,
	REVERSAL_BAD_TIME,
	REVERSAL_BAD_ID,
	REVERSAL_NO_ID,
	REVERSAL_BAD_ITEM,
	REVERSAL_NO_ORDER,
	REVERSAL_TOO_MUCH,
	REVERSAL_NO_VALUE
} ReversalStatus;

/* What is taken back of an order; texts may be NULL. */
typedef struct Reversal
{
	const char *account;
	text *goal;
	text *order_id;
	bool has_value; /* else all that is left */
	Datum value;
	text *reversal_id;
	TimestampTz at;
	ReversalStatus status;
} Reversal;

/* reversal.c */
extern void reversal_check(Reversal *reversal);
extern const char *reversal_status_name(ReversalStatus status);
extern const char *reversal_complaint(const Reversal *reversal);
extern void reversal_raise(const Reversal *reversal);

/* store_reversal.c: takes back what can be, all in one go. */
extern void store_reversals(Reversal *reversals, int count);

/* store_attribute.c */
extern int64 store_attributed_again(TimestampTz since);

#endif
