/*
 * beta.c: log-beta, the Beta density and its distribution function. With large parameters
 * the textbook's x^a (1-x)^b / B(a, b) is a difference of huge logarithms; here each is
 * written by Stirling's error and deviances, which keep all digits (C. Loader, Fast and
 * Accurate Computation of Binomial Probabilities, 2000).
 */
#include "beta.h"

#include <float.h>
#include <math.h>

#define LOG_SQRT_2PI 0.91893853320467274178
#define TWO_PI 6.28318530717958647693

/* From here on the series of Stirling's error has all digits. */
#define STIRLING_MIN 15

/* Returns log n! - log(sqrt(2 pi n) (n/e)^n), for n > 0. */
static double
stirling_error(double n)
{
	const double r = 1 / (n * n);

	if (n < STIRLING_MIN)
		return log(tgamma(n + 1)) - (n + 0.5) * log(n) + n - LOG_SQRT_2PI;
	/* DLMF 5.11.1: Bernoulli numbers */
	return (1.0 / 12 -
			(1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - r / 1188) * r) * r) * r) /
		   n;
}

/*
 * Returns the deviance k log(k/mean) + mean - k, for k and mean > 0; gap is mean - k,
 * which the caller knows with more digits.
 */
static double
deviance(double k, double mean, double gap)
{
	const double u = gap / k;
	const double v = u / (2 + u);
	const double w = v * v;
	double power = 2 * v * w;
	double sum = 0;

	if (fabs(u) > 0.3)
		return gap - k * log(mean / k);
	/* u - log(1 + u), where log(1 + u) = 2 (v + v^3/3 + v^5/5 + …), and u = 2v + uv */
	for (int i = 3; fabs(power) > DBL_EPSILON * 0.01 * fabs(u * v); i += 2)
	{
		sum += power / i;
		power *= w;
	}
	return k * (u * v - sum);
}

/*
 * Returns (k+m)! / (k! m!) x^k y^m, for k, m > 0 and x + y = 1. The deviances from the
 * means nx and ny have one gap between them, and the smaller of x and y tells it best.
 */
static double
binomial_term(double k, double m, double x, double y)
{
	const double n = k + m;
	const double gap = x < y ? n * x - k : m - n * y;

	if (x <= 0 || y <= 0)
		return 0;
	return sqrt(n / (TWO_PI * k * m)) *
		   exp(stirling_error(n) - stirling_error(k) - stirling_error(m) -
			   deviance(k, n * x, gap) - deviance(m, n * y, -gap));
}

/* Returns log B(a, b), for a, b > 0. */
double
beta_log(double a, double b)
{
	const double p = a < b ? a : b;
	const double q = a < b ? b : a;
	const double s = p + q;

	/* Gamma(x) = x! / x */
	if (q < STIRLING_MIN)
		return log(tgamma(p)) + log(tgamma(q)) - log(tgamma(s));
	if (p < STIRLING_MIN)
		return log(tgamma(p)) + p - p * log(s) + (q - 0.5) * log1p(-p / s) +
			   stirling_error(q) - stirling_error(s);
	return LOG_SQRT_2PI - 0.5 * log(q) + (p - 0.5) * log(p / s) + q * log1p(-p / s) +
		   stirling_error(p) + stirling_error(q) - stirling_error(s);
}

/*
 * Returns Beta(a, b)'s density at x in (0, 1); y is 1 - x, which the caller may know with
 * more digits.
 */
double
beta_density(double a, double b, double x, double y)
{
	return binomial_term(a, b, x, y) * (a * b / (a + b)) / (x * y);
}

/* Keeps Lentz's method from a division by 0. */
static double
not_zero(double x)
{
	const double tiny = DBL_MIN / DBL_EPSILON;

	return fabs(x) < tiny ? tiny : x;
}

/*
 * Returns the continued fraction of the incomplete beta function (DLMF 8.17.22), by
 * Lentz's method; below the mean it converges in about sqrt(max(a, b)) steps.
 */
static double
continued_fraction(double a, double b, double x)
{
	double c = 1;
	double d = 1 / not_zero(1 - (a + b) * x / (a + 1));
	double f = d;
	double delta = 0;

	/* what is not a number ends the loop too */
	for (double m = 1; fabs(delta - 1) > DBL_EPSILON; m++)
	{
		const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));

		d = 1 / not_zero(1 + even * d);
		c = not_zero(1 + even / c);
		f *= c * d;
		d = 1 / not_zero(1 + odd * d);
		c = not_zero(1 + odd / c);
		delta = c * d;
		f *= delta;
	}
	return f;
}

/* Returns one tail: the lower of Beta(a, b) at x, where y = 1 - x. */
static double
tail(double a, double b, double x, double y)
{
	if (x <= 0)
		return 0;
	if (y <= 0)
		return 1;
	if (x > (a + 1) / (a + b + 2))
		return 1 - tail(b, a, y, x);
	return binomial_term(a, b, x, y) * (b / (a + b)) * continued_fraction(a, b, x);
}

/* Returns the regularised incomplete beta function: Beta(a, b)'s mass below x. */
double
beta_lower(double a, double b, double x)
{
	return tail(a, b, x, 1 - x);
}

/* Returns Beta(a, b)'s mass above x, with all digits where it is small. */
double
beta_upper(double a, double b, double x)
{
	return tail(b, a, 1 - x, x);
}
