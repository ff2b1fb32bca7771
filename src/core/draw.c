/*
 * draw.c: draws from the normal (G. Marsaglia's polar method), Gamma (Marsaglia and Tsang
 * 2000) and Beta distributions.
 */
#include "draw.h"

#include <math.h>

/* Draws from [0, 1). */
double
draw_uniform(DrawSource source)
{
	return source.uniform(source.state);
}

/* Draws from the standard normal distribution. */
double
draw_normal(DrawSource source)
{
	for (;;)
	{
		const double u = 2 * draw_uniform(source) - 1;
		const double v = 2 * draw_uniform(source) - 1;
		const double s = u * u + v * v;

		if (s > 0 && s < 1)
			return u * sqrt(-2 * log(s) / s);
	}
}

/* Draws from the Gamma distribution of that shape, which is at least 1, and scale 1. */
double
draw_gamma(DrawSource source, double shape)
{
	const double d = shape - 1.0 / 3;
	const double c = 1 / sqrt(9 * d);

	for (;;)
	{
		const double x = draw_normal(source);
		const double root = 1 + c * x;
		const double v = root * root * root;

		if (root > 0 &&
			log(draw_uniform(source)) < 0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

/* Draws from Beta(a, b); both are at least 1. */
double
draw_beta(DrawSource source, double a, double b)
{
	const double x = draw_gamma(source, a);
	const double y = draw_gamma(source, b);

	return x / (x + y);
}
