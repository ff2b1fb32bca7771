/*
 * batch.c: what a launch gets by the campaign's allocation. fixed: the variants' weights.
 * test_and_roll: at first a share of the audience, by the weights; then the winner to the
 * rest. bandit: each batch by the outcome of those before; a winner, once there is one.
 *
 * A recipient's place on the line of shares is a hash, the same at every launch: weights
 * and seed make the allotment again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include <math.h>

#include "batch.h"
#include "core/allot.h"
#include "decision.h"
#include "experiment.h"
#include "store_trial.h"
#include "verdict.h"

/* Weights are whole numbers of this. */
#define WHOLE 1000000

/* Above what a test needs, so that failed messages do not make it too small. */
#define SPARE 1.2

/* Complains that the campaign was stopped. */
static void
complain_stopped(const Experiment *experiment)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("campaign \"%s\" is stopped", experiment->name),
					errdetail("The verdict is \"%s\".", verdict_words(experiment)),
					errhint("See smstrack_ab_report('%s'); decide by hand: SELECT "
							"smstrack_decide('%s', 'A').",
							experiment->name, experiment->name)));
}

void
batch_check(const Batch *batch, int64 prepared)
{
	if (batch->verdict == NULL || prepared > 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("campaign \"%s\" is still being tested", batch->campaign),
			 errdetail("The verdict is \"%s\"; of this audience nobody is left to test.",
					   batch->verdict),
			 errhint("Launch the rest later, or decide by hand: SELECT "
					 "smstrack_decide('%s', 'A').",
					 batch->campaign)));
}

/* Tells whether a variant may be sent. */
static bool
has_weight(const int32 *variants, int32 variant, const Allotment *allotment)
{
	for (int i = 0; i < allotment->count; i++)
		if (variants[i] == variant)
			return allotment->weights[i] > 0;
	return false;
}

/* Sets the weights of all variants to one's. */
static void
all_to(const int32 *variants, int32 winner, Allotment *allotment)
{
	if (!has_weight(variants, winner, allotment))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the variant that has won has weight 0"),
						errhint("Give it a weight above 0 in smstrack.variant.")));
	for (int i = 0; i < allotment->count; i++)
		allotment_set_weight(allotment, i, variants[i] == winner ? WHOLE : 0);
}

/* Sets the weights of a bandit's batch. */
static void
by_outcome(const Experiment *experiment, const int32 *variants, Allotment *allotment)
{
	double shares[ARMS_MAX];

	experiment_shares(experiment, shares);
	for (int i = 0; i < allotment->count; i++)
		for (int v = 0; v < experiment->count; v++)
			if (experiment->variants[v].id == variants[i])
				allotment_set_weight(allotment, i, (int64) rint(shares[v] * WHOLE));
	/* whoever has a weight was given it, or lost his, since the outcome was counted */
	if (allotment->total == 0)
		for (int i = 0; i < allotment->count; i++)
			allotment_set_weight(allotment, i, 1);
}

/* Counts an audience with the caller's rights. */
static double
audience_size(Oid audience)
{
	char *query = psprintf(
		"SELECT count(*) FROM %s",
		quote_qualified_identifier(get_namespace_name(get_rel_namespace(audience)),
								   get_rel_name(audience)));
	bool null;

	if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "query failed: %s", query);
	return (double) DatumGetInt64(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
}

/* Gives how many must be tested for the variant of the least weight to get enough. */
static double
least_test(const Experiment *experiment, const Allotment *allotment)
{
	int64 lightest = allotment->total;

	for (int i = 0; i < allotment->count; i++)
		lightest = Min(lightest, allotment->weights[i]);
	return experiment->rule.least * SPARE * (double) allotment->total / (double) lightest;
}

