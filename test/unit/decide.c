/* The rule: what has to be true before a variant wins, in its order; guardrails; shares.
 */
#include "decide.h"
#include "near.h"

static const DecideRule rule = {.old_enough = true,
								.alpha = 0.05,
								.planned = 10000,
								.epsilon = 0.01,
								.relative = true,
								.least = 100,
								.ratio_p = 0.001,
								.opt_outs = 1,
								.cost = INFINITY};

/* An arm of which all are mature, split evenly. */
static DecideArm
arm(double successes, double recipients)
{
	return (DecideArm){.recipients = recipients,
					   .expected = 1,
					   .mature = recipients,
					   .prepared = recipients,
					   .successes = successes,
					   .cost = -1};
}

static DecideFigures figures[ARMS_MAX];

/* Decides by a changed rule; gives the reason. */
static Judgement
judge(DecideRule changed, const DecideArm *arms, size_t count)
{
	Judgement judgement;

	ok(decide(&changed, arms, count, figures, &judgement), "judged");
	return judgement;
}

static void
in_order(void)
{
	DecideArm arms[] = {arm(200, 5000), arm(400, 5000)};
	DecideRule early = rule;
	DecideRule ended = rule;
	Judgement j = judge(rule, arms, 2);

	is_int(j.reason, DECIDE_PROVEN, "twice as good");
	is_int((long long) j.arm, 1, "is B");
	ok(figures[1].gap.low > 0 && figures[1].gap.high < 0.06, "by its interval");
	ok(is_close(figures[0].gap.low, -figures[1].gap.high, 12),
	   "the other's is its mirror");
	is_near(figures[1].mean, 0.08, 12, "its rate");
	is_near(j.ratio_p, 1, 12, "evenly split");

	early.old_enough = false;
	is_int(judge(early, arms, 2).reason, DECIDE_EARLY, "the minimum time");
	arms[0].mature = 99;
	arms[0].successes = 4;
	j = judge(early, arms, 2);
	is_int(j.reason, DECIDE_FEW, "too few are mature");
	is_int((long long) j.arm, 0, "of A");
	arms[0].mature = 100;
	is_int(judge(early, arms, 2).reason, DECIDE_EARLY, "just enough");
	arms[0].recipients = 4000;
	is_int(judge(early, arms, 2).reason, DECIDE_RATIO, "a broken split comes first");

	arms[0] = arm(200, 5000);
	arms[1] = arm(205, 5000);
	is_int(judge(rule, arms, 2).reason, DECIDE_OPEN, "nearly alike");
	ended.ended = true;
	is_int(judge(ended, arms, 2).reason, DECIDE_LOSS, "at the end the loss is too high");
	ended.epsilon = 0.05;
	j = judge(ended, arms, 2);
	is_int(j.reason, DECIDE_SMALL_LOSS, "or low enough");
	is_int((long long) j.arm, 1, "for the better one");
	ended.relative = false;
	ended.epsilon = figures[1].odds.loss;
	is_int(judge(ended, arms, 2).reason, DECIDE_SMALL_LOSS, "as a rate: just low enough");
	ended.epsilon = figures[1].odds.loss * 0.999;
	is_int(judge(ended, arms, 2).reason, DECIDE_LOSS, "just not");
}

static void
guardrails(void)
{
	DecideArm arms[] = {arm(200, 5000), arm(400, 5000), arm(210, 5000)};
	DecideRule guarded = rule;
	Judgement j;

	guarded.opt_outs = 0.01;
	guarded.cost = 0.2;
	arms[1].opt_outs = 55;
	is_int((long long) judge(guarded, arms, 3).arm, 1, "a little above may be chance");
	arms[1].opt_outs = 100;
	j = judge(guarded, arms, 3);
	ok(figures[1].barred && !figures[0].barred, "twice the opt-outs that are allowed");
	is_int(j.reason, DECIDE_OPEN, "cannot win");
	ok(figures[1].odds.best == 0 && isnan(figures[1].mean), "and is not compared");
	arms[2].cost = 0.21;
	j = judge(guarded, arms, 3);
	is_int(j.reason, DECIDE_ALONE, "the last that breaks none");
	is_int((long long) j.arm, 0, "is A");
	arms[0].cost = 0.2;
	is_int(judge(guarded, arms, 3).reason, DECIDE_ALONE, "the highest cost is allowed");
	arms[0].cost = 0.3;
	is_int(judge(guarded, arms, 3).reason, DECIDE_BARRED, "or there is none");
}

