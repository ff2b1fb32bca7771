/*
 * e164.c: takes a number's punctuation away and completes it. What is no number by its
 * characters stays as it is; whether a number exists is not asked.
 */
#include "e164.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <unicode/uchar.h>

#include "ascii.h"
#include "utf8.h"

/* E.164, 6: at most 15 digits. The shortest in use have some digits behind the code. */
#define DIGITS_MAX 15
#define DIGITS_MIN 6

/* Longest input that may be a number, with all its punctuation. */
#define SCAN_MAX 64

/*
 * Countries whose national numbers are not dialled with a zero that is dropped, or whose
 * numbers are known by their length without it (ITU-T national numbering plans). Numbers
 * of mobile phones may begin with the digits of the country's own code, as 392... in
 * Italy (39) and 919... in India (91): their length tells them from international ones.
 */
typedef struct NationalPlan
{
	const char *calling_code;
	const char *trunk; /* dropped in front of a national number */
	size_t length;	   /* digits of a national number without trunk; 0: not fixed */
	bool others;	   /* fixed telephones have numbers of other lengths */
} NationalPlan;

static const NationalPlan plans[] = {
	{"1", "1", 10, false}, {"7", "8", 10, false}, {"30", "", 10, false},
	{"34", "", 9, false},  {"36", "06", 0, true}, {"39", "", 10, true},
	{"45", "", 8, false},  {"47", "", 8, false},  {"48", "", 9, false},
	{"55", "0", 11, true}, {"65", "", 8, false},  {"91", "0", 10, false},
	{"351", "", 9, false}, {"352", "", 0, true},  {"371", "", 8, false},
	{"372", "", 0, true},  {"377", "", 0, true},  {"378", "", 0, true},
	{"420", "", 9, false}, {"852", "", 8, false}};

static const NationalPlan default_plan = {"", "0", 0, true};

/* A number's digits, and what stood before them. */
typedef struct Digits
{
	char digits[SCAN_MAX];
	size_t count;
	bool plus;
} Digits;

/* Tells whether a character is what people write between digits, or software around them.
 */
static bool
is_punctuation(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-' || c == '.' ||
		   c == '/' || c == '(' || c == ')' || c == 0xA0 || c == 0xAD ||
		   (c >= 0x2000 && c <= 0x2015) || (c >= 0x2028 && c <= 0x202F) || c == 0x2060 ||
		   (c >= 0x2066 && c <= 0x2069) || c == 0x2212 || c == 0x3000 || c == 0x30FC ||
		   c == 0xFEFF || c == 0xFF08 || c == 0xFF09 || (c >= 0xFF0D && c <= 0xFF0F);
}

/* Gives the value of a decimal digit, which people write in their own script; or -1. */
static int
digit_value(uint32_t c)
{
	if (c < 128)
		return ascii_digit((char) c) ? (int) c - '0' : -1;
	return u_charDigitValue((UChar32) c);
}

/* Tells whether a text has punctuation alone, as a column that nobody filled in. */
static bool
is_blank(const char *text, size_t length)
{
	for (size_t at = 0; at < length;)
	{
		uint32_t c;

		at += utf8_decode(text + at, length - at, &c);
		if (!is_punctuation(c) && c != '+')
			return false;
	}
	return true;
}

/* Tells whether a country's code was read, behind which (0) may stand: +49 (0) 151. */
static bool
has_calling_code(const Digits *read)
{
	return read->plus || (read->count > 2 && memcmp(read->digits, "00", 2) == 0) ||
		   (read->count >= 1 && read->count <= 3 && read->digits[0] != '0');
}

/* Reads digits; false if something stands among them that no number has. */
static bool
read_digits(const char *text, size_t length, Digits *read)
{
	size_t at = 0;

	read->count = 0;
	read->plus = false;
	if (length > 4 && memcmp(text, "tel:", 4) == 0)
		at = 4;
	while (at < length)
	{
		uint32_t c;
		size_t bytes = utf8_decode(text + at, length - at, &c);
		int digit = digit_value(c);

		/* the zero is for callers inside the country */
		if (c == '(' && has_calling_code(read) && length - at >= 3 &&
			text[at + 1] == '0' && text[at + 2] == ')')
			bytes = 3;
		else if (digit >= 0)
		{
			if (read->count == SCAN_MAX)
				return false;
			read->digits[read->count++] = (char) ('0' + digit);
		}
		else if ((c == '+' || c == 0xFF0B) && read->count == 0 && !read->plus)
			read->plus = true;
		else if (!is_punctuation(c))
			return false;
		at += bytes;
	}
	return read->count > 0;
}

