/*
 * ratio.c: the sample-ratio check, a chi-square test of the arms' counts against their
 * weights. A mismatch means that the set-up is broken, and its results with it.
 */
#include "ratio.h"

#include <float.h>
#include <math.h>

/* Returns the series of the lower incomplete gamma function (DLMF 8.11.4). */
static double
gamma_series(double a, double x)
{
	double term = 1;
	double sum = 1;

	for (double n = 1; term > sum * DBL_EPSILON / 2; n++)
	{
		term *= x / (a + n);
		sum += term;
	}
	return sum / a;
}

/* Returns the continued fraction of the upper one (DLMF 8.9.2) by Lentz's method. */
static double
gamma_fraction(double a, double x)
{
	double b = x + 1 - a;
	double c = 1 / DBL_MIN;
	double d = 1 / b;
	double f = d;
	double delta = 0;

	for (double n = 1; fabs(delta - 1) > DBL_EPSILON; n++)
	{
		const double e = n * (a - n);

		b += 2;
		d = 1 / (b + e * d);
		c = b + e / c;
		delta = c * d;
		f *= delta;
	}
	return f;
}

/* Returns the probability of a chi-square value above x, for up to 300 degrees. */
double
chi_square_upper(double x, double degrees)
{
	const double a = degrees / 2;
	const double half = x / 2;
	const double front = exp(a * log(half) - half) / tgamma(a);

	if (!(half > 0) || !(degrees > 0))
		return 1;
	if (isinf(half))
		return 0;
	return half < a + 1 ? 1 - front * gamma_series(a, half)
						: front * gamma_fraction(a, half);
}

/*
 * Returns the probability of a split at least as far from the weights as the counts are;
 * the weights may have any sum. Sets chi_square unless it is NULL.
 */
double
ratio_check(const double *counts, const double *weights, size_t count, double *chi_square)
{
	double total = 0;
	double weight = 0;
	double sum = 0;
	double degrees = -1;

	for (size_t i = 0; i < count; i++)
	{
		total += counts[i];
		weight += weights[i];
	}
	for (size_t i = 0; i < count && total > 0; i++)
	{
		const double expected = total * (weights[i] / weight);

		if (expected > 0)
			sum += (counts[i] - expected) * (counts[i] - expected) / expected;
		else if (counts[i] > 0)
			sum = INFINITY;
		degrees += expected > 0;
	}
	if (chi_square != NULL)
		*chi_square = sum;
	/* whoever has no weight has no recipients */
	return isinf(sum) ? 0 : chi_square_upper(sum, degrees);
}
