/*
 * experiment.h: a campaign whose variants are compared: what it goes by, what was
 * counted, and what follows.
 */
#ifndef SMSTRACK_EXPERIMENT_H
#define SMSTRACK_EXPERIMENT_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "core/decide.h"

/* What is known of a variant. */
typedef struct ExperimentVariant
{
	int32 id;
	char *name;
	int32 weight; /* its own */
	int64 delivered;
	int64 pending; /* whose window is not over */
} ExperimentVariant;

/* What was decided last. */
typedef struct ExperimentDecision
{
	char *kind;	  /* as in smstrack.decision; NULL: nothing was */
	int32 winner; /* 0: none */
	char *reason;
	TimestampTz decided_at;
} ExperimentDecision;

typedef struct Experiment
{
	int32 campaign;
	char *name;
	char allocation; /* f, t or b */
	char metric;	 /* c click, o conversion, v value */
	char tracking;	 /* f, a or n */
	bool conversions;
	char *goal;		/* NULL: any */
	char *currency; /* NULL: not set */
	Interval maturity;
	char *min_time_text;
	Interval min_time;
	TimestampTz planned_end;  /* DT_NOEND: none */
	int64 planned_recipients; /* 0: not planned */
	double test_share;		  /* 0: not set */
	double expected_rate;
	double expected_spread;
	double floor;
	int64 seed;
	double tested_share; /* share of the test that was launched; 0: none was */
	DecideRule rule;
	ExperimentDecision decision;

	/* once it is counted: */
	int count;
	ExperimentVariant variants[ARMS_MAX];
	DecideArm arms[ARMS_MAX];
	char *money; /* currency of value and cost; NULL: there is none, or several */
	double costs[ARMS_MAX]; /* of a message; below 0: not known */
	int64 foreign;			/* orders and costs in other currencies */
	DecideFigures figures[ARMS_MAX];
	Judgement judgement;
} Experiment;

/*
 * Reads what a campaign of the current account goes by; raises where there is none. SPI
 * is connected; the newest rows are read, unless read_only is true: then the snapshot's.
 */
extern Experiment *experiment_load(const char *campaign, bool read_only);

/* Runs a query that is planned once a backend, as the owner. */
extern void experiment_query(const char *query, int arguments, Oid *types, Datum *values,
							 const char *nulls, bool read_only, void **plan);

/* Tells whether the set-up can be compared by, once it is counted; or raises. */
extern bool experiment_is_able(const Experiment *experiment);
extern void experiment_check(const Experiment *experiment);

/* Counts, and judges by the rule. */
extern void experiment_count(Experiment *experiment, bool read_only);
extern void experiment_judge(Experiment *experiment);

/*
 * Sets each variant's share of a bandit's next batch. One without a weight gets
 * none, however good it is: the others are compared among themselves.
 */
extern void experiment_shares(const Experiment *experiment, double *shares);

/* Tells whether a winner was decided, and which variant it is by number; -1: none. */
extern int experiment_winner(const Experiment *experiment);

#endif