/* Gives the share of the audience that is tested: its own, or Feit and Berman's. */
static double
tested_share(const Experiment *experiment, Oid audience, const Allotment *allotment)
{
	double population = (double) experiment->planned_recipients;
	const double variants = allotment->count;
	const double rate = experiment->expected_rate;
	double recipients;

	if (experiment->test_share > 0)
		return experiment->test_share;
	if (experiment->metric == 'v')
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("campaign \"%s\" needs a test share", experiment->name),
				 errdetail("The size of a test by value cannot be proposed."),
				 errhint("Set one: SELECT smstrack_experiment('%s', test_share => 0.2).",
						 experiment->name)));
	if (population == 0)
		population = audience_size(audience);
	recipients =
		fmax(variants * allot_test_size(population, variants, sqrt(rate * (1 - rate)),
										experiment->expected_spread),
			 least_test(experiment, allotment));
	return population > 0 ? fmin(1, recipients / population) : 1;
}

/* Plans a test: its first launch, or what joins it as long as nothing is decided. */
static void
plan_test(const Experiment *experiment, const LaunchRequest *request,
		  const Allotment *allotment, Batch *batch)
{
	double share = experiment->tested_share;

	if (share == 0)
		share = tested_share(experiment, request->audience, allotment);
	else
	{
		batch->campaign = experiment->name;
		batch->verdict = verdict_words(experiment);
	}
	batch->kind = "test";
	batch->share = fmin(batch->share, share);
}

/* Plans the test, or the winner for the rest. */
static void
plan_test_and_roll(Experiment *experiment, const LaunchRequest *request,
				   const int32 *variants, Allotment *allotment, Batch *batch)
{
	if (experiment->tested_share > 0)
		decision_make(experiment, NULL);
	if (experiment->decision.winner != 0)
	{
		batch->kind = "winner";
		all_to(variants, experiment->decision.winner, allotment);
	}
	else if (experiment->decision.kind != NULL)
		complain_stopped(experiment);
	else
		plan_test(experiment, request, allotment, batch);
}

static void
plan_bandit(Experiment *experiment, const int32 *variants, Allotment *allotment,
			Batch *batch)
{
	decision_make(experiment, NULL);
	if (experiment->decision.winner != 0)
	{
		batch->kind = "winner";
		all_to(variants, experiment->decision.winner, allotment);
		return;
	}
	if (experiment->decision.kind != NULL)
		complain_stopped(experiment);
	batch->kind = "bandit";
	by_outcome(experiment, variants, allotment);
}

/* Counts and decides as a launch would, as far as that can be done. */
static void
foresee_decision(Experiment *experiment, Foresight *foresight)
{
	experiment_count(experiment, true);
	if (!experiment_is_able(experiment))
	{
		foresight->obstacle = "variants cannot be compared";
		return;
	}
	experiment_judge(experiment);
	if (experiment->allocation == 'b' || experiment->tested_share > 0)
		(void) decision_by_rule(experiment);
	if (experiment->decision.kind != NULL && experiment->decision.winner == 0)
		foresight->obstacle = "campaign is stopped";
}

void
batch_foresee(const char *campaign, const int32 *variants, Allotment *allotment,
			  Foresight *foresight)
{
	Experiment *experiment = experiment_load(campaign, true);

	*foresight = (Foresight){.share = 1};
	allotment->seed = experiment->seed;
	if (experiment->allocation == 'f')
		return;
	foresee_decision(experiment, foresight);
	if (foresight->obstacle != NULL)
		return;
	if (experiment->decision.winner != 0)
	{
		if (has_weight(variants, experiment->decision.winner, allotment))
			all_to(variants, experiment->decision.winner, allotment);
		else
			foresight->obstacle = "the variant that has won has weight 0";
	}
	else if (experiment->allocation == 'b')
		by_outcome(experiment, variants, allotment);
	else if (experiment->tested_share > 0)
		foresight->share = experiment->tested_share;
}

