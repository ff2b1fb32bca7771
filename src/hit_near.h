/*
 * hit_near.h: which sources have more than one hit.
 */
#ifndef SMSTRACK_HIT_NEAR_H
#define SMSTRACK_HIT_NEAR_H

#include "postgres.h"

#include "datatype/timestamp.h"

extern int hit_near_sources(Datum *sources, int count, TimestampTz first,
							TimestampTz last);

#endif
