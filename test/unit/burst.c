/* Bursts on both sides of their limits, and against a search that tries every window. */
#include "burst.h"
#include "tap.h"

#define SECOND 1000000

/* Makes an unsure hit. */
static BurstHit
hit(int64_t at, uint64_t message, unsigned position)
{
	return (BurstHit){
		.at = at, .message = message, .position = position, .rule = HIT_RULE_UNSURE};
}

/* Counts the hits that were marked. */
static int
marked(BurstHit *hits, size_t count)
{
	int n = 0;

	burst_mark(hits, count);
	for (size_t i = 0; i < count; i++)
		n += hits[i].burst;
	return n;
}

static void
links(void)
{
	BurstHit near[] = {hit(2 * SECOND, 7, 1), hit(0, 7, 0)};
	BurstHit far[] = {hit(0, 7, 0), hit(2 * SECOND + 1, 7, 1)};
	BurstHit same[] = {hit(0, 7, 0), hit(1, 7, 0), hit(2, 7, 0)};
	BurstHit other[] = {hit(0, 7, 0), hit(1, 8, 1)};
	BurstHit chain[] = {hit(0, 7, 0), hit(SECOND, 7, 1), hit(3 * SECOND, 7, 2),
						hit(9 * SECOND, 7, 3)};

	is_int(marked(near, 2), 2, "two links within two seconds");
	is_int(marked(far, 2), 0, "two links a little later");
	is_int(marked(same, 3), 0, "one link again and again");
	is_int(marked(other, 2), 0, "links of two messages");
	is_int(marked(chain, 4), 3, "each with the next");
	is_int(marked(chain, 0), 0, "no hit at all");
}

static void
people(void)
{
	BurstHit hits[] = {hit(0, 7, 0), hit(1, 7, 1), hit(2 * SECOND, 7, 1)};

	hits[2].person = true;
	hits[2].rule = HIT_RULE_BROWSER;
	is_int(marked(hits, 3), 0, "a person near by");
	for (unsigned i = 0; i < 3; i++)
		hits[i] = hit(0, 7, i);
	hits[1].rule = HIT_RULE_APPLE_PREVIEW;
	is_int(marked(hits, 3), 2, "what a rule decided is left out");
	for (size_t i = 0; i < 3; i++)
		hits[i] = hit(0, 7, (unsigned) i);
	for (size_t i = 0; i < 3; i++)
		hits[i].rule = i < 2 ? HIT_RULE_CONVERSION : HIT_RULE_OWN;
	is_int(marked(hits, 3), 0, "conversions and the owner's rules too");
	for (size_t i = 0; i < 3; i++)
		hits[i].rule = HIT_RULE_BEFORE_SENT;
	is_int(marked(hits, 3), 3, "a hit before the sent time");
}

/* 10,000 people behind 20 addresses with 3 user agents, in two minutes after a blast. */
static void
carrier(void)
{
	static BurstHit hits[10000 / 20 / 3];
	const size_t count = sizeof(hits) / sizeof(hits[0]);

	for (size_t i = 0; i < count; i++)
	{
		/* most of them at once */
		hits[i] = hit((int64_t) (i * i * 120 / count / count) * SECOND, i, 0);
		hits[i].person = true;
		hits[i].rule = HIT_RULE_BROWSER;
	}
	is_int(marked(hits, count), 0, "people behind a carrier's address");
	for (size_t i = 0; i < count; i++)
		hits[i].person = false;
	ok(marked(hits, count) > 0, "the same without a sign of a person");
}

