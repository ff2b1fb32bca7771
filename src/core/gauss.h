/*
 * gauss.h: Gauss and Legendre's rule for integrals over a panel.
 */
#ifndef SMSTRACK_GAUSS_H
#define SMSTRACK_GAUSS_H

/* Points of the rule: it is exact for polynomials of twice as many terms. */
#define GAUSS_POINTS 16

extern void gauss_legendre(double t, double p[GAUSS_POINTS + 1]);
extern double gauss_root(int k, double *derivative);
extern void gauss_rule(double at[GAUSS_POINTS], double weight[GAUSS_POINTS]);

#endif
