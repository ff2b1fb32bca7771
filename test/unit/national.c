/* National tables: their form, and the capacities and pairs they lead to. */
#include "tap.h"
#include "national.h"
#include "segment.h"
#include "utf8.h"

#define TURKISH	   (1u << 1)
#define SPANISH	   (1u << 2)
#define PORTUGUESE (1u << 3)

/* Says whether a table has a character. */
static bool
has(const uint16_t *table, uint32_t code_point)
{
	for (int i = 0; i < NATIONAL_TABLE_SIZE; i++)
		if (table[i] == code_point)
			return true;
	return false;
}

/* What each table of the standard has, whatever the language. */
static void
test_form(void)
{
	int errors = 0;

	for (int i = 1; i < NATIONAL_LANGUAGES; i++)
	{
		const uint16_t *locking = national_languages[i].locking;
		const uint16_t *single = national_languages[i].single;

		errors += national_find(national_languages[i].code, 2) != i;
		errors += single[0x1B] != GSM7_NONE || single[0x0D] != GSM7_NONE;
		for (int j = 0; j < GSM7_EXTENSION_SIZE; j++)
			errors += single[gsm7_extension[j].code] != gsm7_extension[j].code_point;
		if (locking == NULL)
			continue;
		errors += locking[0x1B] != GSM7_NONE;
		errors += locking[0x0A] != '\n' || locking[0x0D] != '\r' || locking[0x20] != ' ';
		for (uint32_t c = '0'; c <= '9'; c++)
			errors += locking[c] != c;
		for (uint32_t c = 'a'; c <= 'z'; c++)
			errors += locking[c] != c;
		/* what a locking table lacks of ASCII's capitals, its single shift table has */
		for (uint32_t c = 'A'; c <= 'Z'; c++)
			errors += !has(locking, c) && !has(single, c);
	}
	is_int(errors, 0, "every table has what all have");
	is_int(national_find("de", 2), 0, "no table for German");
	is_int(national_find("t", 1), 0, "no table for a language cut short");
}

/* No character stands twice in a table; but the inverted mark, in the Indic ones. */
static void
test_distinct(void)
{
	int errors = 0;

	for (int i = 1; i < NATIONAL_LANGUAGES; i++)
		for (int t = 0; t < 2; t++)
		{
			const uint16_t *table =
				t == 0 ? national_languages[i].locking : national_languages[i].single;

			for (int a = 0; table != NULL && a < NATIONAL_TABLE_SIZE; a++)
				for (int b = a + 1; b < NATIONAL_TABLE_SIZE; b++)
					if (table[a] == table[b] && table[a] != GSM7_NONE &&
						table[a] != 0xA1 && table[a] != '*')
						errors++;
		}
	is_int(errors, 0, "no character stands twice in a table");
}

static void
limit_is(uint8_t locking, uint8_t single, int bits, int want, const char *name)
{
	SegmentAlphabet alphabet = {SEGMENT_GSM7, locking, single};

	is_int(segment_limit(&alphabet, bits), want, name);
}

/* TS 23.040's arithmetic: 160 less the header's octets in septets. */
static void
test_limits(void)
{
	SegmentAlphabet ucs2 = {SEGMENT_UCS2, 0, 0};

	limit_is(0, 0, 0, 160, "single");
	limit_is(0, 0, 8, 153, "8 bit reference");
	limit_is(0, 0, 16, 152, "16 bit reference");
	limit_is(0, 1, 0, 155, "single, one shift");
	limit_is(1, 0, 8, 149, "8 bit reference, one shift");
	limit_is(0, 3, 16, 148, "16 bit reference, one shift");
	limit_is(1, 1, 0, 152, "single, both shifts");
	limit_is(3, 1, 8, 146, "8 bit reference, both shifts");
	limit_is(1, 3, 16, 145, "16 bit reference, both shifts");
	is_int(segment_limit(&ucs2, 0), 70, "UCS-2 single");
	is_int(segment_limit(&ucs2, 8), 67, "UCS-2, 8 bit reference");
	is_int(segment_limit(&ucs2, 16), 66, "UCS-2, 16 bit reference");
}

static void
pair_is(const char *body, uint32_t languages, const char *want)
{
	SegmentOptions options = {.languages = languages};
	SegmentInfo info;
	char got[100];

	segment_measure(body, strlen(body), &options, &info);
	sprintf(got, "%s %d/%d %d %lld", segment_encoding_name(info.alphabet.encoding),
			info.alphabet.locking, info.alphabet.single, info.segments,
			(long long) info.units);
	is_str(got, want, body);
}

static void
test_pairs(void)
{
	char letters[201] = "";

	/* the default alphabet has it all */
	pair_is("plain", TURKISH, "GSM-7 0/0 1 5");
	/* one header either way; a locking table spares the escapes */
	pair_is("\xC5\x9F", TURKISH, "GSM-7 1/0 1 1");
	/* in UCS-2 but for the language */
	pair_is("\xC5\x9F", 0, "UCS-2 0/0 1 1");
	pair_is("\xC5\x9F", SPANISH | PORTUGUESE, "UCS-2 0/0 1 1");
	/* Spanish has a single shift table only */
	pair_is("\xC3\xA1", SPANISH, "GSM-7 0/2 1 2");
	pair_is("\xC3\xA1", SPANISH | PORTUGUESE, "GSM-7 3/0 1 1");
	/* one language's locking table with another's single shift table */
	pair_is("\xC5\x9F\xC3\xA3", TURKISH | PORTUGUESE, "GSM-7 1/3 1 3");
	/* one segment, though Portuguese locking would leave more free in the last of two */
	for (int i = 0; i < 100; i++)
		strcat(letters, "\xC4\x9F");
	pair_is(letters, TURKISH | PORTUGUESE, "GSM-7 1/0 1 100");
	/* no pair has all three */
	pair_is("\xC5\x9F\xC3\xA3\xE0\xA6\x95", TURKISH | PORTUGUESE | 1u << 4,
			"UCS-2 0/0 1 3");
}

int
main(void)
{
	test_form();
	test_distinct();
	test_limits();
	test_pairs();
	return done_testing();
}
