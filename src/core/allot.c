/*
 * allot.c: Thompson sampling with a floor, and the test size of Feit and Berman.
 */
#include "allot.h"

#include <math.h>

/* Returns the share that every arm has, whatever its odds: at most an equal one. */
static double
fit_floor(double floor, size_t count)
{
	return fmin(fmax(floor, 0), 1 / (double) count);
}

/*
 * Sets the shares of a batch: what Thompson sampling would give on average, which is each
 * arm's probability to be best, above the floor.
 */
void
allot_shares(const ArmOdds *odds, size_t count, double floor, double *shares)
{
	const double least = fit_floor(floor, count);
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += odds[i].best;
	for (size_t i = 0; i < count; i++)
		shares[i] = least + (1 - (double) count * least) * (odds[i].best / sum);
}

/* Returns the arm on which u in [0, 1) falls where the shares are laid end to end. */
size_t
allot_by_share(const double *shares, size_t count, double u)
{
	size_t last = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (shares[i] > 0)
			last = i;
		if (u < shares[i])
			return i;
		u -= shares[i];
	}
	/* the shares' sum is 1 but for rounding */
	return last;
}

/* Chooses one message's arm by Thompson sampling with a floor. */
size_t
allot_thompson(const Arm *arms, size_t count, double floor, DrawSource source)
{
	const double least = fit_floor(floor, count);
	const double u = draw_uniform(source);
	double highest = -1;
	size_t best = 0;

	if (u < least * (double) count)
		return (size_t) fmin(u / least, (double) (count - 1));
	for (size_t i = 0; i < count; i++)
	{
		const double failures = arms[i].recipients - arms[i].successes;
		const double rate = draw_beta(source, 1 + arms[i].successes, 1 + failures);

		if (rate > highest)
		{
			highest = rate;
			best = i;
		}
	}
	return best;
}

/*
 * Returns the recipients per arm of the test that makes the most of a population whose
 * rest gets the winner (E. M. Feit, R. Berman, Test & Roll, 2019, equation 10). Deviation
 * is one outcome's standard deviation, prior_deviation that of the arms' rates.
 *
 * With r = (deviation / prior_deviation)^2 the profit of K arms grows with
 * (N - Kn) / sqrt(1 + r/n); the highest at n = sqrt(rN/2K + (3r/4)^2) - 3r/4, which is
 * written so that a large r keeps its digits.
 */
double
allot_test_size(double population, double arms, double deviation, double prior_deviation)
{
	const double q = prior_deviation / deviation;
	const double m = population / (2 * arms);

	return m / (sqrt(m * q * q + 9.0 / 16) + 0.75);
}
