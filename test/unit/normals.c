/*
 * Values computed with 30 digits (mpmath) from the integrals, the closed form of two
 * arms, and what must hold of any arms.
 */
#include "normals.h"
#include "near.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MOST		  3

typedef struct Golden
{
	const char *name;
	size_t count;
	Normal arms[MOST];
	ArmOdds odds[MOST];
} Golden;

static const Golden golden[] = {
	{"alike", 2, {{0, 1}, {0, 1}}, {{0.5, .564189583547756}, {0.5, .564189583547756}}},
	{"one apart",
	 2,
	 {{0, 1}, {1, 1}},
	 {{.239750061093477, 1.19964122837425}, {.760249938906523, .199641228374246}}},
	{"one is known well",
	 2,
	 {{1, 0.2}, {1.1, 0.01}},
	 {{.308757202078469, .139647286590077}, {.691242797921531, .0396472865900773}}},
	{"three alike",
	 3,
	 {{0, 1}, {0, 1}, {0, 1}},
	 {{1.0 / 3, .846284375321634},
	  {1.0 / 3, .846284375321634},
	  {1.0 / 3, .846284375321634}}},
	{"three",
	 3,
	 {{0.5, 0.1}, {0.55, 0.2}, {0.4, 0.05}},
	 {{.375147446790615, .11892057767716},
	  {.572343778128887, .0689205776771604},
	  {.0525087750804975, .21892057767716}}},
	{"one a million times as sure",
	 3,
	 {{10, 1e-6}, {10, 5}, {4, 3}},
	 {{.488624934025909, 2.00945454287255},
	  {.49803960667508, 2.00945454287255},
	  {.0133354592990114, 8.00945454287255}}},
};

static void
golden_values(void)
{
	for (size_t i = 0; i < LENGTH(golden); i++)
	{
		const Golden *g = &golden[i];
		ArmOdds odds[MOST];

		ok(normals_compare(g->arms, g->count, odds), g->name);
		for (size_t j = 0; j < g->count; j++)
		{
			is_near(odds[j].best, g->odds[j].best, 9, "probability to be best");
			is_near(odds[j].loss, g->odds[j].loss, 9, "expected loss");
		}
	}
}

/* Two arms have a closed form: the difference is normal too. */
static void
two_arms(void)
{
	int wrong = 0;

	for (double gap = -8; gap <= 8; gap += 0.5)
		for (double s = 1e-3; s <= 1e3; s *= 10)
		{
			const Normal arms[] = {{100, 1}, {100 + gap, s}};
			const double d = sqrt(1 + s * s);
			const double z = gap / d;
			const double below = erfc(z / sqrt(2)) / 2;
			const double loss = d * exp(-z * z / 2) / sqrt(2 * M_PI) - gap * below;
			ArmOdds odds[2];

			normals_compare(arms, 2, odds);
			wrong +=
				!is_close(odds[0].best, below, 8) || fabs(odds[1].loss - loss) > 1e-9 * d;
		}
	is_int(wrong, 0, "two arms as the closed form has them");
}

static void
what_is_none(void)
{
	ArmOdds odds[MOST];

	ok(!normals_compare((Normal[]){{0, 0}}, 1, odds), "a deviation of 0");
	ok(!normals_compare((Normal[]){{NAN, 1}}, 1, odds), "a mean that is none");
	ok(!normals_compare((Normal[]){{0, INFINITY}}, 1, odds), "a deviation without end");
	ok(!normals_compare(NULL, ARMS_MAX + 1, odds), "too many arms");
	ok(normals_compare((Normal[]){{0, 1}}, 1, odds) && is_close(odds[0].best, 1, 12),
	   "a single one is the best");
}

int
main(void)
{
	golden_values();
	two_arms();
	what_is_none();
	return done_testing();
}
