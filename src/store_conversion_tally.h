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
	Datum message_ids; /* an array */
	int message_count;
	Datum before[CONVERSION_SUM_COLUMNS]; /* what the messages' conversions added up to */
	bool had[CONVERSION_SUM_COLUMNS];
	int64 *locked; /* the messages that exist, sorted */
	int locked_count;
} ConversionChange;

/*
 * Locks messages, in order, and notes what their conversions add up to. Before it,
 * conversion_lock; after it the ledger is written, then conversion_change_end: it marks
 * the messages; at the very end of the transaction's work, conversion_change_sums.
 */
extern void conversion_change_begin(ConversionChange *change, Datum *message_ids, int count);
extern void conversion_change_end(const ConversionChange *change);
extern void conversion_change_sums(const ConversionChange *change);
extern bool conversion_change_has(const ConversionChange *change, int64 message_id);

/*
 * Keeps others from recording what has one of these keys until the transaction's end; or,
 * without keys, from recording any conversion.
 */
extern void conversion_lock(uint32 *keys, int count);
extern void conversion_lock_all(void);
extern uint32 conversion_lock_key(const char *account, const text *goal, const text *id);

#endif
