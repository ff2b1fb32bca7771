/*
 * segment_alphabet.c: chooses what a body is encoded in, as phones do: septets if any
 * permitted pair of tables has all its characters, of such pairs the cheapest, else
 * UCS-2.
 */
#include "segment.h"

#include "national.h"
#include "utf8.h"

/* Characters between two calls of poll. */
#define POLL_CHARACTERS 4096

#define PAIRS (NATIONAL_LANGUAGES * NATIONAL_LANGUAGES)

/* A pair of tables, and what the body takes with it so far. */
typedef struct Pair
{
	SegmentAlphabet alphabet;
	int64_t limit;
	int64_t units;
	int64_t full; /* parts, if there are several */
	int64_t used; /* units of the last */
} Pair;

/*
 * Returns the units of a part: of one of several with a reference number of 8 or 16 bits,
 * of the only one with 0.
 */
int64_t
segment_limit(const SegmentAlphabet *alphabet, int reference_bits)
{
	/* TS 23.040, 9.2.3.24: an information element is a tag, a length, and data */
	int octets = reference_bits == 0 ? 0 : 2 + reference_bits / 8 + 2;

	if (alphabet->locking != 0)
		octets += 3;
	if (alphabet->single != 0)
		octets += 3;
	if (octets > 0)
		octets++; /* the header's length */
	if (alphabet->encoding == SEGMENT_UCS2)
		return (140 - octets) / 2;
	return 160 - (octets * 8 + 6) / 7;
}

/* Returns a character's units; 0 if the alphabet does not have it. */
int
segment_units(const SegmentAlphabet *alphabet, uint32_t code_point)
{
	if (alphabet->encoding == SEGMENT_UCS2)
		return code_point > 0xFFFF ? 2 : 1;
	return national_septets(alphabet->locking, alphabet->single, code_point);
}

/* Lists the pairs that the languages permit, the default alphabet first. */
static int
list_pairs(Pair *pairs, uint32_t languages, int reference_bits)
{
	int count = 0;

	for (uint8_t locking = 0; locking < NATIONAL_LANGUAGES; locking++)
	{
		if (locking != 0 && ((languages >> locking & 1) == 0 ||
							 national_languages[locking].locking == NULL))
			continue;
		for (uint8_t single = 0; single < NATIONAL_LANGUAGES; single++)
		{
			Pair pair = {.alphabet = {SEGMENT_GSM7, locking, single}};

			if (single != 0 && (languages >> single & 1) == 0)
				continue;
			pair.limit = segment_limit(&pair.alphabet, reference_bits);
			pairs[count++] = pair;
		}
	}
	return count;
}

/* Packs a character into each pair; drops the pairs that do not have it. */
static int
pack_pairs(Pair *pairs, int count, uint32_t languages, uint32_t code_point)
{
	int kept = 0;
	uint32_t locking;
	uint32_t single;

	national_find_tables(languages, code_point, &locking, &single);
	for (int i = 0; i < count; i++)
	{
		Pair pair = pairs[i];
		int cost = (locking >> pair.alphabet.locking & 1) != 0 ? 1 : 2;

		if (cost == 2 && (single >> pair.alphabet.single & 1) == 0)
			continue;
		pair.units += cost;
		pair.used += cost;
		if (pair.used > pair.limit)
		{
			pair.full++;
			pair.used = cost;
		}
		pairs[kept++] = pair;
	}
	return kept;
}

/* Returns the segments of a pair, and the units left in the last. */
static int64_t
pair_segments(const Pair *pair, int64_t *left)
{
	int64_t single = segment_limit(&pair->alphabet, 0);

	if (pair->units <= single)
	{
		*left = single - pair->units;
		return 1;
	}
	*left = pair->limit - pair->used;
	return pair->full + 1;
}

/* Returns the pair of fewest segments, then of most units left, then the first. */
static const Pair *
cheapest_pair(const Pair *pairs, int count)
{
	const Pair *best = NULL;
	int64_t best_segments = 0;
	int64_t best_left = 0;

	for (int i = 0; i < count; i++)
	{
		int64_t left;
		int64_t segments = pair_segments(&pairs[i], &left);

		if (best == NULL || segments < best_segments ||
			(segments == best_segments && left > best_left))
		{
			best = &pairs[i];
			best_segments = segments;
			best_left = left;
		}
	}
	return best;
}

/* Returns what a body is encoded in. */
SegmentAlphabet
segment_alphabet(const char *body, size_t length, const SegmentOptions *options)
{
	SegmentAlphabet ucs2 = {SEGMENT_UCS2, 0, 0};
	int bits = options->reference_bits == 16 ? 16 : 8;
	Pair pairs[PAIRS];
	int count;
	uint32_t code_point;
	size_t characters = 0;

	if (options->languages == 0)
	{
		SegmentAlphabet alphabet = {segment_encoding(body, length, options->poll), 0, 0};

		return alphabet;
	}
	count = list_pairs(pairs, options->languages, bits);
	for (size_t at = 0; at < length && count > 0;)
	{
		at += utf8_decode(body + at, length - at, &code_point);
		count = pack_pairs(pairs, count, options->languages, code_point);
		if (++characters % POLL_CHARACTERS == 0 && options->poll != NULL)
			options->poll();
	}
	return count == 0 ? ucs2 : cheapest_pair(pairs, count)->alphabet;
}
