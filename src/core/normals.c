/*
 * normals.c: the same integrals as in arms.c, of normal distributions, whose mass below a
 * point and expected shortfall have closed forms:
 *
 *   best(i) = integral of f_i(x) prod_{j != i} F_j(x)
 *   loss(i) = integral of G_i(x) M_i(x), where G_i(x) = E max(x - mean_i, 0), and M_i is
 *             the density of the highest of the others
 */
#include "normals.h"

#include <math.h>
#include <stdlib.h>

#include "gauss.h"

/* The line is cut at every deviation, up to so many from each mean: e^-72 lies beyond. */
#define REACH 12
#define CUTS  (2 * REACH + 1)

/* Density, mass below, and expected shortfall of an arm at a point. */
typedef struct Point
{
	double f;
	double F;
	double G;
} Point;

static int
by_size(const void *a, const void *b)
{
	const double x = *(const double *) a;
	const double y = *(const double *) b;

	return x < y ? -1 : x > y;
}

static Point
point_of(Normal arm, double x)
{
	const double z = (x - arm.mean) / arm.deviation;
	const double density = exp(-z * z / 2) * 0.39894228040143267794;
	const double below = erfc(-z * M_SQRT1_2) / 2;
	/* far below the mean the two terms cancel, and what is left counts for nothing */
	const double shortfall = fmax(0, arm.deviation * (z * below + density));

	return (Point){density / arm.deviation, below, shortfall};
}

/* Adds a point of weight w to arm i's odds. */
static void
add_point(const Point *points, size_t count, size_t i, double w, ArmOdds *odds)
{
	Point highest = {0, 1, 0}; /* of the others */

	for (size_t j = 0; j < count; j++)
		if (j != i)
		{
			highest.f = highest.f * points[j].F + highest.F * points[j].f;
			highest.F *= points[j].F;
		}
	odds->best += w * points[i].f * highest.F;
	odds->loss += w * points[i].G * highest.f;
}

/* Compares the arms; says no to more than ARMS_MAX, and to what is no distribution. */
bool
normals_compare(const Normal *arms, size_t count, ArmOdds *odds)
{
	double cuts[ARMS_MAX * CUTS];
	double at[GAUSS_POINTS];
	double weight[GAUSS_POINTS];
	Point points[ARMS_MAX];
	size_t cut_count = 0;

	if (count > ARMS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		if (!(isfinite(arms[i].mean) && isfinite(arms[i].deviation) &&
			  arms[i].deviation > 0))
			return false;
		odds[i] = (ArmOdds){0, 0};
		for (int c = -REACH; c <= REACH; c++)
			cuts[cut_count++] = arms[i].mean + c * arms[i].deviation;
	}
	qsort(cuts, cut_count, sizeof(*cuts), by_size);
	gauss_rule(at, weight);
	for (size_t n = 1; n < cut_count; n++)
		for (int k = 0; k < GAUSS_POINTS; k++)
		{
			const double h = cuts[n] - cuts[n - 1];

			for (size_t i = 0; i < count; i++)
				points[i] = point_of(arms[i], cuts[n - 1] + h * at[k]);
			for (size_t i = 0; i < count; i++)
				add_point(points, count, i, h * weight[k], &odds[i]);
		}
	return true;
}
