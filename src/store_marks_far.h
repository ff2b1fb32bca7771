/*
 * store_marks_far.h: the files store_*.c among themselves: what messages on other nodes say
 * of their hits, many in a statement.
 */
#ifndef SMSTRACK_STORE_MARKS_FAR_H
#define SMSTRACK_STORE_MARKS_FAR_H

#include "postgres.h"

#include "store_marks.h"

/*
 * Locks messages, whose ids stand in them and ascend, and reads them; exists[i] tells
 * whether there is such a message. Strong: against being judged again. SPI is connected.
 */
extern void marks_lock_far(FoundMessage **messages, bool *exists, int count, bool strong);

/* Writes the marks of messages that are locked. SPI is connected. */
extern void marks_write_far(FoundMessage *const *messages, const Marks *marks, int count);

#endif
