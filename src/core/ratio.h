/*
 * ratio.h: whether recipients were split between the arms as they were meant to be.
 */
#ifndef SMSTRACK_RATIO_H
#define SMSTRACK_RATIO_H

#include <stddef.h>

extern double chi_square_upper(double x, double degrees);
extern double ratio_check(const double *counts, const double *weights, size_t count,
						  double *chi_square);

#endif
