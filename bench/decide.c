/*
 * Simulations of campaigns that decide by themselves, through the core that SQL uses too.
 * Prints each figure with what it must be, "pass" or "FAIL". One seed is one result.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "allot.h"
#include "decide.h"

#define LOOKS 50

typedef struct Scene
{
	const char *name;
	size_t count;
	double rates[ARMS_MAX];
	double weights[ARMS_MAX]; /* of a campaign that is not adaptive */
	int batch;				  /* recipients of one */
	bool bandit;
	double order; /* above 0: judged by value; what a buyer spends on average */
} Scene;

typedef struct Outcome
{
	size_t winner; /* count: none */
	int look;	   /* at which it won, from 1 */
	bool chosen;   /* at the planned end, by its expected loss */
	bool missed;   /* some interval missed the truth at some look */
	double successes;
	double recipients;
	bool stopped; /* by the sample ratio */
	Judgement last;
	DecideArm arms[ARMS_MAX];
} Outcome;

static int failures;

static double
uniform(void *state)
{
	uint64_t z = *(uint64_t *) state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return (double) (z >> 11) * 0x1p-53;
}

/* What a buyer spends: log-normal, with a long tail. */
static double
spend(DrawSource source, double mean)
{
	return mean * exp(draw_normal(source) - 0.5);
}

static void
send_batch(const Scene *scene, const double *shares, DrawSource source, Outcome *out)
{
	for (int i = 0; i < scene->batch; i++)
	{
		size_t arm = allot_by_share(shares, scene->count, draw_uniform(source));
		DecideArm *to = &out->arms[arm];

		to->recipients++;
		to->mature++;
		if (draw_uniform(source) < scene->rates[arm])
		{
			double value = scene->order > 0 ? spend(source, scene->order) : 0;

			to->successes++;
			to->value += value;
			to->squares += value * value;
			out->successes++;
		}
	}
	for (size_t i = 0; i < scene->count; i++)
		out->arms[i].expected += scene->batch * shares[i];
	out->recipients += scene->batch;
}

/* Tells whether an interval against the best other misses the true difference. */
static bool
misses(const Scene *scene, const DecideFigures *figures)
{
	const double unit = scene->order > 0 ? scene->order : 1;

	for (size_t i = 0; i < scene->count; i++)
	{
		double truth;

		if (figures[i].rival < 0)
			continue;
		truth = unit * (scene->rates[i] - scene->rates[(size_t) figures[i].rival]);
		if (truth < figures[i].gap.low || truth > figures[i].gap.high)
			return true;
	}
	return false;
}

/* Runs a campaign to its end, with a look after each batch. */
static Outcome
run(const Scene *scene, uint64_t seed)
{
	DrawSource source = {uniform, &seed};
	DecideRule rule = {.by_value = scene->order > 0,
					   .adaptive = scene->bandit,
					   .old_enough = true,
					   .alpha = 0.05,
					   .planned = LOOKS * scene->batch,
					   .epsilon = 0.01,
					   .relative = true,
					   .least = 100,
					   .ratio_p = 0.001,
					   .opt_outs = 1,
					   .cost = INFINITY};
	Outcome out = {.winner = scene->count};
	DecideFigures figures[ARMS_MAX];
	double shares[ARMS_MAX];

	for (int look = 1; look <= LOOKS; look++)
	{
		if (scene->bandit)
		{
			decide(&rule, out.arms, scene->count, figures, &out.last);
			decide_shares(figures, scene->count, 0.01, shares);
		}
		else
			for (size_t i = 0; i < scene->count; i++)
				shares[i] = scene->weights[i];
		send_batch(scene, shares, source, &out);
		rule.ended = look == LOOKS;
		decide(&rule, out.arms, scene->count, figures, &out.last);
		out.stopped = out.stopped || out.last.reason == DECIDE_RATIO;
		out.missed = out.missed || misses(scene, figures);
		if (out.winner == scene->count &&
			(out.last.reason == DECIDE_PROVEN || out.last.reason == DECIDE_SMALL_LOSS))
		{
			out.winner = out.last.arm;
			out.look = look;
			out.chosen = out.last.reason == DECIDE_SMALL_LOSS;
		}
	}
	return out;
}

static void
check(const char *scene, const char *what, double value, const char *relation,
	  double limit)
{
	bool pass = relation[0] == '<' ? value <= limit : value >= limit;

	failures += !pass;
	printf("%s  %-34s %-46s %8.4f %s %g\n", pass ? "pass" : "FAIL", scene, what, value,
		   relation, limit);
}

