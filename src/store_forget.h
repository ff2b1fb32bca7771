/*
 * store_forget.h: erases recipients from all tables.
 */
#ifndef SMSTRACK_STORE_FORGET_H
#define SMSTRACK_STORE_FORGET_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* What was erased; the order is that of the columns of smstrack.forgotten. */
typedef enum Forgotten
{
	FORGOTTEN_RECIPIENTS,
	FORGOTTEN_MESSAGES,
	FORGOTTEN_HITS,
	FORGOTTEN_CONVERSIONS,
	FORGOTTEN_UNSENT,
	FORGOTTEN_COUNTS
} Forgotten;

/* Erases recipients of an account, as person_recipient gives them. */
extern void store_forget(const char *account, Datum *recipients, int count,
						 int64 counts[FORGOTTEN_COUNTS]);

/* Erases what messages from before a time say of persons; suppresses nobody. */
extern void store_forget_before(const char *account, TimestampTz before,
								int64 counts[FORGOTTEN_COUNTS]);

#endif
