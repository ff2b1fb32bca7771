/*
 * value.c: posterior and sample of the value less cost of a message. Most recipients buy
 * nothing, so it is the product of two things that are known apart (C. Stucchio, Bayesian
 * A/B Testing at VWO, 2015): the share of buyers, a Beta posterior with the prior
 * Beta(1, 1); and what a buyer spends, whose mean has a normal posterior with the prior
 * of one buyer (R. Kass, L. Wasserman, A Reference Bayesian Test, 1995) like those of all
 * arms together. Their product is taken for normal, with its exact mean and variance.
 */
#include "value.h"

#include <math.h>

/* What a buyer spends in all arms together: the prior of each. */
typedef struct Spending
{
	double mean;
	double variance;
} Spending;

/* Weight of the common variance in an arm's own, in buyers. */
#define VARIANCE_WEIGHT 2

/* Sets the common spending; false where nobody bought, so that nothing is known. */
static bool
common_spending(const ValueArm *arms, size_t count, Spending *all)
{
	double buyers = 0;
	double value = 0;
	double squares = 0;

	for (size_t i = 0; i < count; i++)
	{
		buyers += arms[i].buyers;
		value += arms[i].value;
		squares += arms[i].squares;
	}
	if (!(buyers > 0 && value > 0))
		return false;
	all->mean = value / buyers;
	/* one buyer more who is off by as much as the mean: equal orders prove no certainty
	 */
	all->variance =
		(fmax(0, squares - value * all->mean) + all->mean * all->mean) / (buyers + 1);
	return true;
}

static Normal
posterior(const ValueArm *arm, const Spending *all)
{
	const double own = arm->buyers > 0 ? arm->value * arm->value / arm->buyers : 0;
	const double freedom = fmax(0, arm->buyers - 1);
	const double variance =
		(fmax(0, arm->squares - own) + VARIANCE_WEIGHT * all->variance) /
		(freedom + VARIANCE_WEIGHT);
	const double spent = (arm->value + all->mean) / (arm->buyers + 1);
	const double spent_variance = variance / (arm->buyers + 1);
	const double share = (arm->buyers + 1) / (arm->recipients + 2);
	const double share_variance = share * (1 - share) / (arm->recipients + 3);

	return (Normal){share * spent - arm->cost,
					sqrt(share * share * spent_variance + share_variance * spent * spent +
						 share_variance * spent_variance)};
}

/* Sets each arm's posterior; false where nobody bought. */
bool
value_posteriors(const ValueArm *arms, size_t count, Normal *posteriors)
{
	Spending all;

	if (!common_spending(arms, count, &all))
		return false;
	for (size_t i = 0; i < count; i++)
		posteriors[i] = posterior(&arms[i], &all);
	return true;
}

/*
 * Sets each arm's mean as it is seen, and the variance of a message's value. Half a buyer
 * more in the variance keeps an arm without any from feigning certainty.
 */
bool
value_samples(const ValueArm *arms, size_t count, Sample *samples)
{
	Spending all;

	if (!common_spending(arms, count, &all))
		return false;
	for (size_t i = 0; i < count; i++)
	{
		const double n = arms[i].recipients;
		const double mean = (arms[i].value + all.mean / 2) / (n + 1);
		const double square =
			(arms[i].squares + (all.mean * all.mean + all.variance) / 2) / (n + 1);

		samples[i] = (Sample){n > 0 ? arms[i].value / n - arms[i].cost : 0,
							  square - mean * mean, n};
	}
	return true;
}
