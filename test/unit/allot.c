/* Shares, floors and draws agree with each other; the test size is the best one. */
#include "allot.h"
#include "near.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DRAWS 50000

static const Arm arms[] = {{10, 100}, {15, 100}, {12, 100}};

static void
shares(void)
{
	ArmOdds odds[3];
	double share[3];
	double sum = 0;

	arms_compare(arms, 3, odds);
	allot_shares(odds, 3, 0.01, share);
	for (size_t i = 0; i < 3; i++)
	{
		sum += share[i];
		is_near(share[i], 0.01 + 0.97 * odds[i].best, 12, "floor and odds");
	}
	is_near(sum, 1, 14, "all shares");
	allot_shares(odds, 3, 0, share);
	is_near(share[0], odds[0].best, 12, "no floor");
	allot_shares(odds, 3, 0.5, share);
	is_near(share[0], 1.0 / 3, 14, "a floor that is too high is an even split");
	allot_shares(odds, 3, -1, share);
	is_near(share[0], odds[0].best, 12, "a floor below 0 is none");
}

static void
by_share(void)
{
	const double share[] = {0.25, 0, 0.5, 0.25, 0};

	is_int((long long) allot_by_share(share, 5, 0), 0, "the first");
	is_int((long long) allot_by_share(share, 5, 0.25), 2, "an arm without a share");
	is_int((long long) allot_by_share(share, 5, 0.74), 2, "before the end of a share");
	is_int((long long) allot_by_share(share, 5, 0.75), 3, "behind it");
	is_int((long long) allot_by_share(share, 5, 1), 3, "rounding beyond the last share");
}

/* Thompson's choices come as often as the odds say, with and without a floor. */
static void
choices(double floor)
{
	uint64_t state = 3;
	DrawSource source = {near_uniform, &state};
	ArmOdds odds[3];
	double share[3];
	double chosen[3] = {0};
	int wrong = 0;

	arms_compare(arms, 3, odds);
	allot_shares(odds, 3, floor, share);
	for (int i = 0; i < DRAWS; i++)
		chosen[allot_thompson(arms, 3, floor, source)]++;
	for (size_t i = 0; i < 3; i++)
		wrong += fabs(chosen[i] / DRAWS - share[i]) >
				 5 * sqrt(share[i] * (1 - share[i]) / DRAWS);
	is_int(wrong, 0, "as often as the shares say");
}

static void
one_arm(void)
{
	uint64_t state = 4;
	DrawSource source = {near_uniform, &state};

	is_int((long long) allot_thompson(arms, 1, 0.01, source), 0, "one arm");
	is_int((long long) allot_thompson(arms, 1, 1, source), 0, "one arm, a floor of 1");
}

/* What a test of n recipients per arm makes of the population, up to constants. */
static double
profit(double n, double population, double count, double r)
{
	return (population - count * n) / sqrt(1 + r / n);
}

static void
test_sizes(void)
{
	int wrong = 0;

	/* the paper's test of a web page: 2,284 of 100,000 on each arm */
	is_near(allot_test_size(100000, 2, sqrt(0.68 * 0.32), 0.03), 2283.89002819443, 12,
			"Feit and Berman's example");
	for (double count = 2; count <= 8; count++)
		for (double r = 1e-3; r < 1e12; r *= 31)
			for (double population = 100; population <= 1e8; population *= 100)
			{
				const double n = allot_test_size(population, count, sqrt(r), 1);

				wrong += !(n > 0 && count * n < population);
				wrong += profit(n, population, count, r) <
							 profit(n * 0.99, population, count, r) ||
						 profit(n, population, count, r) <
							 profit(n * 1.01, population, count, r);
			}
	is_int(wrong, 0, "neither less nor more would be better");
	is_near(allot_test_size(900, 3, 0.5, 0), 100, 12, "arms that hardly differ");
	ok(allot_test_size(900, 3, 0, 0.1) == 0, "outcomes that do not vary");
}

int
main(void)
{
	shares();
	by_share();
	choices(0);
	choices(0.05);
	one_arm();
	test_sizes();
	return done_testing();
}
