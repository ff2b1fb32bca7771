/*
 * Golden values with 40 digits (mpmath), the closed forms of Miller and Stucchio, and
 * what must hold of any arms.
 */
#include "arms.h"
#include "beta.h"
#include "near.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MOST 5

typedef struct Golden
{
	const char *name;
	int digits;
	size_t count;
	Arm arms[MOST];
	ArmOdds odds[MOST];
} Golden;

static const Golden golden[] = {
	{"nothing known", 12, 2, {{0, 0}, {0, 0}}, {{0.5, 1.0 / 6}, {0.5, 1.0 / 6}}},
	{"one recipient", 12, 2, {{1, 1}, {0, 0}}, {{2.0 / 3, 1.0 / 12}, {1.0 / 3, 0.25}}},
	{"a hundred each",
	 12,
	 2,
	 {{10, 100}, {15, 100}},
	 {{1 - .853283789933966, .0525976959738}, {.853283789933966, .00357808813071}}},
	{"a thousand each",
	 12,
	 2,
	 {{50, 1000}, {65, 1000}},
	 {{1 - .924480378902574, .0153250284851}, {.924480378902574, .000354968604857}}},
	{"ten thousand each",
	 12,
	 2,
	 {{120, 10000}, {139, 10000}},
	 {{1 - .882230888906896, .00199223090467}, {.882230888906896, 9.26108286825e-5}}},
	{"a hundred million each",
	 12,
	 2,
	 {{5000000, 1e8}, {5002000, 1e8}},
	 {{1 - .741773988973327, 2.47987045410040e-5},
	  {.741773988973327, 4.79870494100388e-6}}},
	{"few against many",
	 12,
	 2,
	 {{1, 3}, {90, 100}},
	 {{.005653912050257, .492348487297465}, {.994346087949743, .000191624552367201}}},
	{"far apart",
	 12,
	 2,
	 {{90, 100}, {10, 100}},
	 {{1, 6.34712132592801e-36}, {1.03641205666391e-33, .784313725490196}}},
	{"three, nothing known",
	 12,
	 3,
	 {{0, 0}, {0, 0}, {0, 0}},
	 {{1.0 / 3, 0.25}, {1.0 / 3, 0.25}, {1.0 / 3, 0.25}}},
	{"three arms",
	 12,
	 3,
	 {{10, 100}, {15, 100}, {12, 100}},
	 {{.0971046273698010, .0591862161834940},
	  {.664570116982295, .0101666083403567},
	  {.238325255647904, .0395783730462391}}},
	{"three arms, a thousand each",
	 12,
	 3,
	 {{30, 1000}, {40, 1000}, {50, 1000}},
	 {{.00662895998874753, .0206548318838539},
	  {.139863125048345, .0106747919636942},
	  {.853507914962908, .000694752043534566}}},
	{"four unequal arms",
	 12,
	 4,
	 {{3, 10}, {4, 12}, {0, 5}, {7, 20}},
	 {{.275129875135394, .124847483371531},
	  {.340343080554186, .101037959562007},
	  {.0384972393380427, .315323673847721},
	  {.346029804972377, .0945444530685006}}},
	{"five arms, one of them sure",
	 12,
	 5,
	 {{0, 50}, {1, 50}, {2, 50}, {3, 50}, {50, 50}},
	 {{2.50244703555257e-30, .961538461538462},
	  {1.30127246198787e-28, .942307692307692},
	  {3.44837202971779e-27, .923076923076923},
	  {6.20706966221268e-26, .903846153846154},
	  {1, 6.73474099195583e-28}}},
	{"no success in 10^8, against nothing known",
	 9,
	 2,
	 {{0, 1e8}, {0, 0}},
	 {{9.999999800000004e-9, .49999999}, {.99999999, 9.9999995000000190e-17}}},
	{"every one of 10^8, against nothing known",
	 9,
	 2,
	 {{1e8, 1e8}, {0, 0}},
	 {{.99999999, 9.9999995000000190e-17}, {9.999999800000004e-9, .49999999}}},
};

static void
golden_values(void)
{
	for (size_t i = 0; i < LENGTH(golden); i++)
	{
		const Golden *g = &golden[i];
		ArmOdds odds[MOST];

		ok(arms_compare(g->arms, g->count, odds), g->name);
		for (size_t j = 0; j < g->count; j++)
		{
			is_near(odds[j].best, g->odds[j].best, g->digits, "probability to be best");
			is_near(odds[j].loss, g->odds[j].loss, g->digits, "expected loss");
		}
	}
}

/* Returns P(B > A) of Beta(a, b) and Beta(c, d) as Miller's sum of c terms. */
static double
miller(double a, double b, double c, double d)
{
	double sum = 0;

	for (double i = 0; i < c; i++)
		sum += exp(beta_log(a + i, b + d) - log(d + i) - beta_log(1 + i, d) -
				   beta_log(a, b));
	return sum;
}

/* Returns E max(B - A, 0), what keeping A costs, as Stucchio's difference. */
static double
stucchio(double a, double b, double c, double d)
{
	return c / (c + d) * miller(a, b, c + 1, d) - a / (a + b) * miller(a + 1, b, c, d);
}

