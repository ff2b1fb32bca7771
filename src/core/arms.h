/*
 * arms.h: which of the variants of a test is best, by the Beta posteriors of their rates.
 */
#ifndef SMSTRACK_ARMS_H
#define SMSTRACK_ARMS_H

#include <stdbool.h>
#include <stddef.h>

/* More arms than any campaign has variants; the work lies on the stack. */
#define ARMS_MAX 32

typedef struct Arm
{
	double successes;
	double recipients;
} Arm;

typedef struct ArmOdds
{
	double best; /* the probability that this arm's rate is the highest */
	double loss; /* what choosing it costs: the expected shortfall behind the highest */
} ArmOdds;

extern bool arms_compare(const Arm *arms, size_t count, ArmOdds *odds);

#endif
