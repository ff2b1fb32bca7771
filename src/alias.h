/*
 * alias.h: links that are rows: vanity links, and those of an older shortener.
 */
#ifndef SMSTRACK_ALIAS_H
#define SMSTRACK_ALIAS_H

#include "postgres.h"

#include "domain.h"

typedef struct LinkAlias
{
	int64 id;
	char *target_url; /* in UTF-8 */
} LinkAlias;

extern bool alias_find(const LinkDomain *domain, const char *code, Size length,
					   LinkAlias *alias);

#endif
