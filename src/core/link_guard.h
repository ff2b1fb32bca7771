/*
 * link_guard.h: guards for hosts without a scheme. A false positive destroys words of a
 * paid message, so what may be words is left alone.
 */
#ifndef SMSTRACK_LINK_GUARD_H
#define SMSTRACK_LINK_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"

extern bool guard_before(const char *text, size_t start);
extern bool guard_join_like(const char *text, size_t start, const Host *host);
extern bool guard_number(const Host *host);
extern bool guard_naked(const char *text, size_t start, const Host *host,
						const HostList *ignored_tlds);

#endif
