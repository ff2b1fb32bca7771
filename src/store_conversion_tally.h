/*
 * store_conversion_tally.h: the files store_*.c among themselves: messages whose
 * conversions change, and the sums that follow.
 */
#ifndef SMSTRACK_STORE_CONVERSION_TALLY_H
#define SMSTRACK_STORE_CONVERSION_TALLY_H

#include "postgres.h"

#include "executor/spi.h"
#include "utils/array.h"

#define CONVERSION_SUM_COLUMNS 13

typedef struct ConversionChange
{
	Datum message_ids;					  /* an array of those that are there */
	Datum before[CONVERSION_SUM_COLUMNS]; /* what the messages' conversions added up to */
	bool had[CONVERSION_SUM_COLUMNS];
	int64 *locked; /* the same, sorted */
	int locked_count;
} ConversionChange;

/*
 * Locks messages, in order. Then what the ledger must not get twice is locked by
 * conversion_lock; conversion_change_sum notes what the messages' conversions add up to;
 * the ledger is written; conversion_change_end marks the messages; and at the very end of
 * all, conversion_change_write writes the sums.
 */
extern void conversion_change_begin(ConversionChange *change, Datum *message_ids,
									int count);
extern void conversion_change_add(ConversionChange *change, int64 message_id);
extern bool conversion_change_has(const ConversionChange *change, int64 message_id);
extern void conversion_change_sum(ConversionChange *change);
extern void conversion_change_end(const ConversionChange *change);
extern void conversion_change_write(const ConversionChange *change);

/* Keeps others from recording what has one of these keys until the transaction's end. */
extern void conversion_lock(uint32 *keys, int count);
extern uint32 conversion_lock_key(const char *account, const text *goal, const text *id);

#endif
