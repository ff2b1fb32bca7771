/*
 * store_alias.h: the files store_*.c among themselves: hits of vanity and imported links.
 */
#ifndef SMSTRACK_STORE_ALIAS_H
#define SMSTRACK_STORE_ALIAS_H

#include "store.h"

extern void store_alias_hits(const NewHit *hits, int count);

#endif
