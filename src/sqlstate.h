/*
 * sqlstate.h: SQLSTATEs of the extension's own, which a caller can act on. Classes that
 * begin with I to Z are free for implementations.
 */
#ifndef SMSTRACK_SQLSTATE_H
#define SMSTRACK_SQLSTATE_H

#include "postgres.h"

/* The recipient wants no marketing messages of the account. */
#define ERRCODE_RECIPIENT_OPTED_OUT MAKE_SQLSTATE('S', 'M', '0', '0', '1')

/* The recipient has a message of the campaign already. */
#define ERRCODE_RECIPIENT_HAS_MESSAGE MAKE_SQLSTATE('S', 'M', '0', '0', '2')

#endif
