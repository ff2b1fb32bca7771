/*
 * gauss.c: Legendre's polynomials and their roots.
 */
#include "gauss.h"

#include <math.h>

/* Fills p with Legendre's polynomials P_0 … P_GAUSS_POINTS at t. */
void
gauss_legendre(double t, double p[GAUSS_POINTS + 1])
{
	p[0] = 1;
	p[1] = t;
	for (int m = 1; m < GAUSS_POINTS; m++)
		p[m + 1] = ((2 * m + 1) * t * p[m] - m * p[m - 1]) / (m + 1);
}

/* Finds root number k by Newton's method; sets the last polynomial's derivative there. */
double
gauss_root(int k, double *derivative)
{
	double t = -cos(3.14159265358979324 * (k + 0.75) / (GAUSS_POINTS + 0.5));
	double p[GAUSS_POINTS + 1];

	for (int i = 0; i < 8; i++)
	{
		gauss_legendre(t, p);
		*derivative =
			GAUSS_POINTS * (t * p[GAUSS_POINTS] - p[GAUSS_POINTS - 1]) / (t * t - 1);
		t -= p[GAUSS_POINTS] / *derivative;
	}
	return t;
}

/* Sets the points and weights of the rule on [0, 1]. */
void
gauss_rule(double at[GAUSS_POINTS], double weight[GAUSS_POINTS])
{
	for (int k = 0; k < GAUSS_POINTS; k++)
	{
		double derivative;
		const double t = gauss_root(k, &derivative);

		at[k] = (1 + t) / 2;
		weight[k] = 1 / ((1 - t * t) * derivative * derivative);
	}
}
