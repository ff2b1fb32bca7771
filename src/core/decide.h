/*
 * decide.h: what is known of each variant of a campaign, and whether one of them has won
 * by the campaign's rule.
 */
#ifndef SMSTRACK_DECIDE_H
#define SMSTRACK_DECIDE_H

#include "value.h"

/* What was counted of a variant. */
typedef struct DecideArm
{
	double recipients; /* who were allotted it */
	double expected;   /* how many should have been */
	double mature;	   /* of them, whose window is over and who are not known unreached */
	double successes;  /* of the mature */
	double value;	   /* of the mature, and the sum of the squares of each one's */
	double squares;
	double cost; /* of a message, on average; below 0: not known */
	double prepared; /* messages, however they were allotted, */
	double opt_outs; /* and opt-outs by their links */
} DecideArm;

typedef struct DecideRule
{
	bool by_value;	 /* value less cost, else the rate of success */
	bool adaptive;	 /* outcomes steered who got what */
	bool old_enough; /* the minimum time is over */
	bool ended;		 /* the planned end has come: the expected loss may decide */
	double alpha;	 /* how often a winner may be false */
	double planned;	 /* recipients, of all arms, that intervals are narrowest at */
	double epsilon;	 /* the expected loss that is small enough */
	bool relative;	 /* epsilon is a share of the best mean */
	double least;	 /* mature recipients of each arm */
	double ratio_p;	 /* of the sample ratio, below which all is stopped */
	double opt_outs; /* the highest rate of opt-outs; 1: any */
	double cost;	 /* the highest cost of a message; INFINITY: any */
} DecideRule;

/* What is known of a variant. */
typedef struct DecideFigures
{
	double mean;   /* of what is judged by: a rate, or money a message */
	Bounds wilson; /* of the rate of success */
	double rival;  /* index of the best of the others; below 0: there is none */
	Bounds gap;	   /* always-valid, of the mean less the rival's */
	ArmOdds odds;
	bool barred; /* by a guardrail: it cannot win */
} DecideFigures;

/* In the order in which they are asked. */
typedef enum DecideReason
{
	DECIDE_RATIO,	  /* stopped: recipients were not split as they were meant to be */
	DECIDE_BARRED,	  /* stopped: every variant breaks a guardrail */
	DECIDE_FEW,		  /* not yet: too few mature recipients of arm */
	DECIDE_EARLY,	  /* not yet: the minimum time is not over */
	DECIDE_UNKNOWN,	  /* not yet: judged by value, and nobody bought anything */
	DECIDE_FOREIGN,	  /* not yet: some value or cost is in another currency */
	DECIDE_PROVEN,	  /* arm wins: its interval is above 0 against every other */
	DECIDE_ALONE,	  /* arm wins: the others break guardrails */
	DECIDE_OPEN,	  /* not yet: no interval excludes 0 */
	DECIDE_LOSS,	  /* not yet: at the planned end arm's expected loss is too high */
	DECIDE_SMALL_LOSS /* arm wins: at the planned end its expected loss is small */
} DecideReason;

typedef struct Judgement
{
	DecideReason reason;
	size_t arm;		/* the winner, or who the reason is about */
	double ratio_p; /* of the sample ratio */
} Judgement;

extern bool decide(const DecideRule *rule, const DecideArm *arms, size_t count,
				   DecideFigures *figures, Judgement *judgement);
extern void decide_shares(const DecideFigures *figures, size_t count, double floor,
						  double *shares);

#endif
