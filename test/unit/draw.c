/* Draws have their distributions' moments and shapes; one seed is one sequence. */
#include <stdlib.h>

#include "beta.h"
#include "draw.h"
#include "near.h"

#define DRAWS 20000

typedef double (*Draw)(DrawSource source, double a, double b);

static double
normal(DrawSource source, double mean, double deviation)
{
	return mean + deviation * draw_normal(source);
}

static double
gamma_of(DrawSource source, double shape, double scale)
{
	return scale * draw_gamma(source, shape);
}

static int
by_size(const void *a, const void *b)
{
	const double x = *(const double *) a;
	const double y = *(const double *) b;

	return x < y ? -1 : x > y;
}

/* Compares the mean and the variance with five standard errors; kurtosis is the fourth
 * central moment over the squared variance. */
static void
moments(Draw draw, double a, double b, double mean, double variance, double kurtosis,
		const char *name)
{
	uint64_t state = 1;
	DrawSource source = {near_uniform, &state};
	double sum = 0;
	double squares = 0;

	for (int i = 0; i < DRAWS; i++)
	{
		const double d = draw(source, a, b) - mean;

		sum += d;
		squares += d * d;
	}
	ok(fabs(sum / DRAWS) < 5 * sqrt(variance / DRAWS), name);
	ok(fabs(squares / DRAWS - variance) < 5 * variance * sqrt((kurtosis - 1) / DRAWS),
	   "and its variance");
}

/* Compares the draws of Beta(a, b) with its distribution by Kolmogorov and Smirnov. */
static void
shape(double a, double b, const char *name)
{
	static double values[DRAWS];
	uint64_t state = 2;
	DrawSource source = {near_uniform, &state};
	double farthest = 0;

	for (int i = 0; i < DRAWS; i++)
		values[i] = draw_beta(source, a, b);
	qsort(values, DRAWS, sizeof(*values), by_size);
	for (int i = 0; i < DRAWS; i++)
	{
		const double p = beta_lower(a, b, values[i]);

		farthest = fmax(farthest, fmax(p - (double) i / DRAWS,
									   (double) (i + 1) / DRAWS - p));
	}
	/* passed by 1 of 1,000 */
	ok(farthest < 1.95 / sqrt(DRAWS), name);
}

static void
sequence(void)
{
	uint64_t one = 7;
	uint64_t two = 7;
	int wrong = 0;

	for (int i = 0; i < 100; i++)
		wrong += draw_beta((DrawSource){near_uniform, &one}, 3, 50) !=
				 draw_beta((DrawSource){near_uniform, &two}, 3, 50);
	is_int(wrong, 0, "one seed is one sequence");
	ok(draw_uniform((DrawSource){near_uniform, &one}) == near_uniform(&two),
	   "uniform draws are the caller's");
}

int
main(void)
{
	moments(normal, 3, 2, 3, 4, 3, "normal");
	moments(gamma_of, 1, 1, 1, 1, 9, "exponential");
	moments(gamma_of, 3.5, 1, 3.5, 3.5, 3 + 6 / 3.5, "Gamma");
	moments(gamma_of, 1e8, 1, 1e8, 1e8, 3, "Gamma of 10^8");
	moments(draw_beta, 1, 1, 0.5, 1.0 / 12, 1.8, "uniform");
	moments(draw_beta, 1, 1e8, 1e-8, 1e-16, 9, "Beta(1, 10^8)");
	moments(draw_beta, 5e6, 95e6, 0.05, 0.05 * 0.95 / (1e8 + 1), 3, "Beta of 10^8");
	shape(1, 1, "the shape of Beta(1, 1)");
	shape(2, 5, "the shape of Beta(2, 5)");
	shape(41, 961, "the shape of Beta(41, 961)");
	shape(1, 1000, "the shape of Beta(1, 1000)");
	sequence();
	return done_testing();
}
