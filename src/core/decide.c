/*
 * decide.c: the rule by which a variant wins. Either its always-valid interval is above 0
 * against every other, at whatever look; or at the planned end its expected loss is small
 * enough. Never by a raw maximum.
 *
 * Of k arms, k - 1 intervals must be above 0, each at alpha / (k - 1). Where one arm is
 * the best, another wins only if its interval against that one errs; where the best are
 * equal, some arm wins only if its interval against a certain other does. Together that
 * is no more than alpha.
 */
#include "decide.h"

#include <math.h>

#include "allot.h"
#include "ratio.h"

#define WILSON_CONFIDENCE 0.95

/* Says whether a variant breaks a guardrail; one that may be chance does not. */
static bool
is_barred(const DecideRule *rule, const DecideArm *arm)
{
	const Arm opted_out = {fmin(arm->opt_outs, arm->prepared), arm->prepared};

	return interval_wilson(opted_out, WILSON_CONFIDENCE).low > rule->opt_outs ||
		   arm->cost > rule->cost;
}

static ValueArm
value_arm(const DecideArm *arm)
{
	return (ValueArm){arm->mature, arm->successes, arm->value, arm->squares,
					  fmax(0, arm->cost)};
}

static Arm
rate_arm(const DecideArm *arm)
{
	return (Arm){arm->successes, arm->mature};
}

/* Compares by money; false where nothing is known of it. */
static bool
compare_values(const DecideArm *arms, size_t count, Sample *samples, ArmOdds *odds)
{
	ValueArm values[ARMS_MAX];
	Normal posteriors[ARMS_MAX];

	for (size_t i = 0; i < count; i++)
		values[i] = value_arm(&arms[i]);
	return value_samples(values, count, samples) &&
		   value_posteriors(values, count, posteriors) &&
		   normals_compare(posteriors, count, odds);
}

static bool
compare_rates(const DecideArm *arms, size_t count, Sample *samples, ArmOdds *odds)
{
	Arm rates[ARMS_MAX];

	for (size_t i = 0; i < count; i++)
	{
		rates[i] = rate_arm(&arms[i]);
		samples[i] = sample_of_arm(rates[i]);
	}
	return arms_compare(rates, count, odds);
}

/* Sets the intervals against the best of the others. */
static void
compare_with_rivals(const DecideRule *rule, const Sample *samples, const size_t *open,
					size_t count, DecideFigures *figures)
{
	const double others = (double) count - 1;
	const double planned = rule->planned * 2 / (double) count;

	for (size_t i = 0; i < count; i++)
	{
		DecideFigures *own = &figures[open[i]];

		for (size_t j = 0; j < count; j++)
		{
			Bounds gap;

			if (j == i)
				continue;
			gap = (rule->adaptive ? always_valid_gap_adaptive : always_valid_gap)(
				samples[j], samples[i], rule->alpha / others, planned);
			/* the best other is the one that it is the least ahead of */
			if (own->rival < 0 || gap.low < own->gap.low)
			{
				own->rival = (double) open[j];
				own->gap = gap;
			}
		}
	}
}

/* Compares the arms that may win; those that may not have neither odds nor rivals. */
static bool
fill_figures(const DecideRule *rule, const DecideArm *arms, size_t count,
			 DecideFigures *figures)
{
	DecideArm able[ARMS_MAX];
	size_t open[ARMS_MAX];
	Sample samples[ARMS_MAX];
	ArmOdds odds[ARMS_MAX];
	size_t able_count = 0;
	bool known;

	for (size_t i = 0; i < count; i++)
	{
		figures[i] = (DecideFigures){
			.wilson = interval_wilson(rate_arm(&arms[i]), WILSON_CONFIDENCE),
			.rival = -1,
			.gap = {-INFINITY, INFINITY},
			.odds = {0, NAN},
			.barred = is_barred(rule, &arms[i]),
			.mean = NAN};
		if (!figures[i].barred)
		{
			open[able_count] = i;
			able[able_count++] = arms[i];
		}
	}
	known = (rule->by_value ? compare_values : compare_rates)(able, able_count, samples,
															  odds);
	for (size_t i = 0; i < able_count; i++)
	{
		/* of what is not known, all are alike */
		figures[open[i]].odds = known ? odds[i] : (ArmOdds){1 / (double) able_count, NAN};
		if (known && able[i].mature > 0)
			figures[open[i]].mean = samples[i].mean;
	}
	if (known)
		compare_with_rivals(rule, samples, open, able_count, figures);
	return known;
}

