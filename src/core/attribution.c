/*
 * attribution.c: chooses the click that a conversion is credited to. Each click counts as
 * long as the window of its own campaign. The deciding click is the one that the token or
 * the cookie names, for it led this very browser here; where none is named, or its window
 * is over, the last one. Its campaign's rule says whether it is credited itself, or the
 * first click of all.
 */
#include "attribution.h"

/*
 * Tells whether a conversion can be of a click at all. The named click has led to it,
 * whatever the clocks say; any other may be on the order's own confirmation.
 */
static bool
precedes(const AttributionClick *click, int64_t at)
{
	return click->at <= at + (click->named ? ATTRIBUTION_TOLERANCE : 0);
}

/* Tells whether it is in time, too. */
static bool
is_open(const AttributionClick *click, int64_t at)
{
	return precedes(click, at) && at - click->at <= click->window;
}

/* Chooses; where several were at one time, the first in the list. */
AttributionVerdict
attribution_choose(const AttributionClick *clicks, size_t count, int64_t at,
				   AttributionChoice *choice)
{
	size_t decider = count;
	size_t first = count;
	bool preceded = false;

	for (size_t i = 0; i < count; i++)
	{
		preceded = preceded || precedes(&clicks[i], at);
		if (!is_open(&clicks[i], at))
			continue;
		if (decider == count || (clicks[i].named && !clicks[decider].named) ||
			(clicks[i].named == clicks[decider].named &&
			 clicks[i].at > clicks[decider].at))
			decider = i;
		if (first == count || clicks[i].at < clicks[first].at)
			first = i;
	}
	if (decider == count)
		return count == 0 ? ATTRIBUTION_NONE
			   : preceded ? ATTRIBUTION_LATE
						  : ATTRIBUTION_EARLY;
	choice->first_click = clicks[decider].first_click;
	choice->click = choice->first_click ? first : decider;
	return ATTRIBUTION_CHOSEN;
}
