/* Parts, clusters, what forces UCS-2, and that long bodies can be interrupted. */
#include "tap.h"
#include "segment.h"

#include <setjmp.h>
#include <stdlib.h>
#include <unicode/ubrk.h>

#define FAMILY	  "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"
#define GRIN	  "\xF0\x9F\x98\x80"
#define GERMANY	  "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"
#define CEDILLA	  "\xC3\xA7"
#define ACUTE	  "\xCC\x81"
#define SIX(text) text text text text text text

static UBreakIterator *clusters;

/* Fills body with n times text and then last. */
static size_t
repeat(char *body, int n, const char *text, const char *last)
{
	char *end = body;

	for (int i = 0; i < n; i++)
		end += sprintf(end, "%s", text);
	end += sprintf(end, "%s", last);
	return (size_t) (end - body);
}

/* Compares the units of the parts, and that they are the body. */
static void
parts_are(int n, const char *text, const char *last, bool keep, const char *want,
		  const char *name)
{
	static char body[100000];
	char got[1000] = "";
	SegmentOptions options = {.keep_clusters = keep, .clusters = clusters};
	SegmentParts parts;
	SegmentPart part;
	size_t length = repeat(body, n, text, last);
	size_t at = 0;

	segment_parts_begin(&parts, body, length, &options);
	while (segment_parts_next(&parts, &part))
	{
		sprintf(got + strlen(got), "%s%lld", at > 0 ? " " : "", (long long) part.units);
		if (part.start != at)
			strcat(got, " gap");
		at += part.length;
	}
	if (at != length)
		strcat(got, " rest");
	is_str(got, want, name);
}

static void
test_parts(void)
{
	parts_are(0, "", "", false, "0", "an empty body is one empty part");
	parts_are(160, "a", "", false, "160", "a full single part");
	parts_are(161, "a", "", false, "153 8", "one more");
	parts_are(152, "a", "]aaaaaaaaa", false, "152 11", "an escape across the border");
	parts_are(66, "a", GRIN "zzz", false, "66 5", "a pair across the border");
	parts_are(30, FAMILY, "", false, "67 67 66 40", "families by code points");
	parts_are(30, FAMILY, "", true, "64 64 64 48", "families kept whole");
	parts_are(40, GERMANY, "", false, "66 66 28", "flags by code points");
	parts_are(40, GERMANY, "", true, "64 64 32", "flags kept whole, an even number");
	parts_are(1, "x", SIX(GERMANY) SIX(GERMANY) SIX(GERMANY), true, "65 8",
			  "flags behind a letter");
	parts_are(66, CEDILLA, "e" ACUTE "zzz", false, "67 4", "a mark by code points");
	parts_are(66, CEDILLA, "e" ACUTE "zzz", true, "66 5", "a mark stays with its letter");
	parts_are(152, "a", "\r\naaaaaaaa", false, "153 9", "CRLF by characters");
	parts_are(152, "a", "\r\naaaaaaaa", true, "152 10", "CRLF kept whole");
	parts_are(200, ACUTE, "", true, "67 67 66", "a cluster that fills parts");
	parts_are(1, "ab", SIX(SIX(ACUTE)) SIX(SIX(ACUTE)), true, "1 67 6",
			  "a longer one begins a part and is cut");
}

static void
forcing_is(const char *body, uint32_t languages, long long want_at, int want_count,
		   const char *name)
{
	SegmentOptions options = {.languages = languages};
	SegmentInfo info;
	size_t at = 0;
	int64_t characters = 0;
	uint32_t code_point;
	int count = 0;

	segment_measure(body, strlen(body), &options, &info);
	options.languages = info.forcing_languages;
	while (info.forcing_at > 0 && segment_forcing_next(body, strlen(body), &options, &at,
													   &characters, &code_point))
		count++;
	is_int(info.forcing_at, want_at, name);
	is_int(count, want_count, name);
}

static void
test_forcing(void)
{
	forcing_is("plain \xE2\x82\xAC\xC3\xA9", 0, 0, 0, "nothing forces");
	forcing_is("\xE2\x82\xAC\xC3\xA9" CEDILLA "x" GRIN, 0, 3, 2, "two force");
	forcing_is(CEDILLA "x" GRIN, 1u << 1, 3, 1, "Turkish has one of them");
	forcing_is("\xC4\x9F\xC3\xA3\xE0\xA6\x95", 1u << 1 | 1u << 3 | 1u << 4, 1, 3,
			   "each has a table, but no pair has all");
}

static int polls;
static jmp_buf interrupted;

static void
count_poll(void)
{
	polls++;
}

static void
interrupt(void)
{
	longjmp(interrupted, 1);
}

/* Each kind of long body is interrupted at least every 128 kB. */
static void
test_poll(const char *text, SegmentEncoding encoding, const char *name)
{
	static char body[1000001];
	SegmentOptions options = {.clusters = clusters, .poll = count_poll};
	SegmentCount count;
	SegmentCount polled;
	SegmentInfo info;
	size_t length = repeat(body, (int) (1000000 / strlen(text)), text, "");

	polls = 0;
	segment_count(body, length, &count);
	segment_count_polled(body, length, count_poll, &polled);
	ok(polls >= 8 && polled.segments == count.segments, name);
	is_int(polled.encoding, encoding, name);
	segment_measure(body, length, &options, &info);
	is_int(info.segments, count.segments, name);
	options.poll = interrupt;
	if (setjmp(interrupted) == 0)
	{
		segment_measure(body, length, &options, &info);
		ok(false, name);
	}
	else
		ok(true, name);
}

int
main(void)
{
	UErrorCode status = U_ZERO_ERROR;

	clusters = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &status);
	if (U_FAILURE(status))
		return 1;
	test_parts();
	test_forcing();
	test_poll("a", SEGMENT_GSM7, "a long run of ASCII");
	test_poll("\xC3\xA9", SEGMENT_GSM7, "a long run of accents");
	test_poll("{", SEGMENT_GSM7, "a long run of escapes");
	test_poll("\xE2\x82\xAC", SEGMENT_GSM7, "a long run of euro signs");
	test_poll("\xE6\xBC\xA2", SEGMENT_UCS2, "a long run of Han");
	test_poll(GRIN, SEGMENT_UCS2, "a long run of pairs");
	test_poll(ACUTE, SEGMENT_UCS2, "one long cluster");
	ubrk_close(clusters);
	return done_testing();
}
