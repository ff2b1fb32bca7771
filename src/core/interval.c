/*
 * interval.c: Wilson's score interval; the asymptotic confidence sequence of
 * Waudby-Smith et al., which holds at every look at once; and the mixture sequential
 * probability ratio test of Johari et al. 2015. All are of plain counts.
 */
#include "interval.h"

#include <math.h>

/* Returns the arm's rate; of no recipients, a half. */
static double
rate(Arm arm)
{
	return arm.recipients > 0 ? arm.successes / arm.recipients : 0.5;
}

/*
 * Returns the variance of one outcome. Where all or none succeeded, the sample's variance
 * of 0 would feign certainty; half a success and half a failure more do not.
 */
static double
variance(Arm arm)
{
	double p = rate(arm);

	if (p <= 0 || p >= 1)
		p = (arm.successes + 0.5) / (arm.recipients + 1);
	return p * (1 - p);
}

/* Cuts an interval to where its value can be. */
static Bounds
within(double low, double high, double least, double most)
{
	return (Bounds){fmax(low, least), fmin(high, most)};
}

/* Returns the z below which a standard normal value lies with probability p in (0, 1). */
double
normal_quantile(double p)
{
	double low = -40;
	double high = 0;

	if (p > 0.5)
		return -normal_quantile(1 - p);
	/* halving, until the middle is one of the ends */
	for (;;)
	{
		const double z = (low + high) / 2;

		if (!(z > low && z < high))
			return high;
		if (erfc(-z / sqrt(2)) / 2 < p)
			low = z;
		else
			high = z;
	}
}

/* Returns Wilson's score interval of the arm's rate. */
Bounds
interval_wilson(Arm arm, double confidence)
{
	const double z = normal_quantile((1 + confidence) / 2);
	const double n = arm.recipients;
	const double p = rate(arm);
	const double scale = n / (n + z * z);
	const double middle = p + z * z / (2 * n);
	const double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));

	if (!(n > 0))
		return (Bounds){0, 1};
	return within(p > 0 ? scale * (middle - half) : 0,
				  p < 1 ? scale * (middle + half) : 1, 0, 1);
}

/* Returns the sequence's parameter that makes it narrowest at the planned number. */
double
always_valid_rho(double alpha, double planned)
{
	const double l = -2 * log(alpha);

	return sqrt((l + log(l + 1)) / planned);
}

/* Returns half the sequence's width after n outcomes of that standard deviation. */
double
always_valid_halfwidth(double deviation, double n, double alpha, double planned)
{
	const double rho = always_valid_rho(alpha, planned);
	const double m = n * rho * rho + 1;

	return deviation * sqrt(2 * m / (n * n * rho * rho) * log(sqrt(m) / alpha));
}

/* Returns an arm's rate as a sample of outcomes 0 and 1. */
Sample
sample_of_arm(Arm arm)
{
	return (Sample){rate(arm), variance(arm), arm.recipients};
}

/* Returns the always-valid interval of a mean. */
Bounds
always_valid_mean(Sample a, double alpha, double planned)
{
	const double half = always_valid_halfwidth(sqrt(a.variance), a.count, alpha, planned);

	if (!(a.count > 0))
		return (Bounds){-INFINITY, INFINITY};
	return (Bounds){a.mean - half, a.mean + half};
}

/*
 * Returns the always-valid interval of b's mean less a's. A recipient of either arm is
 * one outcome: with n of them, the difference has the variance s^2/n. Planned is of both.
 */
Bounds
always_valid_gap(Sample a, Sample b, double alpha, double planned)
{
	const double n = a.count + b.count;
	const double s = sqrt(n * (a.variance / a.count + b.variance / b.count));
	Bounds around =
		always_valid_mean((Sample){b.mean - a.mean, s * s, n}, alpha, planned);

	if (!(a.count > 0 && b.count > 0))
		return (Bounds){-INFINITY, INFINITY};
	return around;
}

/*
 * The same where outcomes have steered how many recipients each arm got: the difference
 * is then no mean of its own, but each arm's is, whenever it is looked at. Half of alpha
 * for each makes the interval wider, and true.
 */
Bounds
always_valid_gap_adaptive(Sample a, Sample b, double alpha, double planned)
{
	const Bounds of_a = always_valid_mean(a, alpha / 2, planned / 2);
	const Bounds of_b = always_valid_mean(b, alpha / 2, planned / 2);

	return (Bounds){of_b.low - of_a.high, of_b.high - of_a.low};
}

/* Returns the always-valid interval of an arm's rate. */
Bounds
always_valid_rate(Arm arm, double alpha, double planned)
{
	const Bounds i = always_valid_mean(sample_of_arm(arm), alpha, planned);

	return within(i.low, i.high, 0, 1);
}

/* Returns the always-valid interval of b's rate less a's. */
Bounds
always_valid_difference(Arm a, Arm b, double alpha, double planned)
{
	const Bounds i = always_valid_gap(sample_of_arm(a), sample_of_arm(b), alpha, planned);

	return within(i.low, i.high, -1, 1);
}

/*
 * Returns the logarithm of the mixture likelihood ratio for a difference of the rates
 * against none; tau_squared is the variance of the differences that are thought likely.
 */
double
sequential_log_ratio(Arm a, Arm b, double tau_squared)
{
	const double v = variance(a) / a.recipients + variance(b) / b.recipients;
	const double d = rate(b) - rate(a);

	if (!(a.recipients > 0 && b.recipients > 0))
		return 0;
	return 0.5 * log(v / (v + tau_squared)) +
		   tau_squared * d * d / (2 * v * (v + tau_squared));
}

/* Returns the always-valid p after one look more; the first look's previous p is 1. */
double
sequential_p(double previous, double log_ratio)
{
	return fmin(previous, exp(-log_ratio));
}
