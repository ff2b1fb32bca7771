/* Segments on both sides of every limit, and the alphabet as the standard prints it. */
#include "tap.h"
#include "gsm7.h"
#include "segment.h"
#include "utf8.h"

/* Looks a character up where the standard lists it. */
static int
septets_by_table(uint32_t code_point)
{
	for (int i = 0; i < GSM7_ALPHABET_SIZE; i++)
		if (gsm7_alphabet[i] == code_point && code_point != GSM7_NONE)
			return 1;
	for (int i = 0; i < GSM7_EXTENSION_SIZE; i++)
		if (gsm7_extension[i].code_point == code_point)
			return 2;
	return 0;
}

static void
test_alphabet(void)
{
	int differences = 0;
	int counts[3] = {0, 0, 0};

	for (uint32_t c = 0; c <= 0x10FFFF; c++)
	{
		differences += gsm7_septets(c) != septets_by_table(c);
		counts[gsm7_septets(c)]++;
	}
	is_int(differences, 0, "both forms of the alphabet agree");
	is_int(counts[1], 127, "127 characters take one septet");
	is_int(counts[2], 10, "10 characters take two");
}

/* Reads character by character, as the tables say. */
static size_t
slow_scan(const char *text, size_t length, Gsm7Tally *tally)
{
	size_t at = 0;

	while (at < length)
	{
		uint32_t code_point;
		size_t bytes = utf8_decode(text + at, length - at, &code_point);
		int septets = septets_by_table(code_point);

		if (septets == 0)
			break;
		tally->characters++;
		tally->extended += septets == 2;
		at += bytes;
	}
	return at;
}

static int
scan_differs(const char *text, size_t length)
{
	Gsm7Tally got = {1, 2};
	Gsm7Tally want = {1, 2};

	return gsm7_scan(text, length, &got) != slow_scan(text, length, &want) ||
		   got.characters != want.characters || got.extended != want.extended;
}

/* Puts each byte, and pairs of characters, at a place of a text. */
static int
scans_differ(size_t length, size_t at)
{
	static const char *const characters[] = {
		"\xC3\xA4", "\xC3\xA7", "\xCE\xA9", "\xE2\x82\xAC", "\xE2\x82\xAD", "{}", "\xC3"};
	char text[160];
	int differences = 0;

	for (int byte = 0; byte < 256; byte++)
	{
		memset(text, 'x', sizeof(text));
		text[at] = (char) byte;
		differences += scan_differs(text, length);
	}
	for (int i = 0; i < 7; i++)
		for (int j = 0; j < 7; j++)
		{
			size_t bytes = strlen(characters[i]);

			memset(text, 'x', sizeof(text));
			memcpy(text + at, characters[i], bytes);
			memcpy(text + at + bytes, characters[j], strlen(characters[j]));
			differences += scan_differs(text, length);
		}
	return differences;
}

/* Short texts, cut at any place, and long ones, across the border of what is read at
 * once. */
static void
test_scan(void)
{
	int differences = 0;

	for (size_t length = 0; length <= 50; length++)
		for (size_t at = 0; at < length; at++)
			differences += scans_differ(length, at);
	for (size_t at = 50; at < 150; at++)
		differences += scans_differ(150, at);
	is_int(differences, 0, "a scan reads what the tables say");
}

/* Fills body with n times text and then last; returns its length. */
static size_t
repeat(char *body, int n, const char *text, const char *last)
{
	char *end = body;

	for (int i = 0; i < n; i++)
		end += sprintf(end, "%s", text);
	end += sprintf(end, "%s", last);
	return (size_t) (end - body);
}

static void
count_is(int n, const char *text, const char *last, const char *want)
{
	static char body[100000];
	char got[100];
	char name[100];
	size_t length = repeat(body, n, text, last);
	SegmentCount count;

	segment_count(body, length, &count);
	sprintf(got, "%s %d %lld", segment_encoding_name(count.encoding), count.segments,
			(long long) count.units);
	sprintf(name, "%d x '%s' and '%s'", n, text, last);
	is_str(got, want, name);
}

int
main(void)
{
	test_alphabet();
	test_scan();

	count_is(0, "", "", "GSM-7 1 0");
	count_is(160, "a", "", "GSM-7 1 160");
	count_is(161, "a", "", "GSM-7 2 161");
	count_is(306, "a", "", "GSM-7 2 306");
	count_is(307, "a", "", "GSM-7 3 307");
	count_is(80, "]", "", "GSM-7 1 160");
	count_is(80, "]", "a", "GSM-7 2 161");
	/* 76 brackets fill 152 of a part's 153 septets */
	count_is(152, "]", "", "GSM-7 2 304");
	count_is(152, "]", "a", "GSM-7 2 305");
	count_is(153, "]", "", "GSM-7 3 306");
	count_is(152, "a", "]aaaaaaaaa", "GSM-7 2 163");
	count_is(70, "\xC3\xA7", "", "UCS-2 1 70");
	count_is(71, "\xC3\xA7", "", "UCS-2 2 71");
	count_is(134, "\xC3\xA7", "", "UCS-2 2 134");
	count_is(135, "\xC3\xA7", "", "UCS-2 3 135");
	count_is(35, "\xF0\x9F\x98\x80", "", "UCS-2 1 70");
	count_is(36, "\xF0\x9F\x98\x80", "", "UCS-2 2 72");
	/* 33 pairs fill 66 of a part's 67 units */
	count_is(66, "\xF0\x9F\x98\x80", "", "UCS-2 2 132");
	count_is(67, "\xF0\x9F\x98\x80", "", "UCS-2 3 134");
	/* what was read as septets counts anew, an escaped character once */
	count_is(69, "]", "\xC3\xA7", "UCS-2 1 70");
	count_is(70, "]", "\xC3\xA7", "UCS-2 2 71");
	count_is(66, "a", "\xF0\x9F\x98\x80zzz", "UCS-2 2 71");
	return done_testing();
}