void
batch_plan(const LaunchRequest *request, const LaunchCampaign *campaign,
		   const int32 *variants, Allotment *allotment, Batch *batch)
{
	Experiment *experiment;
	Foresight foresight;

	*batch =
		(Batch){.share = request->share, .variants = variants, .allotment = allotment};
	if (request->test)
		return;
	if (!request->write)
	{
		/* of the whole audience, whatever its share that is tested */
		batch_foresee(request->campaign, variants, allotment, &foresight);
		return;
	}
	experiment = experiment_load(request->campaign, false);
	allotment->seed = experiment->seed;
	batch->kind = "fixed";
	if (experiment->allocation == 'f')
		return;
	experiment_count(experiment, false);
	experiment_check(experiment);
	experiment_judge(experiment);
	if (experiment->allocation == 't')
		plan_test_and_roll(experiment, request, variants, allotment, batch);
	else
		plan_bandit(experiment, variants, allotment, batch);
}

/* Tells whether two arrays of integers are the same. */
static bool
same_array(ArrayType *a, Datum b)
{
	return DatumGetBool(OidFunctionCall2(F_ARRAY_EQ, PointerGetDatum(a), b));
}

/*
 * Sets the weights as they were stored; false if one of the variants may not be sent any
 * more. One that is new waits until the outcome is counted again.
 */
static bool
take_stored(const StoredAllotment *stored, const int32 *variants, Allotment *allotment)
{
	Datum *ids;
	Datum *weights;
	int count;

	deconstruct_array(stored->variants, INT4OID, sizeof(int32), true, TYPALIGN_INT, &ids,
					  NULL, &count);
	deconstruct_array(stored->weights, INT4OID, sizeof(int32), true, TYPALIGN_INT,
					  &weights, NULL, &count);
	for (int at = 0; at < count; at++)
		if (!has_weight(variants, DatumGetInt32(ids[at]), allotment))
			return false;
	for (int i = 0; i < allotment->count; i++)
	{
		int64 weight = 0;

		for (int at = 0; at < count; at++)
			if (DatumGetInt32(ids[at]) == variants[i])
				weight = DatumGetInt32(weights[at]);
		allotment_set_weight(allotment, i, weight);
	}
	return true;
}

/* Plans a bandit's: by the outcome as it was counted last, or is now. */
static int64
plan_single_bandit(const LaunchCampaign *campaign, const StoredAllotment *stored,
				   Batch *batch, Allotment *allotment)
{
	Experiment *experiment;

	if (stored->id != 0 && strcmp(stored->kind, "bandit") == 0 &&
		(stored->fresh || !store_trial_lock(stored->id)) &&
		take_stored(stored, batch->variants, allotment))
		return stored->id;
	batch->kind = "bandit";
	experiment = experiment_load(campaign->name, false);
	experiment_count(experiment, false);
	experiment_judge(experiment);
	by_outcome(experiment, batch->variants, allotment);
	return store_trial_allotment(batch);
}

/* Plans by the variants' weights; they are noted where they are new. */
static int64
plan_single_fixed(const StoredAllotment *stored, Batch *batch)
{
	Datum variants;
	Datum weights;

	batch->kind = stored->allocation == 't' ? "test" : "fixed";
	store_trial_arrays(batch, &variants, &weights);
	if (stored->id != 0 && strcmp(stored->kind, batch->kind) == 0 &&
		same_array(stored->variants, variants) && same_array(stored->weights, weights))
		return stored->id;
	return store_trial_allotment(batch);
}

int64
batch_plan_single(const LaunchCampaign *campaign, const int32 *variants,
				  Allotment *allotment)
{
	Batch batch = {.share = 1, .variants = variants, .allotment = allotment};
	StoredAllotment stored;
	int able = 0;

	for (int i = 0; i < allotment->count; i++)
		able += allotment->weights[i] > 0;
	if (able < 2 || campaign->tracking != 'f')
		return 0;
	store_trial_newest(campaign->id, &stored);
	allotment->seed = stored.seed;
	if (stored.allocation != 'f' && stored.winner != 0 &&
		has_weight(variants, stored.winner, allotment))
	{
		all_to(variants, stored.winner, allotment);
		return 0;
	}
	if (stored.allocation == 'b' && !stored.decided)
		return plan_single_bandit(campaign, &stored, &batch, allotment);
	return plan_single_fixed(&stored, &batch);
}