static void
messages(void)
{
	BurstHit hits[BURST_MESSAGES + 1];
	const int64_t step = BURST_MESSAGES_MICROSECONDS / (BURST_MESSAGES - 1);

	for (size_t i = 0; i < BURST_MESSAGES; i++)
		hits[i] = hit((int64_t) i * step, i, 0);
	is_int(marked(hits, BURST_MESSAGES - 1), 0, "a message too few");
	is_int(marked(hits, BURST_MESSAGES), BURST_MESSAGES, "as many as it takes");
	hits[BURST_MESSAGES] = hit(step / 2, 3, 0);
	is_int(marked(hits, BURST_MESSAGES + 1), BURST_MESSAGES + 1, "and one of them twice");
	for (size_t i = 0; i < BURST_MESSAGES; i++)
		hits[i] = hit((int64_t) i * (step + SECOND / 10), i, 0);
	is_int(marked(hits, BURST_MESSAGES), 0, "as many, slower");
	for (size_t i = 0; i < BURST_MESSAGES; i++)
		hits[i] = hit((int64_t) i * step, i / 2, 0);
	is_int(marked(hits, BURST_MESSAGES), 0, "half as many messages, twice each");
}

/* A generator for the random cases: SplitMix64. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Says whether a person is within width of the hit; message NULL: of any message. */
static bool
is_shielded(const BurstHit *hits, size_t count, const BurstHit *h, int64_t width,
			const uint64_t *message)
{
	for (size_t i = 0; i < count; i++)
		if (hits[i].person && (message == NULL || hits[i].message == *message) &&
			h->at - hits[i].at <= width && hits[i].at - h->at <= width)
			return true;
	return false;
}

/* Counts the distinct keys in the window from hit i on. */
static size_t
distinct_from(const BurstHit *hits, size_t count, size_t i, int64_t width,
			  bool links_only)
{
	const uint64_t *message = links_only ? &hits[i].message : NULL;
	uint64_t seen = 0;

	for (size_t j = 0; j < count; j++)
		if (hits[j].at >= hits[i].at && hits[j].at - hits[i].at <= width &&
			(!links_only || hits[j].message == hits[i].message) &&
			!is_shielded(hits, count, &hits[j], width, message))
			seen |= (uint64_t) 1 << (links_only ? hits[j].position : hits[j].message);
	return (size_t) __builtin_popcountll(seen);
}

/* Marks as burst_mark does, by trying each window. */
static void
mark_slowly(BurstHit *hits, size_t count, int64_t width, size_t least, bool links_only)
{
	for (size_t i = 0; i < count; i++)
	{
		const uint64_t *message = links_only ? &hits[i].message : NULL;

		if (is_shielded(hits, count, &hits[i], width, message) ||
			distinct_from(hits, count, i, width, links_only) < least)
			continue;
		for (size_t j = 0; j < count; j++)
			if (hits[j].at >= hits[i].at && hits[j].at - hits[i].at <= width &&
				(!links_only || hits[j].message == hits[i].message) &&
				!is_shielded(hits, count, &hits[j], width, message))
				hits[j].burst = true;
	}
}

/* Compares the two on random hits; returns how many differ, and counts the marked. */
static int
compare_once(uint64_t *state, int *bursts)
{
	BurstHit hits[64];
	BurstHit slow[64];
	size_t count = next_random(state) % 64 + 1;
	uint64_t span = next_random(state) % (20 * SECOND) + 1;
	int wrong = 0;

	for (size_t i = 0; i < count; i++)
	{
		hits[i] = hit((int64_t) (next_random(state) % span), next_random(state) % 40,
					  (unsigned) (next_random(state) % 3));
		hits[i].person = next_random(state) % 64 == 0;
		hits[i].tag = i;
	}
	memcpy(slow, hits, sizeof(slow));
	mark_slowly(slow, count, BURST_LINKS_MICROSECONDS, BURST_LINKS, true);
	mark_slowly(slow, count, BURST_MESSAGES_MICROSECONDS, BURST_MESSAGES, false);
	burst_mark(hits, count);
	for (size_t i = 0; i < count; i++)
	{
		wrong += hits[i].burst != slow[hits[i].tag].burst;
		*bursts += hits[i].burst;
	}
	return wrong;
}

static void
windows(void)
{
	uint64_t state = 1;
	int wrong = 0;
	int bursts = 0;

	for (int i = 0; i < 3000; i++)
		wrong += compare_once(&state, &bursts);
	is_int(wrong, 0, "as trying every window says");
	ok(bursts > 1000, "bursts were among them");
}

int
main(void)
{
	links();
	people();
	carrier();
	messages();
	windows();
	return done_testing();
}
