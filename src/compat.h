/*
 * compat.h: the only place that knows server versions. What differs is given here under
 * the newest server's name.
 */
#ifndef SMSTRACK_COMPAT_H
#define SMSTRACK_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "smstrack needs PostgreSQL 15 or newer"
#endif

#endif
