/*
 * money.h: what may be a sum of money.
 */
#ifndef SMSTRACK_MONEY_H
#define SMSTRACK_MONEY_H

#include "postgres.h"

/* Tells whether a numeric is a number of 0 or more. */
extern bool money_is_amount(Datum value);

/* Tells whether an amount is more than anybody has: 10^15 and above. */
extern bool money_is_huge(Datum amount);

/* Rounds a number: shops calculate in binary fractions, and what is beyond is noise. */
extern Datum money_round(Datum value);

#endif
