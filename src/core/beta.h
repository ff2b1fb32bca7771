/*
 * beta.h: the Beta distribution, accurate from Beta(1, 1) to parameters of 10^8 and more.
 */
#ifndef SMSTRACK_BETA_H
#define SMSTRACK_BETA_H

extern double beta_log(double a, double b);
extern double beta_density(double a, double b, double x, double y);
/* The time of these two grows with the square root of the larger parameter. */
extern double beta_lower(double a, double b, double x);
extern double beta_upper(double a, double b, double x);

#endif
