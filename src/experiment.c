/*
 * experiment.c: reads what a campaign's variants are compared by, checks that it can be
 * done, and applies the rule of core/decide.c to what was counted.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include <math.h>

#include "catalog.h"
#include "experiment.h"
#include "owner_query.h"
#include "settings.h"

/* Recipients that intervals are narrowest at where none are planned. */
#define PLANNED_USUALLY 10000

/* The part of the best mean that may be lost where no epsilon is set. */
#define EPSILON_USUALLY 0.01

/* Columns of the query that reads the set-up. */
enum
{
	COLUMN_ID = 1,
	COLUMN_ALLOCATION,
	COLUMN_METRIC,
	COLUMN_TRACKING,
	COLUMN_CONVERSIONS,
	COLUMN_GOAL,
	COLUMN_CURRENCY,
	COLUMN_MATURITY,
	COLUMN_MIN_TIME,
	COLUMN_MIN_TIME_TEXT,
	COLUMN_PLANNED_END,
	COLUMN_SEED,
	COLUMN_PLANNED_RECIPIENTS,
	COLUMN_NUMBERS,
	COLUMN_ADAPTIVE,
	COLUMN_KIND,
	COLUMN_WINNER,
	COLUMN_REASON,
	COLUMN_DECIDED_AT
};

/* Elements of the column of numbers. */
enum
{
	NUMBER_MIN_RECIPIENTS,
	NUMBER_CONFIDENCE,
	NUMBER_EPSILON,
	NUMBER_TEST_SHARE,
	NUMBER_EXPECTED_RATE,
	NUMBER_EXPECTED_SPREAD,
	NUMBER_FLOOR,
	NUMBER_OPT_OUTS,
	NUMBER_COST,
	NUMBER_RATIO_P,
	NUMBER_TESTED_SHARE,
	NUMBERS
};

/* The defaults are those of the table's columns: a campaign may have no row there. */
static const char load_query[] =
	"SELECT c.id, left(c.allocation, 1),"
	"  CASE c.metric WHEN 'conversion' THEN 'o' ELSE left(c.metric, 1) END,"
	"  left(c.tracking, 1), c.conversions, e.goal, e.currency,"
	"  coalesce(e.maturity, '1 day'), coalesce(e.min_time, '0'), e.min_time::text,"
	"  coalesce(e.planned_end, 'infinity'), coalesce(e.seed, 0),"
	"  coalesce(e.planned_recipients, 0),"
	"  ARRAY[coalesce(e.min_recipients, 100), coalesce(e.confidence, 0.95),"
	"    coalesce(e.epsilon, -1), coalesce(e.test_share, 0),"
	"    coalesce(e.expected_rate, 0.05), coalesce(e.expected_spread, 0.01),"
	"    coalesce(e.floor, 0.01), coalesce(e.max_opt_out_rate, 1),"
	"    coalesce(e.max_cost, 'Infinity'), coalesce(e.min_ratio_p, 0.001),"
	"    coalesce(t.share, 0)]::float8[],"
	"  c.allocation = 'bandit' OR coalesce(t.bandit, false) OR EXISTS ("
	"    SELECT FROM smstrack.allotment AS a WHERE a.campaign = c.id AND a.kind = "
	"'bandit'),"
	"  d.kind, coalesce(d.winner, 0), d.reason, d.decided_at "
	"FROM smstrack.campaign AS c "
	"LEFT JOIN smstrack.experiment AS e ON e.campaign = c.id "
	"CROSS JOIN LATERAL (SELECT bool_or(l.allotment = 'bandit') AS bandit,"
	"    max(l.share) FILTER (WHERE l.allotment = 'test' AND l.prepared > 0)"
	"    AS share"
	"  FROM smstrack.launch AS l WHERE l.campaign = c.id AND NOT l.test) AS t "
	"LEFT JOIN LATERAL (SELECT * FROM smstrack.decision AS d WHERE d.campaign = c.id"
	"  ORDER BY d.id DESC LIMIT 1) AS d ON true "
	"WHERE c.account = $1 AND c.name = $2";

static char
letter(int number)
{
	return *owner_query_text(number, CurrentMemoryContext);
}

static TimestampTz
read_time(int number)
{
	bool null;
	Datum value = owner_query_column(number, &null);

	return null ? 0 : DatumGetTimestampTz(value);
}

static int64
read_bigint(int number)
{
	bool null;

	return DatumGetInt64(owner_query_column(number, &null));
}

