/*
 * segment_measure.c: all that can be known of a body's segments. Slower than
 * segment_count, which it must agree with.
 */
#include "segment.h"

#include "gsm7.h"
#include "national.h"
#include "utf8.h"

/* How much is read between two calls of poll. */
#define POLL_BYTES ((size_t) 1 << 16)

/*
 * Finds the next character that forces UCS-2 from *at on, and moves *at behind it, adding
 * to *characters what was read; returns false at the end.
 */
bool
segment_forcing_next(const char *body, size_t length, const SegmentOptions *options,
					 size_t *at, int64_t *characters, uint32_t *code_point)
{
	size_t polled = *at;

	while (*at < length)
	{
		size_t stop = length - *at > POLL_BYTES ? *at + POLL_BYTES : length;
		Gsm7Tally tally = {0};
		uint32_t locking;
		uint32_t single;

		*at += gsm7_scan(body + *at, stop - *at, &tally);
		*characters += (int64_t) tally.characters;
		if (*at - polled >= POLL_BYTES && options->poll != NULL)
		{
			polled = *at;
			options->poll();
		}
		if (*at == stop)
			continue;
		*at += utf8_decode(body + *at, length - *at, code_point);
		++*characters;
		national_find_tables(options->languages, *code_point, &locking, &single);
		if ((locking | single) == 0)
			return true;
	}
	return false;
}

/* Finds the first character that forces UCS-2. */
static void
find_forcing(const char *body, size_t length, const SegmentOptions *options,
			 SegmentInfo *info)
{
	SegmentOptions none = {.poll = options->poll};
	uint32_t code_point;
	size_t at = 0;
	int64_t characters = 0;

	info->forcing_at = 0;
	info->forcing_languages = options->languages;
	if (info->alphabet.encoding != SEGMENT_UCS2)
		return;
	if (!segment_forcing_next(body, length, options, &at, &characters, &code_point))
	{
		/* each character has a table, but no pair of tables has them all */
		info->forcing_languages = 0;
		at = 0;
		characters = 0;
		segment_forcing_next(body, length, &none, &at, &characters, &code_point);
	}
	info->forcing_at = characters;
}

/* Runs through all parts; sets the number of segments, and the last one's units. */
static int32_t
count_parts(const char *body, size_t length, const SegmentOptions *options,
			SegmentParts *parts, int64_t *last)
{
	SegmentPart part;
	int32_t segments = 0;

	segment_parts_begin(parts, body, length, options);
	while (segment_parts_next(parts, &part))
	{
		segments++;
		*last = part.units;
		if (options->poll != NULL)
			options->poll();
	}
	return segments;
}

/* Measures a body. */
void
segment_measure(const char *body, size_t length, const SegmentOptions *options,
				SegmentInfo *info)
{
	SegmentOptions whole = *options;
	SegmentParts parts;
	int64_t last = 0;

	info->segments = count_parts(body, length, options, &parts, &last);
	info->alphabet = parts.alphabet;
	info->units = parts.units;
	info->unit_limit = parts.limit;
	info->units_left = parts.limit - last;
	info->characters = parts.characters;
	info->cluster_segments = info->segments;
	find_forcing(body, length, options, info);
	if (options->clusters != NULL && !options->keep_clusters && info->segments > 1)
	{
		whole.keep_clusters = true;
		info->cluster_segments = count_parts(body, length, &whole, &parts, &last);
	}
}
