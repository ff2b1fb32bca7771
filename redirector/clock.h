/*
 * clock.h: the two clocks: one that only runs forward, one that says when.
 */
#ifndef REDIRECTOR_CLOCK_H
#define REDIRECTOR_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Seconds from 1970 to 2000, where PostgreSQL's timestamps begin. */
#define CLOCK_POSTGRES_EPOCH INT64_C(946684800)

/* Microseconds of the clock that never jumps. */
static inline int64_t
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Microseconds since 2000-01-01 00:00 UTC, as PostgreSQL counts. */
static inline int64_t
clock_timestamp(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ((int64_t) now.tv_sec - CLOCK_POSTGRES_EPOCH) * 1000000 + now.tv_nsec / 1000;
}

#endif
