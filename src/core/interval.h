/*
 * interval.h: how sure a rate or a difference of rates is: at one look (Wilson), and at
 * any number of looks (confidence sequence, sequential test).
 */
#ifndef SMSTRACK_INTERVAL_H
#define SMSTRACK_INTERVAL_H

#include "arms.h"

typedef struct Bounds
{
	double low;
	double high;
} Bounds;

/* What is known of an arm's outcomes: counts of successes, or sums of money. */
typedef struct Sample
{
	double mean;
	double variance; /* of one outcome */
	double count;
} Sample;

extern double normal_quantile(double p);
extern Bounds interval_wilson(Arm arm, double confidence);

extern double always_valid_rho(double alpha, double planned);
extern double always_valid_halfwidth(double deviation, double n, double alpha,
									 double planned);
extern Bounds always_valid_rate(Arm arm, double alpha, double planned);
extern Bounds always_valid_difference(Arm a, Arm b, double alpha, double planned);

extern Sample sample_of_arm(Arm arm);
extern Bounds always_valid_mean(Sample a, double alpha, double planned);
extern Bounds always_valid_gap(Sample a, Sample b, double alpha, double planned);
extern Bounds always_valid_gap_adaptive(Sample a, Sample b, double alpha, double planned);

extern double sequential_log_ratio(Arm a, Arm b, double tau_squared);
extern double sequential_p(double previous, double log_ratio);

#endif
