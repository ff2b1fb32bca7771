/* Values computed with 40 digits (mpmath), and what holds of every Beta distribution. */
#include "beta.h"
#include "near.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void
logarithms(void)
{
	static const double v[][3] = {
		{0.5, 0.5, 1.1447298858494002},    {2, 3, -2.4849066497880003},
		{1, 14.5, -2.6741486494265287},    {14.5, 15.5, -20.85735863436331},
		{15, 15, -20.874596601690646},     {3, 1000, -20.033116159382222},
		{101, 901, -328.82204221257979},   {1, 1e8, -18.420680743952365},
		{1e8, 1e8, -138629444.05681731},   {5e6, 95e6, -19851531.102476294},
		{0.001, 1e5, 6.8956659649138917},
	};

	ok(fabs(beta_log(1, 1)) < 1e-15, "log B(1, 1) is 0");
	for (size_t i = 0; i < LENGTH(v); i++)
	{
		is_near(beta_log(v[i][0], v[i][1]), v[i][2], 13, "log-beta");
		ok(beta_log(v[i][0], v[i][1]) == beta_log(v[i][1], v[i][0]), "either way round");
	}
}

static void
tails(void)
{
	/* a, b, x, the mass below, the mass above */
	static const double v[][5] = {
		{1, 1, 0.25, 0.25, 0.75},
		{0.5, 0.5, 0.1, 0.20483276469913346, 0.79516723530086654},
		{2, 3, 0.4, 0.5248, 0.4752},
		{11, 91, 0.05, 0.012308204272281276, 0.98769179572771872},
		{11, 91, 0.5, 1, 8.4887376834583761e-18},
		{121, 9881, 0.012, 0.47618589721368289, 0.52381410278631711},
		{121, 9881, 0.02, 0.99999999951901568, 4.8098432310407206e-10},
		{1, 1000001, 1e-06, 0.63212111064761212, 0.36787888935238788},
		{1000001, 1, 0.999999, 0.36787888934180924, 0.63212111065819076},
		{5000001, 95000001, 0.05, 0.49989017163970179, 0.50010982836029821},
		{5000001, 95000001, 0.0499, 2.2004483541701595e-6, 0.99999779955164583},
		{50000001, 50000001, 0.50002, 0.65542174277420513, 0.34457825722579487},
	};

	for (size_t i = 0; i < LENGTH(v); i++)
	{
		is_near(beta_lower(v[i][0], v[i][1], v[i][2]), v[i][3], 11, "the mass below");
		is_near(beta_upper(v[i][0], v[i][1], v[i][2]), v[i][4], 11, "the mass above");
	}
	ok(beta_lower(3, 4, 0) == 0 && beta_lower(3, 4, 1) == 1, "the ends");
	ok(beta_lower(3, 4, -1) == 0 && beta_upper(3, 4, 2) == 0, "beyond the ends");
	ok(isnan(beta_lower(NAN, 1, 0.5)) && isnan(beta_lower(1, 1, NAN)), "not a number");
}

/* Counts violations along x: the mass grows, and grows as the density says. */
static int
violations(double a, double b)
{
	const double mean = a / (a + b);
	const double deviation = sqrt(mean * (1 - mean) / (a + b + 1));
	int wrong = 0;

	for (double z = -1; z <= 1; z += 0.25)
	{
		const double x = mean + z * deviation;
		const double h = deviation / 16;

		if (x - h <= 0 || x + h >= 1)
			continue;
		wrong += !(beta_lower(a, b, x + h) > beta_lower(a, b, x - h));
		/* Simpson's rule */
		wrong += !is_close(beta_lower(a, b, x + h) - beta_lower(a, b, x - h),
						   h / 3 * (beta_density(a, b, x - h, 1 - x + h) +
									4 * beta_density(a, b, x, 1 - x) +
									beta_density(a, b, x + h, 1 - x - h)),
						   4);
	}
	return wrong;
}

static void
shapes(void)
{
	static const double sizes[] = {1, 2, 3.5, 14.9, 15, 100, 1e4, 1e6, 1e8};
	int wrong = 0;

	for (size_t i = 0; i < LENGTH(sizes); i++)
		for (size_t j = 0; j < LENGTH(sizes); j++)
			wrong += violations(sizes[i], sizes[j]);
	is_int(wrong, 0, "the mass grows as the density says, from 1 to 10^8");
	is_near(beta_density(1, 1, 1e-12, 1 - 1e-12), 1, 14, "uniform near its end");
	is_near(beta_density(1, 1e8, 1e-8, 1 - 1e-8), 36787944.301083953, 13,
			"the density of no success in 10^8");
}

int
main(void)
{
	logarithms();
	tails();
	shapes();
	return done_testing();
}
