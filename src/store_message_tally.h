/*
 * store_message_tally.h: writes smstrack.message_tally.
 */
#ifndef SMSTRACK_STORE_MESSAGE_TALLY_H
#define SMSTRACK_STORE_MESSAGE_TALLY_H

#include "message_tally.h"

/*
 * Adds changes, sorted by key and each key once, to the rows of a slot. The caller has a
 * snapshot.
 */
extern void store_message_tally(const MessageTally *changes, int count, int16 slot);

/* Counts an opt-out by the link of a message. */
extern void store_message_opt_out(int64 message_id);

/* Slots: where this backend writes, and where a transaction that is to be prepared does. */
extern int16 message_tally_slot(bool prepared_transaction);

#endif
