/*
 * store_opt_out.h: who opted out of an account's marketing messages.
 */
#ifndef SMSTRACK_STORE_OPT_OUT_H
#define SMSTRACK_STORE_OPT_OUT_H

#include "postgres.h"

/* Records opt-outs of normalised recipients; gives how many are new. campaign 0: none. */
extern int64 store_opt_outs(const char *account, Datum *recipients, int count,
							const char *source, int32 campaign);

/* Takes an opt-out back; false if there was none. */
extern bool store_opt_in(const char *account, const text *recipient);

#endif
