/*
 * arms.c: the probability to be best, and the expected loss of choosing an arm, for any
 * number of arms. The priors are Beta(1, 1). The closed forms for two arms (E. Miller
 * 2015, C. Stucchio 2014) are sums of as many terms as there are successes; these are
 * one-dimensional integrals of the same, whose cost does not grow with the counts:
 *
 *   best(i) = integral of f_i(x) prod_{j != i} F_j(x)
 *   loss(i) = integral of G_i(x) M_i(x), where G_i(x) = E max(x - rate_i, 0) is the
 *             integral of F_i, and M_i the density of the highest of the others
 *
 * All of it is positive and is summed from the left, so that small values are as exact as
 * large ones. The line is cut into panels on which no density changes by more than a few
 * powers of e; Gauss and Legendre's rule does the rest.
 */
#include "arms.h"

#include <math.h>
#include <stdlib.h>

#include "beta.h"
#include "gauss.h"

/* Points of a panel. */
#define POINTS GAUSS_POINTS

/*
 * How far a logarithm of a density falls over a panel, and how many panels go outwards:
 * what lies behind them is below e^-300 of the peak.
 */
#define PANEL_FALL 4.0
#define PANELS 75

/* A rate and its complement, of which the smaller has all digits. */
typedef struct Place
{
	double x;
	double y;
} Place;

typedef struct Beta
{
	double a;
	double b;
} Beta;

/* Gauss and Legendre's rule on [0, 1], and the integrals up to each point. */
typedef struct Rule
{
	double at[POINTS];
	double weight[POINTS];
	double upto[POINTS][POINTS]; /* [k][l]: of l's basis polynomial, from 0 to point k */
} Rule;

/* The state of an arm while the line is walked; arrays are for a panel's points. */
typedef struct ArmSum
{
	Beta beta;
	double below;     /* F: the mass left of the panel */
	double shortfall; /* G: the integral of F left of the panel */
	double f[POINTS];
	double F[POINTS];
	double G[POINTS];
} ArmSum;

/* Makes the rule. The basis polynomials are expanded in Legendre's. */
static void
make_rule(Rule *rule)
{
	double p[POINTS][POINTS + 1];

	for (int k = 0; k < POINTS; k++)
	{
		double derivative;
		double t = gauss_root(k, &derivative);

		gauss_legendre(t, p[k]);
		rule->at[k] = (1 + t) / 2;
		rule->weight[k] = 1 / ((1 - t * t) * derivative * derivative);
	}
	for (int k = 0; k < POINTS; k++)
		for (int l = 0; l < POINTS; l++)
		{
			/* the integral of P_m from -1 is (P_{m+1} - P_{m-1}) / (2m + 1) */
			double sum = 1 + (2 * rule->at[k] - 1);

			for (int m = 1; m < POINTS; m++)
				sum += p[l][m] * (p[k][m + 1] - p[k][m - 1]);
			rule->upto[k][l] = rule->weight[l] * sum / 2;
		}
}

/* Orders places, by the coordinate that has the digits. */
static int
by_place(const void *a, const void *b)
{
	const Place *p = a;
	const Place *q = b;

	if (p->x < 0.5 || q->x < 0.5)
		return p->x < q->x ? -1 : p->x > q->x;
	return p->y > q->y ? -1 : p->y < q->y;
}

/* Returns how far q is from p, which is left of it. */
static double
distance(Place p, Place q)
{
	return p.x < 0.5 ? q.x - p.x : p.y - q.y;
}

/*
 * Walks from an arm's mode towards x = 0 in steps over which its density's logarithm,
 * k log x + m log y, falls by PANEL_FALL, as slope and curvature tell; returns the number
 * of places. Near the end the density is nearly a power of x: where that is a low one,
 * the last step may go there.
 */
static size_t
walk_down(double k, double m, Place from, Place *places)
{
	size_t n = 0;

	while (n < PANELS && from.x > 0)
	{
		const double slope = fmax(0, k / from.x - (m > 0 ? m / from.y : 0));
		const double curve = k / (from.x * from.x) + (m > 0 ? m / (from.y * from.y) : 0);
		double step =
			2 * PANEL_FALL / (slope + sqrt(slope * slope + 2 * curve * PANEL_FALL));

		if (step > from.x / 2 && k > PANEL_FALL)
			step = from.x / 2;
		from = (Place){from.x - step, from.y + step};
		if (!(from.x > 0))
			from = (Place){0, 1};
		places[n++] = from;
	}
	return n;
}

