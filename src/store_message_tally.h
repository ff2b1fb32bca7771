/*
 * store_message_tally.h: writes smstrack.message_tally.
 */
#ifndef SMSTRACK_STORE_MESSAGE_TALLY_H
#define SMSTRACK_STORE_MESSAGE_TALLY_H

#include "message_tally.h"

/* Messages of a campaign (0: none) whose ids divided by MESSAGE_BLOCK are the same. */
#define MESSAGE_BLOCK 1024

typedef struct MessageBlock
{
	int64 block;
	int32 hour; /* of the messages' time, since 1970 */
	int32 campaign;
} MessageBlock;

/*
 * Adds changes, sorted by key and each key once, to the rows of a slot. The caller has a
 * snapshot.
 */
extern void store_message_tally(const MessageTally *changes, int count, int16 slot);

/* Gives the table of blocks; InvalidOid where there is none any more. */
extern Oid store_message_block_table(void);

/* Notes in which blocks of ids a campaign has messages of this transaction's time. */
extern void store_message_blocks(const MessageBlock *blocks, int count, int16 slot);

/* Counts an opt-out by the link of a message. */
extern void store_message_opt_out(int64 message_id);

/* Slots: where this backend writes, and where a transaction that is to be prepared does. */
extern int16 message_tally_slot(bool prepared_transaction);

#endif