/* Three arms share the chance to err. */
static void
three(void)
{
	const DecideArm two[] = {arm(200, 5000), arm(280, 5000)};
	const DecideArm all[] = {arm(200, 5000), arm(280, 5000), arm(200, 5000)};
	double width;

	judge(rule, two, 2);
	width = figures[1].gap.high - figures[1].gap.low;
	judge(rule, all, 3);
	ok(figures[1].gap.high - figures[1].gap.low > width, "wider with more arms");
	is_int((long long) figures[0].rival, 1, "against the best of the others");
}

static void
by_value(void)
{
	DecideArm arms[] = {arm(0, 5000), arm(0, 5000)};
	DecideRule money = rule;

	money.by_value = true;
	is_int(judge(money, arms, 2).reason, DECIDE_UNKNOWN, "nobody bought");
	is_near(figures[0].odds.best, 0.5, 12, "so that all are alike");
	arms[0] = arm(100, 5000);
	arms[1] = arm(100, 5000);
	arms[0].value = 5000;
	arms[0].squares = 300000;
	arms[1].value = 15000;
	arms[1].squares = 2700000;
	is_int(judge(money, arms, 2).reason, DECIDE_PROVEN, "three times the value");
	is_near(figures[1].mean, 3, 12, "a message");
	arms[1].cost = 2.5;
	judge(money, arms, 2);
	is_near(figures[1].mean, 0.5, 12, "less its cost");
	ok(figures[0].gap.low > -figures[1].gap.high - 1e-9 && figures[0].odds.best > 0.9,
	   "is worse than the cheaper one");
}

static void
shares(void)
{
	DecideArm arms[] = {arm(0, 0), arm(0, 0), arm(0, 0)};
	DecideRule guarded = rule;
	double share[3];

	judge(rule, arms, 3);
	decide_shares(figures, 3, 0.01, share);
	is_near(share[0], 1.0 / 3, 9, "nothing known: even");
	arms[0] = arm(30, 1000);
	arms[1] = arm(60, 1000);
	arms[2] = arm(30, 1000);
	judge(rule, arms, 3);
	decide_shares(figures, 3, 0.01, share);
	ok(share[1] > 0.95 && share[0] >= 0.01 && share[2] >= 0.01,
	   "the best, above the floor");
	guarded.opt_outs = 0.01;
	arms[1].opt_outs = 100;
	judge(guarded, arms, 3);
	decide_shares(figures, 3, 0.01, share);
	ok(share[1] == 0 && share[0] > 0.4, "who breaks a guardrail gets none");
	guarded.cost = -2;
	judge(guarded, arms, 3);
	decide_shares(figures, 3, 0.01, share);
	is_near(share[1], 1.0 / 3, 9, "unless all do");
}

static void
numbers_of_arms(void)
{
	DecideArm arms[ARMS_MAX + 1];
	Judgement j;

	for (int i = 0; i <= ARMS_MAX; i++)
		arms[i] = arm(10, 1000);
	ok(!decide(&rule, arms, ARMS_MAX + 1, figures, &j), "too many");
	ok(decide(&rule, arms, ARMS_MAX, figures, &j), "the most");
	ok(!decide(&rule, arms, 0, figures, &j), "none");
	is_int(judge(rule, arms, 1).reason, DECIDE_ALONE, "a single one");
}

int
main(void)
{
	in_order();
	guardrails();
	three();
	by_value();
	shares();
	numbers_of_arms();
	return done_testing();
}
