/* Values computed with 40 digits (mpmath), the golden checks, and broken set-ups. */
#include "ratio.h"
#include "near.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void
chi_square(void)
{
	static const double v[][3] = {
		{22.7743688419, 1, 1.82179287261384e-6}, {.241469816273, 2, .88626887112154},
		{1, 1, .317310507862914},                {3.841458820694124, 1, .05},
		{100, 3, 1.5541594313896e-21},           {1000, 1, 1.79583278480073e-219},
		{5, 31, .999999972599214},               {60, 31, .00134978597852513},
		{0.001, 1, .97477287936996},             {1e-9, 2, .9999999995},
	};

	for (size_t i = 0; i < LENGTH(v); i++)
		is_near(chi_square_upper(v[i][0], v[i][1]), v[i][2], 11, "chi-square's tail");
	ok(chi_square_upper(0, 3) == 1 && chi_square_upper(INFINITY, 3) == 0, "the ends");
	ok(chi_square_upper(1e8, 1) == 0, "far out");
}

static void
ratios(void)
{
	double x;
	double p = ratio_check((double[]){821588, 815482}, (double[]){1, 1}, 2, &x);

	is_near(x, 22.7743688418944, 12, "an even split that is none: chi-square");
	is_near(p, 1.82179287261919e-6, 10, "its p");
	p = ratio_check((double[]){310, 98, 100}, (double[]){.6, .2, .2}, 3, &x);
	is_near(x, .241469816272966, 12, "three arms as they were meant: chi-square");
	is_near(p, .886268871121555, 11, "its p");
	is_near(ratio_check((double[]){310, 98, 100}, (double[]){3, 1, 1}, 3, NULL),
			.886268871121555, 11, "weights of any sum");
	ok(ratio_check((double[]){50, 50}, (double[]){1, 1}, 2, NULL) == 1, "exactly even");
	ok(ratio_check((double[]){0, 0}, (double[]){1, 1}, 2, NULL) == 1, "nobody yet");
	ok(ratio_check((double[]){7}, (double[]){1}, 1, NULL) == 1, "one arm");
	ok(ratio_check((double[]){50, 50, 0}, (double[]){1, 1, 0}, 3, NULL) == 1,
	   "an arm without weight and recipients");
	ok(ratio_check((double[]){50, 50, 1}, (double[]){1, 1, 0}, 3, NULL) == 0,
	   "an arm without weight but with recipients");
}

int
main(void)
{
	chi_square();
	ratios();
	return done_testing();
}
