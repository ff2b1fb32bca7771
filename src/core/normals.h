/*
 * normals.h: which of the variants of a test is best, where what is known of each one's
 * mean is a normal distribution: of means of money.
 */
#ifndef SMSTRACK_NORMALS_H
#define SMSTRACK_NORMALS_H

#include "arms.h"

typedef struct Normal
{
	double mean;
	double deviation; /* above 0 */
} Normal;

extern bool normals_compare(const Normal *arms, size_t count, ArmOdds *odds);

#endif
