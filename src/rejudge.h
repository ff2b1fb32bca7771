/*
 * rejudge.h: stored hits, judged again: by new rules, or for the hits that came beside
 * them.
 */
#ifndef SMSTRACK_REJUDGE_H
#define SMSTRACK_REJUDGE_H

#include "postgres.h"

#include "store.h"
#include "store_change.h"

extern HitChange *rejudge_since(TimestampTz since, int *count);
extern HitChange *rejudge_bursts(const NewHit *hits, int new_count, HitChange *changes,
								 int *count);

extern HitChange *rejudge_converted(const ConvertedClick *click, HitChange *changes,
									int *count);

#endif
