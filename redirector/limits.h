/*
 * limits.h: what strangers may use up: connections of an address, misses of a network.
 * The tables have a fixed size; hits are never limited.
 */
#ifndef REDIRECTOR_LIMITS_H
#define REDIRECTOR_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

extern bool limits_init(size_t connections);
extern unsigned limits_connections(const Address *address);
extern void limits_connect(const Address *address);
extern void limits_disconnect(const Address *address);

/* Counts a miss; true where the network has had more than its share of late. */
extern bool limits_miss(const Address *address, int per_minute, int64_t now);

#endif
