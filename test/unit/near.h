/* Compares numbers to a number of significant digits, and draws uniform ones. */
#ifndef NEAR_H
#define NEAR_H

#include <math.h>
#include <stdint.h>

#include "tap.h"

/* Says whether got has that many significant digits of want. */
static inline bool
is_close(double got, double want, int digits)
{
	return fabs(got - want) <= 0.5 * pow(10, 1 - digits) * fabs(want);
}

/* Reports a number, to 9 significant digits unless the name says otherwise. */
static inline bool
is_near(double got, double want, int digits, const char *name)
{
	if (!ok(is_close(got, want, digits), name))
		printf("#   got: %.17g\n#  want: %.17g\n", got, want);
	return is_close(got, want, digits);
}

/* Draws a uniform number from [0, 1): SplitMix64. */
static inline double
near_uniform(void *state)
{
	uint64_t z = *(uint64_t *) state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return (double) (z >> 11) * 0x1p-53;
}

#endif
