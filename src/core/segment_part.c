/*
 * segment_part.c: lists the parts of a body as a phone receives them. A part is filled
 * greedily; an escape sequence and a surrogate pair are never parted, a grapheme cluster
 * on request.
 */
#include "segment.h"

#include <unicode/ubrk.h>
#include <unicode/utf16.h>

#include "utf8.h"

/* Characters between two calls of poll. */
#define POLL_CHARACTERS 4096

/* A part and the character behind it, in UTF-16: at most 160 characters and a pair. */
#define WINDOW 164

/* Says whether two characters are so plain that a cluster ends between them. */
static bool
plain_border(uint32_t before, uint32_t after)
{
	/* combining marks begin at U+0300, what joins to the right far behind */
	return before < 0x300 && after < 0x300 && !(before == '\r' && after == '\n');
}

/* Returns the bytes of text that hold so many UTF-16 code units. */
static size_t
bytes_of_units(const char *text, size_t length, int32_t units)
{
	size_t at = 0;

	while (units > 0 && at < length)
	{
		uint32_t code_point;

		at += utf8_decode(text + at, length - at, &code_point);
		units -= code_point > 0xFFFF ? 2 : 1;
	}
	return at;
}

/*
 * Returns the last border of clusters up to end, where a full part that starts at start
 * ends; end itself if one cluster fills the part. The part is looked at by itself: it
 * starts at such a border, or within a cluster that is parted already.
 */
static size_t
cluster_end(const SegmentParts *parts, size_t start, size_t end)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar window[WINDOW];
	int32_t units = 0;
	int32_t border = 0;
	uint32_t before = 0;
	uint32_t code_point = 0;

	for (size_t at = start; at <= end;)
	{
		border = units;
		before = code_point;
		at += utf8_decode(parts->body + at, parts->length - at, &code_point);
		U16_APPEND_UNSAFE(window, units, code_point);
	}
	if (plain_border(before, code_point))
		return end;
	ubrk_setText(parts->clusters, window, units, &status);
	if (U_FAILURE(status) || ubrk_isBoundary(parts->clusters, border))
		return end;
	border = ubrk_preceding(parts->clusters, border);
	if (border <= 0)
		return end;
	return start + bytes_of_units(parts->body + start, end - start, border);
}

/* Adds up characters and units. */
static void
count_units(SegmentParts *parts, void (*poll)(void))
{
	for (size_t at = 0; at < parts->length;)
	{
		uint32_t code_point;

		at += utf8_decode(parts->body + at, parts->length - at, &code_point);
		parts->units += segment_units(&parts->alphabet, code_point);
		if (++parts->characters % POLL_CHARACTERS == 0 && poll != NULL)
			poll();
	}
}

/* Makes ready to list the parts of a body; needs a pass over it. */
void
segment_parts_begin(SegmentParts *parts, const char *body, size_t length,
					const SegmentOptions *options)
{
	SegmentParts fresh = {.body = body, .length = length};

	fresh.alphabet = segment_alphabet(body, length, options);
	fresh.clusters = options->keep_clusters ? options->clusters : NULL;
	count_units(&fresh, options->poll);
	fresh.limit = segment_limit(&fresh.alphabet, 0);
	if (fresh.units > fresh.limit)
		fresh.limit =
			segment_limit(&fresh.alphabet, options->reference_bits == 16 ? 16 : 8);
	*parts = fresh;
}

/* Returns the units of a stretch of the body. */
static int64_t
units_between(const SegmentParts *parts, size_t at, size_t end)
{
	int64_t units = 0;

	while (at < end)
	{
		uint32_t code_point;

		at += utf8_decode(parts->body + at, parts->length - at, &code_point);
		units += segment_units(&parts->alphabet, code_point);
	}
	return units;
}

/* Gives the next part; returns false if there is none. */
bool
segment_parts_next(SegmentParts *parts, SegmentPart *part)
{
	size_t start = parts->at;
	size_t end = start;
	int64_t used = 0;

	if (parts->started && start == parts->length)
		return false;
	parts->started = true;
	while (end < parts->length)
	{
		uint32_t code_point;
		size_t bytes = utf8_decode(parts->body + end, parts->length - end, &code_point);
		int units = segment_units(&parts->alphabet, code_point);

		if (used + units > parts->limit)
		{
			size_t full = end;

			if (parts->clusters != NULL)
				end = cluster_end(parts, start, full);
			if (end < full)
				used = units_between(parts, start, end);
			break;
		}
		used += units;
		end += bytes;
	}
	part->start = start;
	part->length = end - start;
	part->units = used;
	parts->at = end;
	return true;
}
