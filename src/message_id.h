/*
 * message_id.h: ids of messages that are durable before anybody sees them, and never
 * repeat.
 */
#ifndef SMSTRACK_MESSAGE_ID_H
#define SMSTRACK_MESSAGE_ID_H

#include "postgres.h"

extern int64 message_id_next(void);
extern void message_id_check_epoch(void);
extern void message_id_jump(void);

/* Tells whether the ids on record were given by another database than this one. */
extern bool message_id_is_copy(void);

#endif
