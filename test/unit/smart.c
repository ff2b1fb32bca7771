/* Smart encoding, replacement by replacement. */
#include "tap.h"
#include "smart.h"
#include "gsm7.h"
#include "smart_table.h"
#include "utf8.h"

/* Puts the pieces together; the original where that is impossible. */
static const char *
encode(const char *body, const SmartOptions *options)
{
	static char text[1000];
	SmartScan scan;
	SmartPiece piece;
	SmartStep step;
	size_t length = 0;

	smart_begin(&scan, body, strlen(body), options);
	while ((step = smart_next(&scan, &piece)) <= SMART_REPLACED)
	{
		memcpy(text + length, piece.text, piece.text_length);
		length += piece.text_length;
	}
	text[length] = '\0';
	return step == SMART_END ? text : body;
}

static void
becomes(const char *body, const char *want)
{
	SmartOptions options = {0};

	is_str(encode(body, &options), want, want);
}

static void
stays(const char *body, const char *name)
{
	SmartOptions options = {0};

	is_str(encode(body, &options), body, name);
}

static void
folds(const char *body, const char *want)
{
	SmartOptions options = {.fold_accents = true, .greek = true};

	is_str(encode(body, &options), want, want);
}

/* Every replacement is GSM-7, and no combining mark has one. */
static void
test_table(void)
{
	int errors = 0;

	for (uint32_t c = 1; c < 0x10000; c++)
	{
		const char *texts[] = {smart_typography(c), smart_letter(c), smart_greek(c)};

		for (int i = 0; i < 3; i++)
		{
			if (texts[i] == NULL)
				continue;
			errors += gsm7_septets(c) != 0 || (c >= 0x300 && c <= 0x36F);
			for (const char *at = texts[i]; *at != '\0'; at++)
				errors += gsm7_septets((unsigned char) *at) == 0;
		}
	}
	is_int(errors, 0, "what stands for a character is GSM-7");
}

static void
test_protected(void)
{
	/* “https://x.de/a” “b” */
	const char *body = "\xE2\x80\x9Chttps://x.de/a\xE2\x80\x9D \xE2\x80\x9C"
					   "b";
	SmartRange range = {3, 14};
	SmartOptions options = {.ranges = &range, .range_count = 1};

	is_str(encode(body, &options), "\"https://x.de/a\" \"b", "around a link");
	range.length = 17;
	is_str(encode(body, &options), body, "a sign within a link stays, and so the body");
	/* e and U+0301, parted by the end of a range */
	body = "e\xCC\x81";
	range.start = 0;
	range.length = 1;
	is_str(encode(body, &options), body, "nothing composes with a link");
}

/* A long body is read in pieces; none ends between a letter and its accent. */
static void
test_long(void)
{
	static char body[70000];
	int errors = 0;

	for (size_t at = 65530; at < 65545; at++)
	{
		SmartOptions options = {0};
		SmartScan scan;
		SmartPiece piece;
		size_t length = 0;
		size_t replaced = 0;

		memset(body, 'x', sizeof(body));
		memcpy(body + at, "e\xCC\x81\xE2\x80\x99", 6);
		smart_begin(&scan, body, sizeof(body), &options);
		while (smart_next(&scan, &piece) <= SMART_REPLACED)
		{
			length += piece.text_length;
			replaced += piece.text_length != piece.length;
		}
		/* é takes two bytes for three, ' one for three */
		errors += length != sizeof(body) - 3 || replaced != 2;
	}
	is_int(errors, 0, "a long body is replaced as a short one is");
}

int
main(void)
{
	test_table();
	becomes("", "");
	becomes("plain {\xE2\x82\xAC}", "plain {\xE2\x82\xAC}");
	becomes("\xE2\x80\x9Cit\xE2\x80\x99s\xE2\x80\x9D", "\"it's\"");
	becomes("a\xE2\x80\x93"
			"b\xE2\x80\x94"
			"c\xE2\x88\x92"
			"d",
			"a-b-c-d");
	becomes("so\xE2\x80\xA6", "so...");
	/* NBSP, thin space, ideographic space, tab: one space each */
	becomes("a\xC2\xA0"
			"b\xE2\x80\x89"
			"c\xE3\x80\x80"
			"d\te",
			"a b c d e");
	/* soft hyphen, ZWSP, ZWJ, BOM, left-to-right mark, U+FE0F: nothing */
	becomes("a\xC2\xAD"
			"b\xE2\x80\x8B"
			"c\xE2\x80\x8D"
			"d\xEF\xBB\xBF"
			"e\xE2\x80\x8E"
			"f\xEF\xB8\x8F",
			"abcdef");
	becomes("3\xC2\xBD and \xC2\xBC", "3 1/2 and 1/4");
	becomes("20\xC2\xB0"
			"C, n\xC2\xB0 5",
			"20degC, no 5");
	/* full-width, ligature, styled: by their compatibility decompositions */
	becomes("\xEF\xBC\xA8\xEF\xBD\x89\xEF\xBC\x81", "Hi!");
	becomes("\xEF\xAC\x81n, \xC4\xB3s", "fin, ijs");
	becomes("\xF0\x9D\x90\x81", "B");
	/* NFC alone: e and acute, n and tilde, Ohm and Angstrom signs */
	becomes("e\xCC\x81n\xCC\x83 \xE2\x84\xA6\xE2\x84\xAB",
			"\xC3\xA9\xC3\xB1 \xCE\xA9\xC3\x85");
	stays("q\xCC\x83", "a tilde that composes with nothing is no ~");
	stays("\xE2\x80\x9C\xF0\x9F\x98\x80", "all or nothing");
	stays("\xC3\xA7", "accents stay");
	stays("\xCE\x91", "Greek stays");
	stays("m\xC2\xB2", "a square stays");
	stays("\xE2\x80", "an invalid byte stays");
	folds("\xC5\x81\xC3\xB3"
		  "d\xC5\xBA, gar\xC3\xA7on",
		  "Lodz, garcon");
	/* only as many marks as it takes: ǟ is ä, ế is e; é is GSM-7 */
	folds("\xC7\x9F \xE1\xBA\xBF \xC3\xA9", "\xC3\xA4 e \xC3\xA9");
	folds("q\xCC\x83", "q");
	folds("e\xCC\x82\xCC\x81\xCC\xA3", "e");
	folds("\xE2\x89\xAE", "\xE2\x89\xAE");
	folds("<\xCC\xB7", "<\xCC\xB7");
	folds("\xCE\x86\xCE\xA9\xCE\x8F", "A\xCE\xA9\xCE\xA9");
	test_protected();
	test_long();
	return done_testing();
}
