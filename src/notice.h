/*
 * notice.h: tells listeners of new clicks and conversions, where that is switched on.
 */
#ifndef SMSTRACK_NOTICE_H
#define SMSTRACK_NOTICE_H

#include "postgres.h"

/* Tells of so many clicks or conversions of these campaigns (0: single messages). */
extern void notice_send(const char *what, const int32 *campaigns, int count);

#endif
