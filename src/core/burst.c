/*
 * burst.c: marks the hits of one source (one full address with one user agent) that came
 * too close together to be a person's. Thousands of people may stand behind a carrier's
 * address just after a campaign went out, so a sign of a person shields what is near it.
 */
#include "burst.h"

#include <stdlib.h>

#define NOWHERE SIZE_MAX

/* Orders two numbers. */
static int
compare(uint64_t x, uint64_t y)
{
	return x < y ? -1 : x > y;
}

/* Orders by group, within it by time. */
static int
by_time(const void *a, const void *b)
{
	const BurstHit *x = a;
	const BurstHit *y = b;

	if (x->group != y->group)
		return compare(x->group, y->group);
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Orders as by_time did. */
static int
by_rank(const void *a, const void *b)
{
	return compare(((const BurstHit *) a)->rank, ((const BurstHit *) b)->rank);
}

/* Orders by group and key, within them by time. */
static int
by_key(const void *a, const void *b)
{
	const BurstHit *x = a;
	const BurstHit *y = b;

	if (x->group != y->group)
		return compare(x->group, y->group);
	return x->key != y->key ? compare(x->key, y->key) : by_rank(a, b);
}

/* Says whether an earlier rule left the hit open. */
static bool
is_open(const BurstHit *hit)
{
	return hit->rule == HIT_RULE_BEFORE_SENT || hit->rule == HIT_RULE_BROWSER ||
		   hit->rule == HIT_RULE_UNSURE;
}

/* Moves the hits that are open to the front; returns their number. */
static size_t
open_first(BurstHit *hits, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
	{
		BurstHit hit = hits[i];

		hit.burst = false;
		hits[i] = hits[n];
		if (is_open(&hit))
			hits[n++] = hit;
		else
			hits[i] = hit;
	}
	return n;
}

/* Says whether two hits of one group lie within a width; the earlier first. */
static bool
is_near(const BurstHit *earlier, const BurstHit *later, int64_t width)
{
	return earlier->group == later->group &&
		   (uint64_t) later->at - (uint64_t) earlier->at <= (uint64_t) width;
}

/* Shields what is near a sign of a person, before or after it. */
static void
shield(BurstHit *hits, size_t count, int64_t width)
{
	const BurstHit *person = NULL;

	for (size_t i = 0; i < count; i++)
	{
		if (hits[i].person)
			person = &hits[i];
		hits[i].shielded = person != NULL && is_near(person, &hits[i], width);
	}
	person = NULL;
	for (size_t i = count; i-- > 0;)
	{
		if (hits[i].person)
			person = &hits[i];
		if (person != NULL && is_near(&hits[i], person, width))
			hits[i].shielded = true;
	}
}

/* Sorts by group and time, and links each hit with its neighbours of the same key. */
static void
arrange(BurstHit *hits, size_t count)
{
	qsort(hits, count, sizeof(*hits), by_time);
	for (size_t i = 0; i < count; i++)
		hits[i].rank = i;

	qsort(hits, count, sizeof(*hits), by_key);
	for (size_t i = 0; i < count; i++)
		hits[i].before = hits[i].after = NOWHERE;
	for (size_t i = 1; i < count; i++)
		if (hits[i - 1].group == hits[i].group && hits[i - 1].key == hits[i].key)
		{
			hits[i].before = hits[i - 1].rank;
			hits[i - 1].after = hits[i].rank;
		}
	qsort(hits, count, sizeof(*hits), by_rank);
}

/*
 * Marks what lies in a window of so many different keys. A window never reaches across a
 * shielded hit: what is not shielded on its two sides is too far apart.
 */
static void
mark(BurstHit *hits, size_t count, int64_t width, size_t least)
{
	size_t first = 0;
	size_t marked = 0;
	size_t distinct = 0;

	for (size_t last = 0; last < count; last++)
	{
		if (hits[last].shielded)
		{
			first = last + 1;
			distinct = 0;
			continue;
		}
		/* a key anew, where its hit before is not in the window */
		distinct += hits[last].before == NOWHERE || hits[last].before < first;
		for (; !is_near(&hits[first], &hits[last], width); first++)
			distinct -= hits[first].after > last;
		if (distinct < least)
			continue;
		for (marked = marked > first ? marked : first; marked <= last; marked++)
			hits[marked].burst = true;
	}
}

/*
 * Marks the hits that belong to a burst. All are of one source and one campaign; they
 * come in any order and are put into another. What an earlier rule decided stays out.
 */
void
burst_mark(BurstHit *hits, size_t count)
{
	count = open_first(hits, count);

	for (size_t i = 0; i < count; i++)
	{
		hits[i].group = hits[i].message;
		hits[i].key = hits[i].position;
	}
	arrange(hits, count);
	shield(hits, count, BURST_LINKS_MICROSECONDS);
	mark(hits, count, BURST_LINKS_MICROSECONDS, BURST_LINKS);

	for (size_t i = 0; i < count; i++)
	{
		hits[i].group = 0;
		hits[i].key = hits[i].message;
	}
	arrange(hits, count);
	shield(hits, count, BURST_MESSAGES_MICROSECONDS);
	mark(hits, count, BURST_MESSAGES_MICROSECONDS, BURST_MESSAGES);
}
