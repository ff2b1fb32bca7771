/*
 * price.h: what a segment to a recipient costs, by the price list of an account.
 */
#ifndef SMSTRACK_PRICE_H
#define SMSTRACK_PRICE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/numeric.h"

typedef struct Price
{
	char *prefix; /* +49; empty: every recipient */
	size_t length;
	Numeric segment_price;
	text *currency;
	char *currency_name;
} Price;

/* The prices valid at a time, sorted by prefix in byte order. */
typedef struct PriceList
{
	Price *prices;
	int count;
	uint32 lengths; /* bit n: some prefix has n bytes */
	int last;		/* what was found last, and whether no longer prefix begins with it */
	bool last_is_leaf;
} PriceList;

extern PriceList *price_list_load(const char *account, TimestampTz at);

extern void price_init(void);

/*
 * Gives the current prices, loaded once a statement, and again where one of its
 * transactions ends or a part of it is rolled back; good until the next call.
 */
extern PriceList *price_list_current(const char *account);

/* Gives the number of the price with the longest prefix of a recipient, or -1. */
extern int price_find(PriceList *list, const char *recipient, size_t length);

/* Gives segments times price. */
extern Datum price_cost(const Price *price, int64 segments);

#endif