/* Reads the numbers into the rule and beside it. */
static void
load_numbers(Experiment *experiment)
{
	bool null;
	ArrayType *array = DatumGetArrayTypeP(owner_query_column(COLUMN_NUMBERS, &null));
	Datum *elements;
	int count;
	double numbers[NUMBERS];
	DecideRule *rule = &experiment->rule;

	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, NULL, &count);
	Assert(count == NUMBERS);
	for (int i = 0; i < NUMBERS; i++)
		numbers[i] = DatumGetFloat8(elements[i]);
	rule->least = numbers[NUMBER_MIN_RECIPIENTS];
	rule->alpha = 1 - numbers[NUMBER_CONFIDENCE];
	rule->epsilon = numbers[NUMBER_EPSILON];
	rule->opt_outs = numbers[NUMBER_OPT_OUTS];
	rule->cost = numbers[NUMBER_COST];
	rule->ratio_p = numbers[NUMBER_RATIO_P];
	experiment->test_share = numbers[NUMBER_TEST_SHARE];
	experiment->expected_rate = numbers[NUMBER_EXPECTED_RATE];
	experiment->expected_spread = numbers[NUMBER_EXPECTED_SPREAD];
	experiment->floor = numbers[NUMBER_FLOOR];
	experiment->tested_share = numbers[NUMBER_TESTED_SHARE];
}

static void
load_row(Experiment *experiment, MemoryContext context)
{
	experiment->campaign = owner_query_int(COLUMN_ID);
	experiment->allocation = letter(COLUMN_ALLOCATION);
	experiment->metric = letter(COLUMN_METRIC);
	experiment->tracking = letter(COLUMN_TRACKING);
	experiment->conversions = owner_query_bool(COLUMN_CONVERSIONS);
	experiment->goal = owner_query_text(COLUMN_GOAL, context);
	experiment->currency = owner_query_text(COLUMN_CURRENCY, context);
	owner_query_interval(COLUMN_MATURITY, &experiment->maturity);
	owner_query_interval(COLUMN_MIN_TIME, &experiment->min_time);
	experiment->min_time_text = owner_query_text(COLUMN_MIN_TIME_TEXT, context);
	experiment->planned_end = read_time(COLUMN_PLANNED_END);
	experiment->seed = read_bigint(COLUMN_SEED);
	experiment->planned_recipients = read_bigint(COLUMN_PLANNED_RECIPIENTS);
	experiment->rule.adaptive = owner_query_bool(COLUMN_ADAPTIVE);
	experiment->decision.kind = owner_query_text(COLUMN_KIND, context);
	experiment->decision.winner = owner_query_int(COLUMN_WINNER);
	experiment->decision.reason = owner_query_text(COLUMN_REASON, context);
	experiment->decision.decided_at = read_time(COLUMN_DECIDED_AT);
	load_numbers(experiment);
}

/* Makes the rule of what was read: nothing of it may depend on an outcome. */
static void
complete_rule(Experiment *experiment)
{
	DecideRule *rule = &experiment->rule;
	const bool test = experiment->allocation == 't';

	rule->by_value = experiment->metric == 'v';
	rule->planned = experiment->planned_recipients > 0
						? (double) experiment->planned_recipients
						: PLANNED_USUALLY;
	if (test && experiment->planned_recipients > 0 && experiment->tested_share > 0)
		rule->planned = fmax(2, rule->planned * experiment->tested_share);
	if (rule->epsilon < 0)
	{
		rule->relative = !test;
		rule->epsilon = test ? INFINITY : EPSILON_USUALLY;
	}
}

void
experiment_query(const char *query, int arguments, Oid *types, Datum *values,
				 const char *nulls, bool read_only, void **plan)
{
	CatalogUser caller = catalog_become_owner();

	if (*plan == NULL)
	{
		SPIPlanPtr made = SPI_prepare(query, arguments, types);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare: %s", query);
		*plan = made;
	}
	if (SPI_execute_plan(*plan, values, nulls, read_only, 0) < 0)
		elog(ERROR, "could not execute: %s", query);
	catalog_become_caller(caller);
}

Experiment *
experiment_load(const char *campaign, bool read_only)
{
	static void *plan;
	Experiment *experiment = palloc0(sizeof(Experiment));
	Oid types[] = {TEXTOID, TEXTOID};
	Datum values[] = {CStringGetTextDatum(setting_account),
					  CStringGetTextDatum(campaign)};

	experiment_query(load_query, 2, types, values, NULL, read_only, &plan);
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("unknown campaign \"%s\"", campaign),
				 errdetail("Account \"%s\" has no such campaign.", setting_account)));
	experiment->name = pstrdup(campaign);
	load_row(experiment, CurrentMemoryContext);
	complete_rule(experiment);
	return experiment;
}