/* Gives the arm that may win with the highest odds; there is one. */
static size_t
likeliest(const DecideFigures *figures, size_t count)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++)
		if (!figures[i].barred &&
			(best == count || figures[i].odds.loss < figures[best].odds.loss))
			best = i;
	return best;
}

static size_t
count_able(const DecideFigures *figures, size_t count)
{
	size_t able = 0;

	for (size_t i = 0; i < count; i++)
		able += !figures[i].barred;
	return able;
}

/* Asks what must be true before anything is decided; false where something is not. */
static bool
may_decide(const DecideRule *rule, const DecideArm *arms, size_t count,
		   const DecideFigures *figures, bool known, Judgement *judgement)
{
	judgement->reason = DECIDE_RATIO;
	if (judgement->ratio_p < rule->ratio_p)
		return false;
	judgement->reason = DECIDE_BARRED;
	if (count_able(figures, count) == 0)
		return false;
	judgement->reason = DECIDE_FEW;
	for (judgement->arm = 0; judgement->arm < count; judgement->arm++)
		if (!figures[judgement->arm].barred && arms[judgement->arm].mature < rule->least)
			return false;
	judgement->arm = likeliest(figures, count);
	judgement->reason = DECIDE_EARLY;
	if (!rule->old_enough)
		return false;
	judgement->reason = DECIDE_UNKNOWN;
	return known;
}

static DecideReason
judge(const DecideRule *rule, const DecideFigures *figures, size_t count, size_t arm)
{
	const double most =
		rule->relative ? rule->epsilon * fabs(figures[arm].mean) : rule->epsilon;

	if (count_able(figures, count) == 1)
		return DECIDE_ALONE;
	if (figures[arm].gap.low > 0)
		return DECIDE_PROVEN;
	if (!rule->ended)
		return DECIDE_OPEN;
	return figures[arm].odds.loss <= most ? DECIDE_SMALL_LOSS : DECIDE_LOSS;
}

/* Fills in the figures and the judgement; says no to more than ARMS_MAX arms, or none. */
bool
decide(const DecideRule *rule, const DecideArm *arms, size_t count,
	   DecideFigures *figures, Judgement *judgement)
{
	double counts[ARMS_MAX];
	double expected[ARMS_MAX];
	bool known;

	if (count == 0 || count > ARMS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		counts[i] = arms[i].recipients;
		expected[i] = arms[i].expected;
	}
	*judgement = (Judgement){.ratio_p = ratio_check(counts, expected, count, NULL)};
	known = fill_figures(rule, arms, count, figures);
	if (may_decide(rule, arms, count, figures, known, judgement))
		judgement->reason = judge(rule, figures, count, judgement->arm);
	return true;
}

/* Sets the shares of the next batch; who cannot win gets none, unless nobody can. */
void
decide_shares(const DecideFigures *figures, size_t count, double floor, double *shares)
{
	ArmOdds odds[ARMS_MAX] = {{0, 0}};
	double able[ARMS_MAX];
	const bool all = count_able(figures, count) == 0;
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
		if (all || !figures[i].barred)
			odds[next++] = all ? (ArmOdds){1, NAN} : figures[i].odds;
	allot_shares(odds, next, floor, able);
	next = 0;
	for (size_t i = 0; i < count; i++)
		shares[i] = all || !figures[i].barred ? able[next++] : 0;
}