static void
closed_forms(void)
{
	uint64_t state = 1;
	int wrong = 0;

	for (int i = 0; i < 500; i++)
	{
		Arm arms[2];
		ArmOdds odds[2];
		double a, b, c, d;

		for (int j = 0; j < 2; j++)
		{
			arms[j].recipients = floor(near_uniform(&state) * 2000);
			arms[j].successes =
				floor(near_uniform(&state) * 0.3 * (arms[j].recipients + 1));
		}
		a = 1 + arms[0].successes;
		b = 1 + arms[0].recipients - arms[0].successes;
		c = 1 + arms[1].successes;
		d = 1 + arms[1].recipients - arms[1].successes;
		arms_compare(arms, 2, odds);
		wrong += !is_close(odds[1].best, miller(a, b, c, d), 9);
		/* the closed form's difference loses digits where the loss is small */
		wrong += odds[0].loss > 1e-4 && !is_close(odds[0].loss, stucchio(a, b, c, d), 9);
	}
	is_int(wrong, 0, "as the closed forms say, for 500 random pairs");
}

/* Counts what does not hold of some arms' odds. */
static int
contradictions(const Arm *arms, const ArmOdds *odds, size_t count)
{
	double sum = 0;
	int wrong = 0;

	for (size_t i = 0; i < count; i++)
	{
		const double mean = (1 + arms[i].successes) / (2 + arms[i].recipients);
		const double first = (1 + arms[0].successes) / (2 + arms[0].recipients);

		sum += odds[i].best;
		wrong += !(odds[i].best >= 0 && odds[i].best <= 1 + 1e-12 && odds[i].loss >= 0);
		/* loss is E max less the arm's mean */
		wrong += fabs(odds[i].loss + mean - odds[0].loss - first) > 1e-12;
	}
	return wrong + (fabs(sum - 1) > 1e-11);
}

static void
any_arms(void)
{
	uint64_t state = 2;
	int wrong = 0;

	for (int i = 0; i < 300; i++)
	{
		const size_t count = 1 + (size_t) (near_uniform(&state) * 6);
		Arm arms[6];
		ArmOdds odds[6];

		for (size_t j = 0; j < count; j++)
		{
			arms[j].recipients = floor(pow(10, near_uniform(&state) * 8.3) - 1);
			arms[j].successes =
				floor(pow(near_uniform(&state), 3) * (arms[j].recipients + 1));
		}
		arms_compare(arms, count, odds);
		wrong += contradictions(arms, odds, count);
	}
	is_int(wrong, 0, "sums and differences, for 300 random sets up to 10^8");
}

static void
monotonic(void)
{
	Arm arms[2] = {{40, 1000}, {0, 1000}};
	ArmOdds odds[2];
	ArmOdds before = {-1, 2};
	int wrong = 0;

	for (; arms[1].successes <= 1000; arms[1].successes += 10)
	{
		arms_compare(arms, 2, odds);
		wrong += !(odds[1].best > before.best || odds[1].best > 1 - 1e-12);
		wrong += !(odds[1].loss < before.loss || odds[1].loss < 1e-200);
		before = odds[1];
	}
	is_int(wrong, 0, "more successes: likelier to be best, and less to lose");

	before = (ArmOdds){0, 1};
	for (double n = 100; n <= 1e8; n *= 10)
	{
		arms[0] = (Arm){0.05 * n, n};
		arms[1] = (Arm){0.06 * n, n};
		arms_compare(arms, 2, odds);
		wrong += !(odds[1].best > before.best || odds[1].best > 1 - 1e-12);
		wrong += !(odds[1].loss < before.loss || odds[1].loss < 1e-200);
		before = odds[1];
	}
	is_int(wrong, 0, "more of the same: surer");
}

static void
limits(void)
{
	Arm arms[ARMS_MAX + 1] = {{0, 0}};
	ArmOdds odds[ARMS_MAX + 1];

	ok(arms_compare(arms, 0, odds), "no arm");
	ok(arms_compare(arms, 1, odds) && is_close(odds[0].best, 1, 12) && odds[0].loss == 0,
	   "one arm is the best");
	for (size_t i = 0; i < ARMS_MAX; i++)
		arms[i] = (Arm){5, 100};
	ok(arms_compare(arms, ARMS_MAX, odds) &&
		   is_close(odds[ARMS_MAX - 1].best, 1.0 / ARMS_MAX, 12),
	   "as many as there may be");
	ok(!arms_compare(arms, ARMS_MAX + 1, odds), "and one more");
	ok(!arms_compare(&(Arm){5, 4}, 1, odds), "more successes than recipients");
	ok(!arms_compare(&(Arm){-1, 4}, 1, odds), "fewer than none");
	ok(!arms_compare(&(Arm){0, NAN}, 1, odds), "not a number of recipients");
	ok(!arms_compare(&(Arm){0, INFINITY}, 1, odds), "no end of recipients");
	arms[0] = (Arm){5e14, 1e15};
	arms[1] = (Arm){5e14, 1e15};
	ok(arms_compare(arms, 2, odds) && is_close(odds[0].best, 0.5, 9), "10^15 recipients");
}

int
main(void)
{
	golden_values();
	closed_forms();
	any_arms();
	monotonic();
	limits();
	return done_testing();
}
