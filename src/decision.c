/*
 * decision.c: the figures of a comparison as columns, and a decision with the figures
 * that it was made by.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include <math.h>

#include "catalog.h"
#include "decision.h"
#include "store_decision.h"
#include "verdict.h"

/* A row that is filled in column by column. */
typedef struct Row
{
	Datum *values;
	bool *nulls;
	int next;
} Row;

static void
put(Row *row, Datum value, bool null)
{
	row->nulls[row->next] = null;
	row->values[row->next++] = null ? (Datum) 0 : value;
}

static void
put_text(Row *row, const char *value)
{
	put(row, value == NULL ? (Datum) 0 : CStringGetTextDatum(value), value == NULL);
}

static void
put_count(Row *row, double value)
{
	put(row, Int64GetDatum((int64) value), false);
}

/* What is not known, or has no end, is NULL. */
static void
put_number(Row *row, double value)
{
	put(row, Float8GetDatum(value), !isfinite(value));
}

static void
put_money(Row *row, double value)
{
	bool null = !isfinite(value);

	put(row,
		null ? (Datum) 0 : DirectFunctionCall1(float8_numeric, Float8GetDatum(value)),
		null);
}

/* What is compared, and with whom. */
static void
put_comparison(Row *row, const Experiment *experiment, const DecideFigures *figures)
{
	const bool alone = figures->rival < 0;
	const size_t rival = alone ? 0 : (size_t) figures->rival;

	put_number(row, figures->mean);
	put_text(row, alone ? NULL : experiment->variants[rival].name);
	put_number(row, alone ? NAN : figures->mean - experiment->figures[rival].mean);
	put_number(row, alone ? NAN : figures->gap.low);
	put_number(row, alone ? NAN : figures->gap.high);
	put_number(row, fmin(figures->odds.best, 1));
	put_number(row, figures->odds.loss);
}

static double
intended_share(const Experiment *experiment, int variant)
{
	double all = 0;

	for (int i = 0; i < experiment->count; i++)
		all += experiment->arms[i].expected;
	return experiment->arms[variant].expected / all;
}

/* The share of a variant in the next batch, as batch.c makes it. */
static double
next_share(const Experiment *experiment, int variant)
{
	double shares[ARMS_MAX];
	double weights = 0;
	int winner = experiment_winner(experiment);

	if (winner >= 0 && experiment->allocation != 'f')
		return variant == winner;
	if (experiment->allocation == 'b')
	{
		experiment_shares(experiment, shares);
		return shares[variant];
	}
	for (int i = 0; i < experiment->count; i++)
		weights += experiment->variants[i].weight;
	return experiment->variants[variant].weight / weights;
}

void
decision_figures(const Experiment *experiment, int variant,
				 Datum values[DECISION_FIGURES], bool nulls[DECISION_FIGURES])
{
	const DecideArm *arm = &experiment->arms[variant];
	const DecideFigures *figures = &experiment->figures[variant];
	const bool known = arm->mature > 0;
	Row row = {values, nulls, 0};

	put_text(&row, experiment->variants[variant].name);
	put_count(&row, arm->recipients);
	put_count(&row, (double) experiment->variants[variant].delivered);
	put_count(&row, arm->mature);
	put_count(&row, arm->successes);
	put_number(&row, known ? arm->successes / arm->mature : NAN);
	put_number(&row, known ? figures->wilson.low : NAN);
	put_number(&row, known ? figures->wilson.high : NAN);
	put_comparison(&row, experiment, figures);
	put_money(&row, known && experiment->money != NULL ? arm->value / arm->mature : NAN);
	put_money(&row, arm->cost >= 0 ? arm->cost : NAN);
	put_text(&row, experiment->money);
	put_number(&row, intended_share(experiment, variant));
	put_number(&row, experiment->judgement.ratio_p);
	put_count(&row, arm->opt_outs);
	put_number(&row, arm->prepared > 0 ? arm->opt_outs / arm->prepared : NAN);
	put_number(&row, next_share(experiment, variant));
	put_text(&row, verdict_words(experiment));
	Assert(row.next == DECISION_FIGURES);
}

/* Gives all figures as an array of rows in jsonb. */
static Datum
figures_json(const Experiment *experiment)
{
	Oid type =
		GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("ab_figures"),
						ObjectIdGetDatum(get_namespace_oid("smstrack", false)));
	TupleDesc descriptor = lookup_rowtype_tupdesc(type, -1);
	Datum rows[ARMS_MAX];
	ArrayType *array;
	Datum json;

	for (int i = 0; i < experiment->count; i++)
	{
		Datum values[DECISION_FIGURES];
		bool nulls[DECISION_FIGURES];

		decision_figures(experiment, i, values, nulls);
		rows[i] = HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls));
	}
	array = construct_array(rows, experiment->count, type, -1, false, TYPALIGN_DOUBLE);
	json = DirectFunctionCall1(array_to_json, PointerGetDatum(array));
	ReleaseTupleDesc(descriptor);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(TextDatumGetCString(json)));
}

/* Decides for the variant of a name. */
static void
decide_by_hand(Experiment *experiment, const char *winner)
{
	for (int i = 0; i < experiment->count; i++)
		if (strcmp(experiment->variants[i].name, winner) == 0)
		{
			experiment->decision =
				(ExperimentDecision){.kind = "by hand",
									 .winner = experiment->variants[i].id,
									 .reason = psprintf("%s wins: by hand", winner)};
			return;
		}
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("campaign \"%s\" has no variant \"%s\" to decide for",
						   experiment->name, winner),
					errhint("See smstrack_ab_report('%s').", experiment->name)));
}

bool
decision_by_rule(Experiment *experiment)
{
	if (experiment->decision.kind != NULL || verdict_kind(experiment) == NULL)
		return false;
	experiment->decision = (ExperimentDecision){
		.kind = pstrdup(verdict_kind(experiment)),
		.winner = verdict_has_winner(experiment)
					  ? experiment->variants[experiment->judgement.arm].id
					  : 0,
		.reason = verdict_words(experiment)};
	return true;
}

void
decision_make(Experiment *experiment, const char *winner)
{
	ExperimentDecision *decision = &experiment->decision;
	Datum figures;

	if (decision->kind != NULL && winner == NULL)
		return;
	figures = figures_json(experiment);
	if (winner != NULL)
		decide_by_hand(experiment, winner);
	else if (!decision_by_rule(experiment))
		return;
	decision->decided_at = GetCurrentTransactionStartTimestamp();
	store_decision(experiment->campaign, decision->kind, decision->winner,
				   decision->reason, figures);
}
