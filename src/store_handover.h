/*
 * store_handover.h: rows of the outbox are taken, and delivery reports entered.
 */
#ifndef SMSTRACK_STORE_HANDOVER_H
#define SMSTRACK_STORE_HANDOVER_H

#include "postgres.h"

#include "executor/spi.h"
#include "utils/array.h"

/*
 * Takes up to count messages of a campaign (NULL: of all that are active) of the current
 * account. SPI is connected; the rows stand in SPI_tuptable.
 */
extern uint64 store_take(text *campaign, int32 count, Datum lease);

/*
 * Finds in the rows that were taken who opted out after the launch, where opt-outs are
 * asked; their messages leave the outbox. Gives their number.
 */
extern uint64 store_refuse_opted_out(SPITupleTable *taken, uint64 rows, bool *refused);

/*
 * Enters reports: arrays of the same length, times and texts of which may be NULL. Gives
 * the number of messages that changed. SPI is connected.
 */
extern int64 store_reports(ArrayType *message_ids, ArrayType *statuses, ArrayType *times,
						   ArrayType *errors, ArrayType *charged, text *currency);

#endif