static bool
starts_with(const Digits *number, const char *prefix)
{
	size_t length = strlen(prefix);

	return number->count >= length && memcmp(number->digits, prefix, length) == 0;
}

static const NationalPlan *
find_plan(const char *calling_code)
{
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
		if (strcmp(plans[i].calling_code, calling_code) == 0)
			return &plans[i];
	return &default_plan;
}

/* Writes + and digits; false if nobody can have that number. */
static bool
write_number(const char *calling_code, const char *digits, size_t count, char *out,
			 size_t *written)
{
	size_t code = strlen(calling_code);
	char first = code > 0 ? calling_code[0] : count > 0 ? digits[0] : '0';

	if (first == '0' || code + count < DIGITS_MIN || code + count > DIGITS_MAX)
		return false;
	out[0] = '+';
	memcpy(out + 1, calling_code, code);
	memcpy(out + 1 + code, digits, count);
	*written = 1 + code + count;
	return true;
}

/* Completes a number without + or 00. */
static E164Status
write_national(const Digits *number, const char *calling_code, char *out, size_t *written)
{
	const NationalPlan *plan = find_plan(calling_code);
	size_t trunk = strlen(plan->trunk);
	bool known = calling_code[0] != '\0';
	bool done;

	if (known && trunk > 0 && starts_with(number, plan->trunk) &&
		(plan->others || number->count == trunk + plan->length))
		done = write_number(calling_code, number->digits + trunk, number->count - trunk,
							out, written);
	else if (known && plan->length != 0 && number->count == plan->length)
		done = write_number(calling_code, number->digits, number->count, out, written);
	else if (known && plan->others && trunk == 0 && !starts_with(number, calling_code) &&
			 number->count >= DIGITS_MIN)
		done = write_number(calling_code, number->digits, number->count, out, written);
	else if (known && starts_with(number, calling_code) && number->count >= 10)
		done = write_number("", number->digits, number->count, out, written);
	else if (number->digits[0] == '0' && number->count >= DIGITS_MIN)
		done = false; /* national, and the country is not known */
	else
		return E164_IDENTIFIER;
	return done ? E164_NUMBER : E164_INVALID;
}

E164Status
e164_normalise(const char *text, size_t length, const char *calling_code, char *out,
			   size_t *written)
{
	E164Status status = E164_IDENTIFIER;
	Digits number;

	*written = 0;
	if (length == 0 || length > E164_RECIPIENT_MAX)
		return E164_INVALID;
	if (read_digits(text, length, &number))
	{
		if (number.plus)
			status = write_number("", number.digits, number.count, out, written)
						 ? E164_NUMBER
						 : E164_INVALID;
		else if (starts_with(&number, "00"))
			status = write_number("", number.digits + 2, number.count - 2, out, written)
						 ? E164_NUMBER
						 : E164_INVALID;
		else
			status = write_national(&number, calling_code, out, written);
	}
	else if (is_blank(text, length))
		status = E164_INVALID;
	if (status != E164_NUMBER)
	{
		memcpy(out, text, length);
		*written = length;
	}
	return status;
}

/* Four bits for a character behind the +, in byte order; 0 is the end. */
static unsigned
character_rank(char c)
{
	if (c >= '0' && c <= '9')
		return 2 + (unsigned) (c - '0');
	return (unsigned char) c < '0' ? 1 : 12;
}

/* Packs what is behind the + up to the first character that is no digit. */
static uint64_t
number_order(const char *text, size_t length)
{
	uint64_t order = 0;
	int shift = 60;

	for (size_t at = 1; at < length && shift > 0; at++)
	{
		unsigned rank = character_rank(text[at]);

		shift -= 4;
		order |= (uint64_t) rank << shift;
		/* several characters have this rank: what follows would break the order */
		if (rank == 1 || rank == 12)
			break;
	}
	return order;
}

uint64_t
e164_order(const char *text, size_t length)
{
	uint64_t order = 0;

	if (length > 0 && text[0] == '+')
		return (UINT64_C(1) << 62) | number_order(text, length);
	for (size_t at = 0; at < 7; at++)
		order = order << 8 | (at < length ? (unsigned char) text[at] : 0);
	return length > 0 && (unsigned char) text[0] > '+' ? (UINT64_C(2) << 62) | order
													   : order;
}
