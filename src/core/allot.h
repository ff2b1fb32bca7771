/*
 * allot.h: who gets which variant: shares of the next batch, the arm of the next message,
 * and how many recipients a test takes before the winner goes to the rest.
 */
#ifndef SMSTRACK_ALLOT_H
#define SMSTRACK_ALLOT_H

#include <stddef.h>

#include "arms.h"
#include "draw.h"

extern void allot_shares(const ArmOdds *odds, size_t count, double floor, double *shares);
extern size_t allot_by_share(const double *shares, size_t count, double u);
extern size_t allot_thompson(const Arm *arms, size_t count, double floor,
							 DrawSource source);
extern double allot_test_size(double population, double arms, double deviation,
							  double prior_deviation);

#endif
