/* Which click a conversion is credited to. Times are in minutes. */
#include "attribution.h"
#include "tap.h"

#define MINUTE INT64_C(60000000)
#define MAX 8

static AttributionClick clicks[MAX];
static size_t count;

static void
click(int at, int window, bool named, bool first_click)
{
	clicks[count++] = (AttributionClick){at * MINUTE, window * MINUTE, named, first_click};
}

/* Gives the chosen click's number from 1, or what was said instead, negative. */
static int
chosen(int at)
{
	AttributionChoice choice;
	AttributionVerdict verdict = attribution_choose(clicks, count, at * MINUTE, &choice);

	return verdict == ATTRIBUTION_CHOSEN ? (int) choice.click + 1 : -(int) verdict;
}

int
main(void)
{
	is_int(chosen(100), -ATTRIBUTION_NONE, "no clicks");
	click(10, 50, false, false);
	click(40, 50, false, false);
	click(30, 50, false, false);
	is_int(chosen(50), 2, "the last click, in whatever order");
	is_int(chosen(35), 3, "the last one before it");
	is_int(chosen(90), 2, "at the end of the window");
	is_int(chosen(91), -ATTRIBUTION_LATE, "behind it");
	is_int(chosen(9), -ATTRIBUTION_EARLY, "before all");
	clicks[0].named = true;
	is_int(chosen(50), 1, "the named one before later ones");
	is_int(chosen(61), 2, "until its window is over");
	is_int(chosen(6), 1, "clocks may differ by 5 minutes for it");
	is_int(chosen(4), -ATTRIBUTION_EARLY, "not by 6");
	clicks[0].named = false;
	is_int(chosen(39), 3, "nor at all for others");
	clicks[1].first_click = true;
	is_int(chosen(50), 1, "the first click, if the last one's campaign says so");
	is_int(chosen(62), 3, "the first whose window is not over");
	is_int(chosen(35), 3, "by the rule of the one that decides");
	clicks[0].window = 5 * MINUTE;
	is_int(chosen(50), 3, "each click has its own window");
	count = 0;
	click(10, 50, false, false);
	click(10, 50, false, false);
	is_int(chosen(10), 1, "at one time, the first in the list");
	clicks[1].named = true;
	is_int(chosen(10), 2, "or the named one");
	return done_testing();
}