/* Raises for a metric that lacks what it counts. */
static void
check_metric(const Experiment *experiment)
{
	const char *name = experiment->name;

	if (experiment->metric == 'o' && experiment->goal == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("metric \"conversion\" of campaign \"%s\" needs a goal", name),
				 errdetail("Registrations and orders cannot be added up."),
				 errhint("Name one: SELECT smstrack_experiment('%s', goal => 'order').",
						 name)));
	if (experiment->metric == 'v' && experiment->currency == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("metric \"value\" of campaign \"%s\" needs a currency", name),
				 errdetail("Sums of two currencies cannot be compared."),
				 errhint("Name one: SELECT smstrack_experiment('%s', currency => 'EUR').",
						 name)));
	if (experiment->metric != 'c' && !experiment->conversions)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("campaign \"%s\" has no conversions to compare by", name),
				 errdetail("Its clicks give neither token nor cookie."),
				 errhint("Compare by clicks, or set conversions of smstrack.campaign.")));
}

bool
experiment_is_able(const Experiment *experiment)
{
	return experiment->tracking == 'f' && experiment->count > 1 &&
		   (experiment->metric != 'o' || experiment->goal != NULL) &&
		   (experiment->metric != 'v' || experiment->currency != NULL) &&
		   (experiment->metric == 'c' || experiment->conversions);
}

void
experiment_check(const Experiment *experiment)
{
	int able = 0;

	for (int i = 0; i < experiment->count; i++)
		able += experiment->variants[i].weight > 0;
	if (experiment->tracking != 'f')
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("variants of campaign \"%s\" cannot be compared", experiment->name),
			 errdetail("It does not know who clicked: its tracking level is %s.",
					   experiment->tracking == 'a' ? "anonymous" : "none"),
			 errhint("Make a campaign with tracking full.")));
	if (experiment->count < 2)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("campaign \"%s\" has fewer than two variants to compare",
						experiment->name),
				 errdetail("%d of its variants %s a weight above 0.", able,
						   able == 1 ? "has" : "have"),
				 errhint("Insert another one into smstrack.variant, or give one a weight "
						 "above 0.")));
	check_metric(experiment);
}

/* Tells whether the planned end has come. */
static bool
has_ended(const Experiment *experiment)
{
	double mature = 0;
	double recipients = 0;
	int64 pending = 0;

	for (int i = 0; i < experiment->count; i++)
	{
		recipients += experiment->arms[i].recipients;
		mature += experiment->arms[i].mature;
		pending += experiment->variants[i].pending;
	}
	if (experiment->planned_end <= GetCurrentTransactionStartTimestamp())
		return true;
	if (experiment->allocation == 't')
		return recipients > 0 && pending == 0;
	return experiment->planned_recipients > 0 &&
		   mature >= (double) experiment->planned_recipients;
}

void
experiment_judge(Experiment *experiment)
{
	DecideRule *rule = &experiment->rule;

	rule->ended = has_ended(experiment);
	if (!decide(rule, experiment->arms, (size_t) experiment->count, experiment->figures,
				&experiment->judgement))
		elog(ERROR, "variants could not be compared");
	/* sums of one currency say nothing where some are in another */
	if (rule->by_value && experiment->foreign > 0 &&
		experiment->judgement.reason > DECIDE_BARRED)
		experiment->judgement.reason = DECIDE_FOREIGN;
}

void
experiment_shares(const Experiment *experiment, double *shares)
{
	DecideArm arms[ARMS_MAX];
	DecideFigures figures[ARMS_MAX];
	double open[ARMS_MAX] = {0};
	Judgement judgement;
	size_t count = 0;
	size_t next = 0;

	for (int i = 0; i < experiment->count; i++)
		if (experiment->variants[i].weight > 0)
			arms[count++] = experiment->arms[i];
	if (decide(&experiment->rule, arms, count, figures, &judgement))
		decide_shares(figures, count, experiment->floor, open);
	for (int i = 0; i < experiment->count; i++)
		shares[i] = experiment->variants[i].weight > 0 ? open[next++] : 0;
}

int
experiment_winner(const Experiment *experiment)
{
	for (int i = 0; i < experiment->count; i++)
		if (experiment->decision.winner == experiment->variants[i].id)
			return i;
	return -1;
}
