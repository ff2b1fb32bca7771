/*
 * segment.c: counts the segments of a body by the default rules: the hot path.
 *
 * Characters and those of two units (an escape sequence, a surrogate pair) are counted by
 * the block. Since no such character lies across a border, a part but the last may lose
 * one unit; only where so little is free that this matters, the parts are filled one by
 * one.
 */
#include "segment.h"

#include <string.h>

#include "gsm7.h"
#include "utf8.h"

/* TS 23.040: the only part, and one of several with an 8 bit reference number. */
#define GSM7_SINGLE 160
#define GSM7_MULTI	153
#define UCS2_SINGLE 70
#define UCS2_MULTI	67

/* How much is read between two calls of poll. */
#define POLL_BYTES ((size_t) 1 << 16)

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

const char *
segment_encoding_name(SegmentEncoding encoding)
{
	return encoding == SEGMENT_GSM7 ? "GSM-7" : "UCS-2";
}

/* Returns where to stop reading for a call of poll: not within a character. */
static inline size_t
next_stop(const char *body, size_t length, size_t at)
{
	size_t stop;

	if (length - at <= POLL_BYTES)
		return length;
	stop = at + POLL_BYTES;
	for (int i = 0; i < 3 && ((unsigned char) body[stop] & 0xC0) == 0x80; i++)
		stop--;
	return stop;
}

/* Reads septets; returns the bytes up to the end, or to a character outside GSM-7. */
static size_t
tally_gsm7(const char *body, size_t length, void (*poll)(void), Gsm7Tally *tally)
{
	size_t at = 0;

	while (at < length)
	{
		size_t stop = next_stop(body, length, at);

		at += gsm7_scan(body + at, stop - at, tally);
		if (at < stop)
			break;
		if (poll != NULL)
			poll();
	}
	return at;
}

/* Adds up the bits 0 of eight bytes. */
static inline uint64_t
sum_bytes(uint64_t bits)
{
	return (bits & EACH_BYTE(1)) * EACH_BYTE(1) >> 56;
}

/* Counts the UTF-16 code units of UTF-8, and the pairs among them. */
static uint64_t
count_ucs2(const char *text, size_t length, uint64_t *pairs)
{
	uint64_t units = 0;
	size_t at = 0;

	for (; length - at >= 8; at += 8)
	{
		uint64_t word;
		uint64_t four;

		memcpy(&word, text + at, sizeof(word));
		/* 11110xxx begins four bytes; 10xxxxxx begins nothing */
		four = sum_bytes(word >> 7 & word >> 6 & word >> 5 & word >> 4);
		units += 8 - sum_bytes(word >> 7 & ~word >> 6) + four;
		*pairs += four;
	}
	for (; at < length; at++)
	{
		unsigned char byte = (unsigned char) text[at];

		units += (byte & 0xC0) != 0x80;
		units += byte >= 0xF0;
		*pairs += byte >= 0xF0;
	}
	return units;
}

/* Counts the rest of a body as UCS-2. */
static uint64_t
tally_ucs2(const char *body, size_t length, size_t at, void (*poll)(void),
		   uint64_t *pairs)
{
	uint64_t units = 0;

	while (at < length)
	{
		size_t stop = next_stop(body, length, at);

		units += count_ucs2(body + at, stop - at, pairs);
		at = stop;
		if (poll != NULL)
			poll();
	}
	return units;
}

/* Fills the parts one by one. */
static int64_t
fill_parts(const char *body, size_t length, const SegmentAlphabet *alphabet,
		   int64_t limit, void (*poll)(void))
{
	int64_t parts = 1;
	int64_t used = 0;
	size_t polled = 0;

	for (size_t at = 0; at < length;)
	{
		uint32_t code_point;
		int units;

		at += utf8_decode(body + at, length - at, &code_point);
		units = segment_units(alphabet, code_point);
		used += units;
		if (used > limit)
		{
			parts++;
			used = units;
		}
		if (at - polled >= POLL_BYTES && poll != NULL)
		{
			polled = at;
			poll();
		}
	}
	return parts;
}

/* Returns the encoding; a long body calls poll, unless NULL, now and then. */
SegmentEncoding
segment_encoding(const char *body, size_t length, void (*poll)(void))
{
	Gsm7Tally tally = {0};

	return tally_gsm7(body, length, poll, &tally) < length ? SEGMENT_UCS2 : SEGMENT_GSM7;
}

/* Counts by the default rules; a long body calls poll, unless NULL, now and then. */
void
segment_count_polled(const char *body, size_t length, void (*poll)(void),
					 SegmentCount *count)
{
	SegmentAlphabet alphabet = {SEGMENT_GSM7, 0, 0};
	Gsm7Tally tally = {0};
	size_t at = tally_gsm7(body, length, poll, &tally);
	uint64_t twos = tally.extended;
	int64_t units = (int64_t) (tally.characters + tally.extended);
	int64_t single = GSM7_SINGLE;
	int64_t limit = GSM7_MULTI;
	int64_t segments;

	if (at < length)
	{
		alphabet.encoding = SEGMENT_UCS2;
		twos = 0;
		/* what was read so far is of one code unit a character */
		units = (int64_t) (tally.characters + tally_ucs2(body, length, at, poll, &twos));
		single = UCS2_SINGLE;
		limit = UCS2_MULTI;
	}
	segments = (units + limit - 1) / limit;
	if (units <= single)
		segments = 1; /* an SMS without text is one, too */
	else if (twos > 0 && units + segments - 1 > segments * limit)
		segments = fill_parts(body, length, &alphabet, limit, poll);
	count->encoding = alphabet.encoding;
	count->segments = (int32_t) segments;
	count->units = units;
}

/* Counts by the default rules: 8 bit reference, no national table, no clusters. */
void
segment_count(const char *body, size_t length, SegmentCount *count)
{
	segment_count_polled(body, length, NULL, count);
}
