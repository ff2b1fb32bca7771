/*
 * verdict.c: the judgement of core/decide.c as kinds and words.
 */
#include "postgres.h"

#include <math.h>

#include "verdict.h"

static const char *
name(const Experiment *experiment, size_t variant)
{
	return experiment->variants[variant].name;
}

const char *
verdict_kind(const Experiment *experiment)
{
	switch (experiment->judgement.reason)
	{
		case DECIDE_RATIO:
		case DECIDE_BARRED:
			return "stopped";
		case DECIDE_PROVEN:
			return "winner";
		case DECIDE_ALONE:
		case DECIDE_SMALL_LOSS:
			return "chosen";
		default:
			return NULL;
	}
}

bool
verdict_has_winner(const Experiment *experiment)
{
	const char *kind = verdict_kind(experiment);

	return kind != NULL && strcmp(kind, "stopped") != 0;
}

/* Says why nothing is decided yet. */
static char *
not_yet(const Experiment *experiment)
{
	const Judgement *judgement = &experiment->judgement;
	const DecideFigures *figures = &experiment->figures[judgement->arm];
	const char *arm = name(experiment, judgement->arm);

	switch (judgement->reason)
	{
		case DECIDE_FEW:
			return psprintf("not yet: %s has %.0f mature recipients of %.0f", arm,
							experiment->arms[judgement->arm].mature,
							experiment->rule.least);
		case DECIDE_EARLY:
			return psprintf("not yet: the minimum time of %s is not over",
							experiment->min_time_text);
		case DECIDE_UNKNOWN:
			return pstrdup("not yet: nothing was bought");
		case DECIDE_FOREIGN:
			return psprintf("not yet: " INT64_FORMAT
							" values or costs are in another currency than %s",
							experiment->foreign, experiment->currency);
		case DECIDE_LOSS:
			return psprintf(
				"not yet: at the planned end the expected loss of %s is %.4g, "
				"above %.4g",
				arm, figures->odds.loss,
				experiment->rule.epsilon *
					(experiment->rule.relative ? fabs(figures->mean) : 1));
		default:
			return psprintf("not yet: %s leads, but its interval against %s includes 0",
							arm, name(experiment, (size_t) figures->rival));
	}
}

char *
verdict_words(const Experiment *experiment)
{
	const Judgement *judgement = &experiment->judgement;
	const DecideFigures *figures = &experiment->figures[judgement->arm];
	const char *arm = name(experiment, judgement->arm);

	if (experiment->decision.kind != NULL)
		return experiment->decision.reason;
	switch (judgement->reason)
	{
		case DECIDE_RATIO:
			return psprintf("stopped: sample ratio, p = %.2g", judgement->ratio_p);
		case DECIDE_BARRED:
			return pstrdup("stopped: every variant breaks a guardrail");
		case DECIDE_PROVEN:
			return psprintf("%s wins: its interval against %s is above 0, from %.4g", arm,
							name(experiment, (size_t) figures->rival), figures->gap.low);
		case DECIDE_ALONE:
			return psprintf("%s wins: the others break guardrails", arm);
		case DECIDE_SMALL_LOSS:
			return psprintf("%s wins: at the planned end its expected loss is %.4g", arm,
							figures->odds.loss);
		default:
			return not_yet(experiment);
	}
}
