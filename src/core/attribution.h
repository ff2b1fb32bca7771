/*
 * attribution.h: which of a recipient's clicks a conversion is credited to.
 */
#ifndef SMSTRACK_ATTRIBUTION_H
#define SMSTRACK_ATTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Clocks differ: a conversion may seem to precede the named click by so many
 * microseconds. */
#define ATTRIBUTION_TOLERANCE 300000000

typedef struct AttributionClick
{
	int64_t at;		  /* microseconds, on the conversion's clock */
	int64_t window;	  /* microseconds that its campaign lets a conversion follow in */
	bool named;		  /* the click that the conversion's token or cookie names */
	bool first_click; /* its campaign credits the first click, not the last */
} AttributionClick;

typedef enum AttributionVerdict
{
	ATTRIBUTION_CHOSEN,
	ATTRIBUTION_EARLY, /* all clicks came after the conversion */
	ATTRIBUTION_LATE,  /* none is within its window any more */
	ATTRIBUTION_NONE   /* there is no click */
} AttributionVerdict;

typedef struct AttributionChoice
{
	size_t click;	  /* index of the credited click */
	bool first_click; /* by that rule, not as the last click */
} AttributionChoice;

extern AttributionVerdict attribution_choose(const AttributionClick *clicks, size_t count,
											 int64_t at, AttributionChoice *choice);

#endif
