/*
 * decision.h: decides which variant of a campaign has won.
 */
#ifndef SMSTRACK_DECISION_H
#define SMSTRACK_DECISION_H

#include "postgres.h"

#include "experiment.h"
#include "funcapi.h"

#define DECISION_FIGURES 24

/* Gives the columns of smstrack.ab_figures for a variant; values in the current context.
 */
extern void decision_figures(const Experiment *experiment, int variant,
							 Datum values[DECISION_FIGURES],
							 bool nulls[DECISION_FIGURES]);

/* Decides by the rule, and records nothing; false: it was done before, or is too early.
 */
extern bool decision_by_rule(Experiment *experiment);

/*
 * Decides by the rule, unless it was done before, and records it; decision.kind stays
 * NULL where it is too early. winner is the name of the variant by hand, or NULL. SPI is
 * connected, and the campaign locked.
 */
extern void decision_make(Experiment *experiment, const char *winner);

#endif
