/*
 * hit_source.h: who sent a request, so that bursts are found, and nobody is.
 */
#ifndef SMSTRACK_HIT_SOURCE_H
#define SMSTRACK_HIT_SOURCE_H

#include "postgres.h"

#include "core/hit.h"

extern void hit_source_init(void);
extern bool hit_source_matters(const HitVerdict *verdict);
extern int64 hit_source(Datum address, int64 user_agent_id);

#endif
