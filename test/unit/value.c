/*
 * Posteriors computed with 30 digits (mpmath) from the formulas; and the intervals that
 * follow hold what they promise when values are drawn.
 */
#include "draw.h"
#include "near.h"
#include "value.h"

static const ValueArm arms[] = {{1000, 20, 1000, 60000, 0.075},
								{1000, 25, 1500, 120000, 0.15}};

static void
golden_values(void)
{
	Normal posteriors[2];
	Sample samples[2];

	ok(value_posteriors(arms, 2, posteriors), "posteriors");
	is_near(posteriors[0].mean, .978448658239077, 12, "mean");
	is_near(posteriors[0].deviation, .253206296132129, 12, "deviation");
	is_near(posteriors[1].mean, 1.40245065424706, 12, "mean of the other");
	is_near(posteriors[1].deviation, .350977527443933, 12, "its deviation");
	ok(value_samples(arms, 2, samples), "samples");
	is_near(samples[0].mean, 0.925, 12, "value less cost, as seen");
	ok(samples[0].variance > 58 && samples[0].variance < 62, "variance of a message");
}

static void
nothing_known(void)
{
	const ValueArm none[] = {{1000, 0, 0, 0, 0.1}, {1000, 0, 0, 0, 0.2}};
	const ValueArm one[] = {{1000, 0, 0, 0, 0.1}, {1000, 1, 40, 1600, 0.1}};
	Normal posteriors[2];
	Sample samples[2];
	ArmOdds odds[2];

	ok(!value_posteriors(none, 2, posteriors), "nobody bought: nothing is known");
	ok(!value_samples(none, 2, samples), "and no interval");
	ok(value_posteriors(one, 2, posteriors) && normals_compare(posteriors, 2, odds),
	   "one bought");
	ok(odds[1].best > 0.5 && odds[1].best < 0.9, "which proves little");
	ok(value_samples(one, 2, samples) && samples[0].variance > 0,
	   "and an arm without a buyer is not sure");
}

/* The posterior's deviation is that of the mean when it is drawn again and again. */
static void
spread(void)
{
	uint64_t state = 5;
	DrawSource source = {near_uniform, &state};
	double sum = 0;
	double squares = 0;
	double deviation = 0;
	enum
	{
		RUNS = 2000,
		RECIPIENTS = 4000
	};

	for (int run = 0; run < RUNS; run++)
	{
		ValueArm arm = {RECIPIENTS, 0, 0, 0, 0};
		Normal posterior;

		for (int i = 0; i < RECIPIENTS; i++)
			if (draw_uniform(source) < 0.05)
			{
				const double value = 50 * draw_gamma(source, 2);

				arm.buyers++;
				arm.value += value;
				arm.squares += value * value;
			}
		value_posteriors(&arm, 1, &posterior);
		sum += posterior.mean;
		squares += posterior.mean * posterior.mean;
		deviation += posterior.deviation / RUNS;
	}
	squares = sqrt(squares / RUNS - sum / RUNS * sum / RUNS);
	ok(fabs(sum / RUNS - 5) < 0.06, "the mean");
	ok(fabs(squares / deviation - 1) < 0.05, "and how far off it is");
}

int
main(void)
{
	golden_values();
	nothing_known();
	spread();
	return done_testing();
}
