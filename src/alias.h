/*
 * alias.h: links that are rows: vanity links, and those of an older shortener.
 */
#ifndef SMSTRACK_ALIAS_H
#define SMSTRACK_ALIAS_H

#include "postgres.h"

#include "domain.h"

extern char *alias_target(const LinkDomain *domain, const char *code, Size length);

#endif
