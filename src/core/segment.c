/*
 * segment.c: counts the segments of a body by the default rules, in one pass: the hot path.
 *
 * Packing is greedy and exact. A division does for a run of characters of one unit; a
 * character of two (an escape sequence, a surrogate pair) never lies across a border, so it
 * is placed by itself.
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

typedef struct Scan
{
	const char *body;
	size_t length;
	size_t at;
	int64_t characters;
	int64_t twos; /* characters of two units */
	/* the packing: what a part takes, parts that are full, units in the last */
	int64_t limit;
	int64_t full;
	int64_t used;
} Scan;

const char *
segment_encoding_name(SegmentEncoding encoding)
{
	return encoding == SEGMENT_GSM7 ? "GSM-7" : "UCS-2";
}

/* Packs n characters of one unit each. */
static inline void
pack_ones(Scan *scan, size_t n)
{
	scan->characters += (int64_t) n;
	scan->used += (int64_t) n;
	if (scan->used > scan->limit)
	{
		scan->full += (scan->used - 1) / scan->limit;
		scan->used = (scan->used - 1) % scan->limit + 1;
	}
}

/* Packs one character of two units. */
static inline void
pack_two(Scan *scan)
{
	scan->characters++;
	scan->twos++;
	scan->used += 2;
	if (scan->used > scan->limit)
	{
		scan->full++;
		scan->used = 2;
	}
}

/* Returns the bytes of a leading run of ASCII. */
static size_t
ascii_run(const char *text, size_t length)
{
	size_t n = 0;
	uint64_t word;

	for (; length - n >= sizeof(word); n += sizeof(word))
	{
		memcpy(&word, text + n, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (n < length && (unsigned char) text[n] < 0x80)
		n++;
	return n;
}

/* Packs septets up to stop; returns false at a character outside the alphabet. */
static bool
scan_gsm7(Scan *scan, size_t stop)
{
	while (scan->at < stop)
	{
		size_t run = gsm7_plain_run(scan->body + scan->at, stop - scan->at);

		pack_ones(scan, run);
		scan->at += run;
		/* accents and escapes often come together */
		while (scan->at < stop)
		{
			uint32_t code_point;
			size_t bytes = utf8_decode(scan->body + scan->at, scan->length - scan->at,
									   &code_point);
			int septets = gsm7_septets(code_point);

			if (septets == 0)
				return false;
			if (septets == 1)
				pack_ones(scan, 1);
			else
				pack_two(scan);
			scan->at += bytes;
			if (septets == 1 && bytes == 1)
				break;
		}
	}
	return true;
}

/* Packs UTF-16 code units up to stop. */
static void
scan_ucs2(Scan *scan, size_t stop)
{
	while (scan->at < stop)
	{
		size_t ones = ascii_run(scan->body + scan->at, stop - scan->at);

		scan->at += ones;
		while (scan->at < stop && (unsigned char) scan->body[scan->at] >= 0x80)
		{
			uint32_t code_point;

			scan->at += utf8_decode(scan->body + scan->at, scan->length - scan->at,
									&code_point);
			if (code_point <= 0xFFFF)
				ones++;
			else
			{
				pack_ones(scan, ones);
				pack_two(scan);
				ones = 0;
			}
		}
		pack_ones(scan, ones);
	}
}

/* Packs anew, as UCS-2, what was read: all of it is of one code unit. */
static void
begin_ucs2(Scan *scan)
{
	size_t read = (size_t) scan->characters;

	scan->limit = UCS2_MULTI;
	scan->characters = scan->twos = scan->full = scan->used = 0;
	pack_ones(scan, read);
}

/* Returns where to stop reading for a call of poll. */
static inline size_t
next_stop(const Scan *scan)
{
	return scan->length - scan->at > POLL_BYTES ? scan->at + POLL_BYTES : scan->length;
}

/* Returns the encoding; a long body calls poll, unless NULL, now and then. */
SegmentEncoding
segment_encoding(const char *body, size_t length, void (*poll)(void))
{
	Scan scan = {.body = body, .length = length, .limit = GSM7_MULTI};

	while (scan.at < length)
	{
		if (!scan_gsm7(&scan, next_stop(&scan)))
			return SEGMENT_UCS2;
		if (poll != NULL)
			poll();
	}
	return SEGMENT_GSM7;
}

/* Counts by the default rules; a long body calls poll, unless NULL, now and then. */
void
segment_count_polled(const char *body, size_t length, void (*poll)(void),
					 SegmentCount *count)
{
	Scan scan = {.body = body, .length = length, .limit = GSM7_MULTI};
	int64_t single = GSM7_SINGLE;

	count->encoding = SEGMENT_GSM7;
	while (scan.at < length)
	{
		size_t stop = next_stop(&scan);

		if (count->encoding == SEGMENT_UCS2)
			scan_ucs2(&scan, stop);
		else if (!scan_gsm7(&scan, stop))
		{
			count->encoding = SEGMENT_UCS2;
			single = UCS2_SINGLE;
			begin_ucs2(&scan);
			continue;
		}
		if (poll != NULL)
			poll();
	}
	count->units = scan.characters + scan.twos;
	/* an SMS without text is one SMS */
	count->segments = count->units <= single ? 1 : (int32_t) (scan.full + 1);
}

/* Counts by the default rules: no reference of 16 bits, no national table, no clusters. */
void
segment_count(const char *body, size_t length, SegmentCount *count)
{
	segment_count_polled(body, length, NULL, count);
}
