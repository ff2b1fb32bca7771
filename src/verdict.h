/*
 * verdict.h: says in words what follows from an experiment's figures.
 */
#ifndef SMSTRACK_VERDICT_H
#define SMSTRACK_VERDICT_H

#include "postgres.h"

#include "experiment.h"

/* Gives the kind of a decision as smstrack.decision has it; NULL: not yet. */
extern const char *verdict_kind(const Experiment *experiment);

/* Gives the words; what was decided before is said again. */
extern char *verdict_words(const Experiment *experiment);

/* Tells whether a decision is for a variant. */
extern bool verdict_has_winner(const Experiment *experiment);

#endif
