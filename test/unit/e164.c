/* Recipients: punctuation, 00, trunk zero by country, (0), identifiers, what is invalid.
 */
#include "tap.h"
#include "e164.h"

#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *text;
	const char *calling_code;
	E164Status status;
	const char *written;
} cases[] = {
	{"+4915112345678", "", E164_NUMBER, "+4915112345678"},
	{"+49 151 123-456.78", "", E164_NUMBER, "+4915112345678"},
	{"+49 (0) 151 / 12345678", "", E164_NUMBER, "+4915112345678"},
	{"0049 (0)151 12345678", "", E164_NUMBER, "+4915112345678"},
	{"004915112345678", "49", E164_NUMBER, "+4915112345678"},
	{"tel:+4915112345678", "", E164_NUMBER, "+4915112345678"},
	{"\xE2\x80\xAA+49\xC2\xA0"
	 "151\xE2\x80\x91"
	 "12345678\xE2\x80\xAC",
	 "", E164_NUMBER, "+4915112345678"},
	{"0151 12345678", "49", E164_NUMBER, "+4915112345678"},
	{"(0151) 12345678", "49", E164_NUMBER, "+4915112345678"},
	{"4915112345678", "49", E164_NUMBER, "+4915112345678"},
	{"4915112345678", "", E164_IDENTIFIER, "4915112345678"},
	{"0151 12345678", "", E164_INVALID, "0151 12345678"},
	{"(212) 555-1234", "1", E164_NUMBER, "+12125551234"},
	{"1-212-555-1234", "1", E164_NUMBER, "+12125551234"},
	{"612345678", "34", E164_NUMBER, "+34612345678"},
	{"06 20 123 4567", "36", E164_NUMBER, "+36201234567"},
	{"06 1234 5678", "39", E164_NUMBER, "+390612345678"},
	{"06 123456", "39", E164_NUMBER, "+3906123456"},
	{"392 123 4567", "39", E164_NUMBER, "+393921234567"},
	{"39 392 123 4567", "39", E164_NUMBER, "+393921234567"},
	{"39 06 1234 5678", "39", E164_NUMBER, "+390612345678"},
	{"91987 65432", "91", E164_NUMBER, "+919198765432"},
	{"98123 45678", "91", E164_NUMBER, "+919812345678"},
	{"091987 65432", "91", E164_NUMBER, "+919198765432"},
	{"91 91987 65432", "91", E164_NUMBER, "+919198765432"},
	{"(55) 99123-4567", "55", E164_NUMBER, "+5555991234567"},
	{"(055) 99123-4567", "55", E164_NUMBER, "+5555991234567"},
	{"(011) 3123-4567", "55", E164_NUMBER, "+551131234567"},
	{"55 55 99123-4567", "55", E164_NUMBER, "+5555991234567"},
	{"０９０－１２３４－５６７８", "81", E164_NUMBER, "+819012345678"},
	{"（０９０）１２３４ー５６７８", "81", E164_NUMBER, "+819012345678"},
	{"٠٥٠ ١٢٣ ٤٥٦٧", "971", E164_NUMBER, "+971501234567"},
	{"+۹۸۹۱۲۳۴۵۶۷۸۹", "", E164_NUMBER, "+989123456789"},
	{"²³⁴⁵⁶⁷⁸", "49", E164_IDENTIFIER, "²³⁴⁵⁶⁷⁸"},
	{"8 912 345-67-89", "7", E164_NUMBER, "+79123456789"},
	{"+49", "", E164_INVALID, "+49"},
	{"+0151123456", "", E164_INVALID, "+0151123456"},
	{"+1234567890123456", "", E164_INVALID, "+1234567890123456"},
	{"+123456789012345", "", E164_NUMBER, "+123456789012345"},
	{"000", "", E164_INVALID, "000"},
	{"", "", E164_INVALID, ""},
	{"customer-17", "49", E164_IDENTIFIER, "customer-17"},
	{"a@b.example", "49", E164_IDENTIFIER, "a@b.example"},
	{"1", "49", E164_IDENTIFIER, "1"},
	{"+49151abc", "", E164_IDENTIFIER, "+49151abc"},
	{"49151+12345678", "49", E164_IDENTIFIER, "49151+12345678"},
	{"---", "49", E164_INVALID, "---"},
	{"  ", "49", E164_INVALID, "  "},
	{"+", "", E164_INVALID, "+"},
	{"\xC2\xA0\t", "", E164_INVALID, "\xC2\xA0\t"},
	{"- x", "", E164_IDENTIFIER, "- x"},
	{"49 (0)151 12345678", "49", E164_NUMBER, "+4915112345678"},
	{"49 (0)151 12345678", "", E164_IDENTIFIER, "49 (0)151 12345678"},
	{"(0)151 12345678", "49", E164_NUMBER, "+4915112345678"},
};

/* Compares as the server does in the collation "C". */
static int
compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* Writes one of a few recipients that are alike; bytes of all kinds among digits. */
static size_t
make_recipient(char *out)
{
	static const char bytes[] = "+01579 *,:z\x01\xff";
	size_t length = (size_t) (rand() % 20);

	for (size_t i = 0; i < length; i++)
		out[i] = rand() % 4 > 0 ? "012"[rand() % 3] : bytes[(size_t) rand() % (sizeof(bytes) - 1)];
	if (length > 0 && rand() % 3 > 0)
		out[0] = '+';
	return length;
}

/* Counts pairs whose numbers contradict their byte order. */
static int
count_contradictions(int pairs)
{
	int count = 0;

	for (int i = 0; i < pairs; i++)
	{
		char a[20];
		char b[20];
		size_t a_length = make_recipient(a);
		size_t b_length = make_recipient(b);
		uint64_t left = e164_order(a, a_length);
		uint64_t right = e164_order(b, b_length);
		int order = compare(a, a_length, b, b_length);

		count += (order < 0 && left > right) || (order > 0 && left < right) ||
				 (order == 0 && left != right);
	}
	return count;
}

int
main(void)
{
	char out[E164_RECIPIENT_MAX];
	char *huge = calloc(1, E164_RECIPIENT_MAX + 1);
	size_t written;
	char name[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		/* exactly sized, for the sanitizer to see what is read beyond */
		size_t length = strlen(cases[i].text);
		char *text = malloc(length + 1);
		E164Status status;

		memcpy(text, cases[i].text, length);
		status = e164_normalise(text, length, cases[i].calling_code, out, &written);
		snprintf(name, sizeof(name), "\"%s\" in \"%s\" is %d \"%.*s\"", cases[i].text,
				 cases[i].calling_code, (int) status, (int) written, out);
		ok(status == cases[i].status && written == strlen(cases[i].written) &&
			   memcmp(out, cases[i].written, written) == 0,
		   name);
		free(text);
	}
	memset(huge, '1', E164_RECIPIENT_MAX + 1);
	ok(e164_normalise(huge, E164_RECIPIENT_MAX, "49", out, &written) == E164_IDENTIFIER,
	   "the longest identifier");
	ok(e164_normalise(huge, E164_RECIPIENT_MAX + 1, "49", out, &written) == E164_INVALID,
	   "one byte more");
	free(huge);
	ok(count_contradictions(1000000) == 0, "the order's number follows the bytes");
	ok(e164_order("+4915112345678", 14) < e164_order("+4915112345679", 14) &&
		   e164_order("+4915112345678", 14) < e164_order("+49151123456780", 15) &&
		   e164_order("+123456789012345", 16) < e164_order("+123456789012346", 16),
	   "and tells numbers of up to 15 digits apart");
	return done_testing();
}
