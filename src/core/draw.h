/*
 * draw.h: random values of some distributions, from the caller's uniform ones. The same
 * uniform values give the same draws.
 */
#ifndef SMSTRACK_DRAW_H
#define SMSTRACK_DRAW_H

typedef struct DrawSource
{
	double (*uniform)(void *state); /* in [0, 1) */
	void *state;
} DrawSource;

extern double draw_uniform(DrawSource source);
extern double draw_normal(DrawSource source);
extern double draw_gamma(DrawSource source, double shape);
extern double draw_beta(DrawSource source, double a, double b);

#endif
