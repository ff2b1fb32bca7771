/*
 * value.h: what a message earns: the value of the orders that followed less its cost, all
 * in one currency.
 */
#ifndef SMSTRACK_VALUE_H
#define SMSTRACK_VALUE_H

#include "interval.h"
#include "normals.h"

typedef struct ValueArm
{
	double recipients;
	double buyers;	/* recipients with an order */
	double value;	/* sum of what buyers spent */
	double squares; /* sum of the squares of what each spent */
	double cost;	/* of a message, on average */
} ValueArm;

extern bool value_posteriors(const ValueArm *arms, size_t count, Normal *posteriors);
extern bool value_samples(const ValueArm *arms, size_t count, Sample *samples);

#endif
