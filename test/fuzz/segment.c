/*
 * Encodings, segments, parts and smart encoding of any bytes: nothing is read out of
 * bounds, the parts are the body, and what smart encoding puts out is GSM-7. Of UTF-8,
 * the fast count is the measured one. The first four bytes choose the options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ubrk.h>

#include "national.h"
#include "segment.h"
#include "smart.h"
#include "utf8.h"

#define HEAD	   4
#define RANGES_MAX 8

#define CHECK(condition)                                                                 \
	do                                                                                   \
	{                                                                                    \
		if (!(condition))                                                                \
		{                                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);              \
			abort();                                                                     \
		}                                                                                \
	} while (0)

static UBreakIterator *
clusters(void)
{
	static UBreakIterator *iterator;
	UErrorCode status = U_ZERO_ERROR;

	if (iterator == NULL)
		iterator = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &status);
	CHECK(U_SUCCESS(status));
	return iterator;
}

static void
poll(void)
{
}

static int64_t
units_of(const SegmentAlphabet *alphabet, const char *text, size_t length)
{
	int64_t units = 0;

	for (size_t at = 0; at < length;)
	{
		uint32_t code_point;
		int cost;

		at += utf8_decode(text + at, length - at, &code_point);
		cost = segment_units(alphabet, code_point);
		CHECK(cost == 1 || cost == 2);
		units += cost;
	}
	return units;
}

/* Lists the parts and holds them against what was measured. */
static void
check_parts(const char *body, size_t length, const SegmentOptions *options,
			const SegmentInfo *info)
{
	SegmentParts parts;
	SegmentPart part;
	size_t at = 0;
	int64_t units = 0;
	int32_t segments = 0;

	segment_parts_begin(&parts, body, length, options);
	while (segment_parts_next(&parts, &part))
	{
		segments++;
		CHECK(part.start == at);
		CHECK(part.length > 0 || length == 0);
		CHECK(part.units <= info->unit_limit);
		/* had a character been cut, its halves would cost more */
		CHECK(part.units == units_of(&info->alphabet, body + at, part.length));
		at += part.length;
		units += part.units;
	}
	CHECK(at == length);
	CHECK(units == info->units);
	CHECK(segments == info->segments);
}

/* Makes UTF-8 of any bytes. */
static void
clean(char *text, size_t length)
{
	for (size_t at = 0; at < length;)
	{
		uint32_t code_point;
		char bytes[4];
		size_t n = utf8_decode(text + at, length - at, &code_point);

		if (utf8_encode(code_point, bytes) != n)
			text[at] = '?';
		at += n;
	}
}

/* Holds the fast count against the measured one. */
static void
check_count(const char *body, size_t length, bool utf8)
{
	SegmentOptions options = {.clusters = clusters(), .poll = poll};
	SegmentCount count;
	SegmentInfo info;

	segment_count(body, length, &count);
	CHECK(count.encoding == segment_encoding(body, length, NULL));
	segment_measure(body, length, &options, &info);
	CHECK(info.alphabet.encoding == count.encoding);
	if (utf8)
	{
		CHECK(info.segments == count.segments);
		CHECK(info.units == count.units);
	}
	CHECK(info.cluster_segments >= info.segments);
	CHECK((info.forcing_at > 0) == (count.encoding == SEGMENT_UCS2));
}

/* Holds the parts against what was measured, by all the options. */
static void
check_options(const char *body, size_t length, const uint8_t *head)
{
	SegmentOptions options = {.reference_bits = head[0] & 1 ? 16 : 8,
							  .keep_clusters = (head[0] & 2) != 0,
							  .languages = (1u << head[1] % NATIONAL_LANGUAGES |
											1u << head[2] % NATIONAL_LANGUAGES) &
										   ~1u,
							  .clusters = clusters(),
							  .poll = poll};
	SegmentInfo info;

	segment_measure(body, length, &options, &info);
	check_parts(body, length, &options, &info);
}

/* Protects from each h to the next space. */
static size_t
find_ranges(const char *body, size_t length, SmartRange *ranges)
{
	size_t count = 0;

	for (size_t at = 0; at < length && count < RANGES_MAX; at++)
		if (body[at] == 'h')
		{
			ranges[count].start = at;
			while (at < length && body[at] != ' ')
				at++;
			ranges[count].length = at - ranges[count].start;
			count++;
		}
	return count;
}

static void
check_smart(const char *body, size_t length, const uint8_t *head)
{
	SmartRange ranges[RANGES_MAX];
	SmartOptions options = {.fold_accents = (head[3] & 1) != 0,
							.greek = (head[3] & 2) != 0,
							.ranges = ranges};
	SmartScan scan;
	SmartPiece piece;
	SmartStep step;
	size_t at = 0;

	if (head[3] & 4)
		options.range_count = find_ranges(body, length, ranges);
	smart_begin(&scan, body, length, &options);
	while ((step = smart_next(&scan, &piece)) <= SMART_REPLACED)
	{
		SegmentAlphabet gsm7 = {SEGMENT_GSM7, 0, 0};

		CHECK(piece.start == at && piece.length > 0);
		at += piece.length;
		units_of(&gsm7, piece.text, piece.text_length);
		for (size_t i = 0; i < options.range_count && step == SMART_REPLACED; i++)
			CHECK(at <= ranges[i].start ||
				  piece.start >= ranges[i].start + ranges[i].length);
	}
	CHECK(step == SMART_IMPOSSIBLE || at == length);
	if (segment_encoding(body, length, NULL) == SEGMENT_GSM7)
		CHECK(step == SMART_END);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *body;
	bool utf8;

	if (size < HEAD)
		return 0;
	utf8 = (data[3] & 8) == 0;
	/* a copy of its own, so that the sanitizer sees its end */
	body = malloc(size - HEAD + 1);
	CHECK(body != NULL);
	memcpy(body, data + HEAD, size - HEAD);
	if (utf8)
		clean(body, size - HEAD);
	check_count(body, size - HEAD, utf8);
	check_options(body, size - HEAD, data);
	check_smart(body, size - HEAD, data);
	free(body);
	return 0;
}
