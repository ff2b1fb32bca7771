/*
 * fn_decide.c: smstrack_ab_report, smstrack_decide and smstrack_test_size.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include <math.h>

#include "campaign.h"
#include "core/allot.h"
#include "decision.h"
#include "store_decision.h"
#include "verdict.h"

PG_FUNCTION_INFO_V1(smstrack_ab_report);
PG_FUNCTION_INFO_V1(smstrack_decide);
PG_FUNCTION_INFO_V1(smstrack_test_size);

/* Reads, counts and judges. SPI is connected. */
static Experiment *
judged(const char *campaign, bool read_only)
{
	Experiment *experiment = experiment_load(campaign, read_only);

	experiment_count(experiment, read_only);
	experiment_check(experiment);
	experiment_judge(experiment);
	return experiment;
}

/* smstrack_ab_report(campaign) */
Datum
smstrack_ab_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	char *campaign = campaign_argument(fcinfo);
	Experiment *experiment;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	experiment = judged(campaign, true);
	for (int i = 0; i < experiment->count; i++)
	{
		Datum values[DECISION_FIGURES];
		bool nulls[DECISION_FIGURES];

		decision_figures(experiment, i, values, nulls);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}

/* Puts what was decided, now or before. */
static void
put_decided(ReturnSetInfo *set, const Experiment *experiment)
{
	const ExperimentDecision *decision = &experiment->decision;
	int winner = experiment_winner(experiment);
	Datum values[4] = {0};
	bool nulls[4] = {false};

	values[0] = CStringGetTextDatum(decision->kind == NULL ? "not yet" : decision->kind);
	nulls[1] = winner < 0;
	if (winner >= 0)
		values[1] = CStringGetTextDatum(experiment->variants[winner].name);
	values[2] = CStringGetTextDatum(verdict_words(experiment));
	nulls[3] = decision->kind == NULL;
	values[3] = TimestampTzGetDatum(decision->decided_at);
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

/* smstrack_decide(campaign, winner) */
Datum
smstrack_decide(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	char *campaign = campaign_argument(fcinfo);
	char *winner = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	Experiment *experiment;

	PreventCommandIfReadOnly("deciding between variants");
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	/* a campaign that is not there is complained of when it is read */
	store_decision_lock(campaign);
	experiment = judged(campaign, false);
	decision_make(experiment, winner);
	put_decided(set, experiment);
	SPI_finish();
	return (Datum) 0;
}

/* smstrack_test_size(population, variants, rate, spread) */
Datum
smstrack_test_size(PG_FUNCTION_ARGS)
{
	int64 population = PG_GETARG_INT64(0);
	int32 variants = PG_GETARG_INT32(1);
	float8 rate = PG_GETARG_FLOAT8(2);
	float8 spread = PG_GETARG_FLOAT8(3);

	if (population < 0 || variants < 2 || variants > ARMS_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid population or number of variants"),
						errdetail("A test has 2 to %d variants.", ARMS_MAX)));
	if (!(rate > 0 && rate < 1 && spread > 0 && spread < 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid rate or spread"),
						errdetail("Both are above 0 and below 1.")));
	PG_RETURN_INT64((int64) ceil(
		allot_test_size((double) population, variants, sqrt(rate * (1 - rate)), spread)));
}