/* No variant is better: how often one wins, and how often an interval misses. */
static void
equal(const Scene *scene, int runs)
{
	int winners = 0;
	int missed = 0;
	int stopped = 0;

	for (int i = 0; i < runs; i++)
	{
		Outcome out = run(scene, (uint64_t) i + 1);

		/* chosen among equals at the end is no claim that it is better */
		winners += out.winner < scene->count && !out.chosen;
		missed += out.missed;
		stopped += out.stopped;
	}
	check(scene->name, "false winners", (double) winners / runs, "<=", 0.05);
	check(scene->name, "coverage over all looks", 1 - (double) missed / runs, ">=", 0.95);
	check(scene->name, "stopped by the sample ratio", (double) stopped / runs,
		  "<=", 0.03);
}

/* One is better: how often it wins, how often another does, and when. */
static void
better(const Scene *scene, size_t best, int runs, double least)
{
	int right = 0;
	int wrong = 0;
	int missed = 0;
	double looks = 0;

	for (int i = 0; i < runs; i++)
	{
		Outcome out = run(scene, (uint64_t) i + 1);

		right += out.winner == best;
		wrong += out.winner != best && out.winner < scene->count;
		missed += out.missed;
		looks += out.winner == best ? out.look : 0;
	}
	check(scene->name, "the best wins", (double) right / runs, ">=", least);
	check(scene->name, "another wins", (double) wrong / runs, "<=", 0.05);
	check(scene->name, "coverage over all looks", 1 - (double) missed / runs, ">=", 0.95);
	printf("      %-34s won at look %.1f of %d on average\n", scene->name,
		   looks / fmax(1, right), LOOKS);
}

/* What a bandit loses against sending the best to all, as a share of what a uniform
 * split loses. */
static void
regret(const Scene *scene, size_t best, int runs)
{
	double uniform_rate = 0;
	double lost = 0;
	double worst = 0;
	double all = (double) LOOKS * scene->batch;

	for (size_t i = 0; i < scene->count; i++)
		uniform_rate += scene->rates[i] / (double) scene->count;
	for (int i = 0; i < runs; i++)
	{
		Outcome out = run(scene, (uint64_t) i + 1);
		double expected = 0;

		/* by the arms' rates: the luck of the clicks themselves says nothing */
		for (size_t a = 0; a < scene->count; a++)
			expected += out.arms[a].recipients * (scene->rates[best] - scene->rates[a]);
		lost += expected / runs;
		worst = fmax(worst, expected);
	}
	printf(
		"      %-34s clicks lost: bandit %.0f on average, %.0f at worst; uniform %.0f\n",
		scene->name, lost, worst, all * (scene->rates[best] - uniform_rate));
	check(scene->name, "clicks lost / a uniform split's",
		  lost / (all * (scene->rates[best] - uniform_rate)), "<=", 1.0 / 3);
	check(scene->name, "the same in the worst run",
		  worst / (all * (scene->rates[best] - uniform_rate)), "<=", 1.0);
}

int
main(int argc, char **argv)
{
	const int runs = argc > 1 ? atoi(argv[1]) : 2000;
	const int fewer = runs / 4;
	const Scene same = {"A/A 4 %, 50 x 1,000", 2, {.04, .04}, {.5, .5}, 1000, false, 0};
	const Scene rare = {"A/A 0.5 %, 50 x 500", 2, {.005, .005}, {.5, .5}, 500, false, 0};
	const Scene uneven = {"A/A 4 % at 90:10", 2, {.04, .04}, {.9, .1}, 1000, false, 0};
	const Scene three = {"A/A/A 4 %", 3, {.04, .04, .04}, {1. / 3, 1. / 3, 1. / 3}, 1000,
						 false,		  0};
	const Scene steered = {"A/A 4 %, bandit", 2, {.04, .04}, {0}, 1000, true, 0};
	const Scene money = {
		"A/A 2 % buy, by value", 2, {.02, .02}, {.5, .5}, 2000, false, 50};
	const Scene ab = {"4 % against 5 %", 2, {.04, .05}, {.5, .5}, 1000, false, 0};
	const Scene twice = {
		"90:10, B twice as good", 2, {.04, .08}, {.9, .1}, 1000, false, 0};
	const Scene arms = {"bandit of 3, 4 and 5 %", 3, {.03, .04, .05}, {0}, 2000, true, 0};
	const Scene worth = {
		"2 % against 3 % buy, by value", 2, {.02, .03}, {.5, .5}, 2000, false, 50};

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%d runs of the first, %d of the others, %d looks each\n", runs, fewer, LOOKS);
	equal(&same, runs);
	equal(&rare, fewer);
	equal(&uneven, fewer);
	equal(&three, fewer);
	equal(&steered, fewer);
	equal(&money, fewer);
	better(&ab, 1, fewer, 0.8);
	better(&twice, 1, fewer, 0.99);
	better(&worth, 1, fewer, 0.8);
	better(&arms, 2, fewer / 2, 0.8);
	regret(&arms, 2, fewer / 2);
	printf("%s\n", failures == 0 ? "all pass" : "something FAILED");
	return failures > 0;
}
