/* Values computed with 40 digits (mpmath), limits, and what holds for every count. */
#include "interval.h"
#include "near.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void
quantiles(void)
{
	is_near(normal_quantile(0.975), 1.9599639845400542, 14, "97.5 %");
	is_near(normal_quantile(0.9995), 3.2905267314918948, 12, "99.95 %");
	is_near(normal_quantile(0.6), 0.2533471031357998, 13, "60 %");
	is_near(normal_quantile(1e-10), -6.3613409024040562, 14, "1e-10");
	is_near(normal_quantile(1e-300), -37.047096299361199, 14, "1e-300");
	ok(fabs(normal_quantile(0.5)) < 1e-15, "the median");
	ok(normal_quantile(0) < -38 && normal_quantile(1) > 38, "the ends");
}

static void
wilson(void)
{
	static const double v[][4] = {
		{81, 263, .255288519878274, .3662095769828},
		{15, 148, .0623863995307363, .160487241723308},
		{0, 20, 0, .161125158052819},
		{1, 29, .00611321429276266, .171755218793203},
		{29, 29, .883030201500259, 1},
		{4000, 100000, .0388030195663406, .0412323204972358},
		{5000000, 1e8, .0499573008591788, .0500427337139493},
	};

	for (size_t i = 0; i < LENGTH(v); i++)
	{
		const Bounds w = interval_wilson((Arm){v[i][0], v[i][1]}, 0.95);

		is_near(w.low, v[i][2], 12, "Wilson's lower end");
		is_near(w.high, v[i][3], 12, "Wilson's upper end");
	}
	ok(interval_wilson((Arm){0, 0}, 0.95).low == 0 &&
		   interval_wilson((Arm){0, 0}, 0.95).high == 1,
	   "of nobody, nothing is known");
}

static void
always_valid(void)
{
	const Bounds none = always_valid_rate((Arm){0, 0}, 0.05, 5000);
	const Bounds zero = always_valid_rate((Arm){0, 1000}, 0.05, 5000);
	const Bounds one = always_valid_difference((Arm){0, 0}, (Arm){5, 9}, 0.05, 5000);
	const Bounds d =
		always_valid_difference((Arm){100, 1000}, (Arm){200, 1000}, 0.05, 5000);
	const Bounds e =
		always_valid_difference((Arm){200, 1000}, (Arm){100, 1000}, 0.05, 5000);

	is_near(always_valid_rho(0.05, 5000), .0398400667713737, 12, "rho");
	is_near(always_valid_halfwidth(1, 1, 0.05, 5000), 61.4962029460954, 12, "n = 1");
	is_near(always_valid_halfwidth(1, 1000, 0.05, 5000), .106375470065575, 12, "1,000");
	is_near(always_valid_halfwidth(1, 5000, 0.05, 5000), .0429243371882685, 12, "5,000");
	is_near(always_valid_halfwidth(1, 1e8, 0.05, 5000), .000423869088800332, 12, "10^8");
	is_near(always_valid_halfwidth(0.3, 1000, 0.05, 5000), 0.3 * .106375470065575, 12,
			"a standard deviation");
	ok(none.low == 0 && none.high == 1, "of nobody, nothing is known");
	ok(zero.low == 0 && zero.high > 0.001 && zero.high < 0.01, "no success is not sure");
	ok(one.low == -1 && one.high == 1, "against nobody, nothing is known");
	/* n = 2000, and s^2 = 2000 (0.09 + 0.16) / 1000 */
	is_near(d.high - d.low,
			2 * always_valid_halfwidth(sqrt(0.5), 2000, 0.05, 5000), 12, "a difference");
	is_near(d.low + d.high, 0.2, 12, "lies about what is seen");
	ok(d.low > 0, "a large one is not 0");
	ok(is_close(d.low, -e.high, 12) && is_close(d.high, -e.low, 12), "either way round");
}

/* The interval is always wider than a single look's, and always shrinks. */
static void
always_wider(void)
{
	double before = INFINITY;
	int wrong = 0;

	for (double n = 1; n <= 1e8; n *= 1.5)
	{
		const double half = always_valid_halfwidth(1, n, 0.05, 1e5);

		wrong += !(half < before && half > 1.96 / sqrt(n));
		before = half;
	}
	is_int(wrong, 0, "wider than at one look, and narrower with each more");
}

static void
sequential(void)
{
	const Arm a = {100, 1000};
	const Arm b = {130, 1000};
	const double ratio = sequential_log_ratio(a, b, 1e-4);
	const double p = sequential_p(1, ratio);

	is_near(exp(ratio), 1.70032026652473, 12, "mixture likelihood ratio");
	is_near(p, .588124496124422, 12, "its p");
	is_near(sequential_log_ratio(b, a, 1e-4), ratio, 12, "either way round");
	ok(sequential_p(1, sequential_log_ratio(a, a, 1e-4)) == 1, "no difference: p is 1");
	ok(sequential_p(p, -5) == p, "a p does not grow again");
	ok(sequential_p(1, 1e5) == 0, "beyond all doubt");
	ok(sequential_p(1, sequential_log_ratio((Arm){0, 0}, b, 1e-4)) == 1, "nobody");
	ok(sequential_p(1, sequential_log_ratio((Arm){0, 1}, (Arm){1, 1}, 1e-4)) > 0.9,
	   "one of each proves nothing");
	ok(sequential_log_ratio((Arm){0, 1e8}, (Arm){1e8, 1e8}, 1e-4) > 100,
	   "all against none does");
}

int
main(void)
{
	quantiles();
	wilson();
	always_valid();
	always_wider();
	sequential();
	return done_testing();
}