/* Fills in the ends of an arm's panels; returns their number. */
static size_t
arm_places(Beta beta, Place *places)
{
	const double k = beta.a - 1;
	const double m = beta.b - 1;
	Place mode = {0.5, 0.5};
	size_t n;
	size_t all;

	if (k + m > 0)
		mode = (Place){k / (k + m), m / (k + m)};
	places[0] = mode;
	n = 1 + walk_down(k, m, mode, places + 1);
	/* the other side is the mirrored arm's */
	all = n + walk_down(m, k, (Place){mode.y, mode.x}, places + n);
	for (; n < all; n++)
		places[n] = (Place){places[n].y, places[n].x};
	return all;
}

/*
 * Returns the integral of a positive function, known at the panel's points, from the
 * panel's left end to point k, in units of its width. Where the function all but
 * vanishes, rounding could make it negative.
 */
static double
integral_upto(const Rule *rule, const double *values, int k)
{
	double sum = 0;

	for (int l = 0; l < POINTS; l++)
		sum += rule->upto[k][l] * values[l];
	return fmax(sum, 0);
}

/* Evaluates an arm on the panel from p to q, of width h. */
static void
evaluate(ArmSum *arm, const Rule *rule, Place p, Place q, double h)
{
	for (int k = 0; k < POINTS; k++)
		arm->f[k] = beta_density(arm->beta.a, arm->beta.b, p.x + h * rule->at[k],
								 q.y + h * (1 - rule->at[k]));
	for (int k = 0; k < POINTS; k++)
		arm->F[k] = arm->below + h * integral_upto(rule, arm->f, k);
	for (int k = 0; k < POINTS; k++)
	{
		arm->G[k] = arm->shortfall + h * integral_upto(rule, arm->F, k);
		arm->below += h * rule->weight[k] * arm->f[k];
	}
	for (int k = 0; k < POINTS; k++)
		arm->shortfall += h * rule->weight[k] * arm->F[k];
}

/* Adds point k of a panel, of weight w, to arm i's odds. */
static void
add_point(const ArmSum *arms, size_t count, size_t i, int k, double w, ArmOdds *odds)
{
	double below = 1;   /* the mass below the point of the highest of the others */
	double density = 0; /* and its density there */

	for (size_t j = 0; j < count; j++)
	{
		if (j == i)
			continue;
		density = density * arms[j].F[k] + below * arms[j].f[k];
		below *= arms[j].F[k];
	}
	odds->best += w * arms[i].f[k] * below;
	odds->loss += w * arms[i].G[k] * density;
}

/* Walks the line over the sorted places. */
static void
integrate(ArmSum *arms, size_t count, const Place *places, size_t place_count,
		  ArmOdds *odds)
{
	Rule rule;

	make_rule(&rule);
	for (size_t n = 1; n < place_count; n++)
	{
		const double h = distance(places[n - 1], places[n]);

		if (!(h > 0))
			continue;
		for (size_t i = 0; i < count; i++)
			evaluate(&arms[i], &rule, places[n - 1], places[n], h);
		for (size_t i = 0; i < count; i++)
			for (int k = 0; k < POINTS; k++)
				add_point(arms, count, i, k, h * rule.weight[k], &odds[i]);
	}
}

/* Compares the arms; says no to more than ARMS_MAX, and to counts that cannot be. */
bool
arms_compare(const Arm *arms, size_t count, ArmOdds *odds)
{
	ArmSum sums[ARMS_MAX];
	Place places[ARMS_MAX * (2 * PANELS + 1)];
	size_t place_count = 0;

	if (count > ARMS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		if (!(arms[i].successes >= 0 && arms[i].successes <= arms[i].recipients &&
			  isfinite(arms[i].recipients)))
			return false;
		sums[i] = (ArmSum){.beta = {1 + arms[i].successes,
									1 + arms[i].recipients - arms[i].successes}};
		odds[i] = (ArmOdds){0, 0};
		place_count += arm_places(sums[i].beta, places + place_count);
	}
	qsort(places, place_count, sizeof(*places), by_place);
	integrate(sums, count, places, place_count, odds);
	return true;
}
