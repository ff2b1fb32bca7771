/*
 * gsm7.c: what a character costs in the GSM 7 bit default alphabet. The tables stand
 * twice: by code, as the standard prints them, and by character, as counting asks; a test
 * holds one against the other.
 */
#include "gsm7.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* clang-format off */

/* 3GPP TS 23.038, 6.2.1 */
const uint16_t gsm7_alphabet[GSM7_ALPHABET_SIZE] = {
	[0x00] = '@', 0xA3, '$', 0xA5, 0xE8, 0xE9, 0xF9, 0xEC,
	[0x08] = 0xF2, 0xC7, '\n', 0xD8, 0xF8, '\r', 0xC5, 0xE5,
	[0x10] = 0x394, '_', 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8,
	[0x18] = 0x3A3, 0x398, 0x39E, GSM7_NONE, 0xC6, 0xE6, 0xDF, 0xC9,
	[0x20] = ' ', '!', '"', '#', 0xA4, '%', '&', '\'',
	[0x28] = '(', ')', '*', '+', ',', '-', '.', '/',
	[0x30] = '0', '1', '2', '3', '4', '5', '6', '7',
	[0x38] = '8', '9', ':', ';', '<', '=', '>', '?',
	[0x40] = 0xA1, 'A', 'B', 'C', 'D', 'E', 'F', 'G',
	[0x48] = 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
	[0x50] = 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W',
	[0x58] = 'X', 'Y', 'Z', 0xC4, 0xD6, 0xD1, 0xDC, 0xA7,
	[0x60] = 0xBF, 'a', 'b', 'c', 'd', 'e', 'f', 'g',
	[0x68] = 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	[0x70] = 'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
	[0x78] = 'x', 'y', 'z', 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
};

/* 3GPP TS 23.038, 6.2.1.1: what may follow ESC. */
const Gsm7Extension gsm7_extension[GSM7_EXTENSION_SIZE] = {
	{0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'},
	{0x3C, '['},  {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x65, 0x20AC},
};

/* Septets of U+0000 to U+007F. */
static const uint8_t ascii_septets[128] = {
	[0x00] = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 1, 0, 0,
	[0x10] = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	[0x20] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	[0x30] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	[0x40] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	[0x50] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 1,
	[0x60] = 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	[0x70] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 0,
};

/* clang-format on */

/*
 * Which characters from U+0080 to U+03FF stand in the alphabet: a word has 64 of them,
 * the second bytes of one first byte in UTF-8.
 */
#define BIT(code_point) (UINT64_C(1) << ((code_point) &0x3F))

static const uint64_t members[16] = {
	[0x80 >> 6] = BIT(0xA1) | BIT(0xA3) | BIT(0xA4) | BIT(0xA5) | BIT(0xA7) | BIT(0xBF),
	[0xC0 >> 6] = BIT(0xC4) | BIT(0xC5) | BIT(0xC6) | BIT(0xC7) | BIT(0xC9) | BIT(0xD1) |
				  BIT(0xD6) | BIT(0xD8) | BIT(0xDC) | BIT(0xDF) | BIT(0xE0) | BIT(0xE4) |
				  BIT(0xE5) | BIT(0xE6) | BIT(0xE8) | BIT(0xE9) | BIT(0xEC) | BIT(0xF1) |
				  BIT(0xF2) | BIT(0xF6) | BIT(0xF8) | BIT(0xF9) | BIT(0xFC),
	[0x380 >> 6] = BIT(0x393) | BIT(0x394) | BIT(0x398) | BIT(0x39B) | BIT(0x39E) |
				   BIT(0x3A0) | BIT(0x3A3) | BIT(0x3A6) | BIT(0x3A8) | BIT(0x3A9),
};

/* Returns a character's septets: 1, 2 behind an escape, 0 outside the alphabet. */
int
gsm7_septets(uint32_t code_point)
{
	if (code_point < 0x80)
		return ascii_septets[code_point];
	if (code_point < 0x400)
		return (int) (members[code_point >> 6] >> (code_point & 0x3F) & 1);
	return code_point == 0x20AC ? 2 : 0;
}

/* Returns the bytes of a character, or 0 outside the alphabet; counts the escaped. */
static inline size_t
scan_character(const char *text, size_t length, size_t *extended)
{
	const unsigned char *s = (const unsigned char *) text;

	if (s[0] < 0x80)
	{
		*extended += ascii_septets[s[0]] == 2;
		return ascii_septets[s[0]] != 0;
	}
	if (s[0] >= 0xC2 && s[0] <= 0xCF && length >= 2 && (s[1] & 0xC0) == 0x80)
		return (members[s[0] & 0x1F] >> (s[1] & 0x3F) & 1) * 2;
	/* the euro sign */
	if (length < 3 || s[0] != 0xE2 || s[1] != 0x82 || s[2] != 0xAC)
		return 0;
	++*extended;
	return 3;
}

#if defined(__SSE2__)
#define CHUNK 64

/* One bit for each byte of a chunk, by a test of sixteen. */
#define CHUNK_BITS(test, chunk)                                                          \
	((uint64_t) test(chunk) | (uint64_t) test((chunk) + 16) << 16 |                      \
	 (uint64_t) test((chunk) + 32) << 32 | (uint64_t) test((chunk) + 48) << 48)

static inline __m128i
load(const char *text)
{
	return _mm_loadu_si128((const __m128i *) text);
}

static inline __m128i
fill(int byte)
{
	return _mm_set1_epi8((char) byte);
}

/* Marks bytes that are ASCII and take one septet. */
static inline uint16_t
are_plain(const char *text)
{
	__m128i b = load(text);
	/* compared as signed: bytes from 0x80 are below the space */
	__m128i inside =
		_mm_and_si128(_mm_cmpgt_epi8(b, fill(' ' - 1)), _mm_cmplt_epi8(b, fill('{')));
	__m128i brackets =
		_mm_and_si128(_mm_cmpgt_epi8(b, fill('Z')), _mm_cmplt_epi8(b, fill('_')));
	__m128i outside = _mm_or_si128(brackets, _mm_cmpeq_epi8(b, fill('`')));
	__m128i line =
		_mm_or_si128(_mm_cmpeq_epi8(b, fill('\n')), _mm_cmpeq_epi8(b, fill('\r')));

	return (uint16_t) _mm_movemask_epi8(
		_mm_or_si128(_mm_andnot_si128(outside, inside), line));
}

/* Marks 10xxxxxx. */
static inline uint16_t
are_continuations(const char *text)
{
	return (uint16_t) _mm_movemask_epi8(_mm_cmplt_epi8(load(text), fill(0xC0)));
}

/* Marks what is not ASCII. */
static inline uint16_t
are_high(const char *text)
{
	return (uint16_t) _mm_movemask_epi8(load(text));
}

/* Marks what is not plain in a chunk, but for the second bytes of characters in it. */
static inline uint64_t
find_others(const char *chunk)
{
	uint64_t others = ~CHUNK_BITS(are_plain, chunk);
	uint64_t continuations;
	uint64_t firsts;

	if (others == 0)
		return 0;
	continuations = CHUNK_BITS(are_continuations, chunk);
	firsts = CHUNK_BITS(are_high, chunk) & ~continuations;
	return others & ~(continuations & firsts << 1);
}
#else
#define CHUNK 1

/* Without vectors, a chunk is a byte. */
static inline uint64_t
find_others(const char *chunk)
{
	unsigned char byte = (unsigned char) *chunk;

	return byte >= 0x80 || ascii_septets[byte] != 1;
}
#endif

/*
 * Reads text up to its end, or to a character outside the alphabet; returns the bytes
 * read and adds their characters to the tally. What is not plain is read by itself,
 * without waiting for the one before.
 */
size_t
gsm7_scan(const char *text, size_t length, Gsm7Tally *tally)
{
	char last[CHUNK];
	size_t end = 0; /* of the character read last */
	size_t continued = 0;

	for (size_t at = 0; at < length; at += CHUNK)
	{
		const char *chunk = text + at;
		uint64_t others;

		if (length - at < CHUNK)
		{
			memset(last, ' ', CHUNK);
			memcpy(last, chunk, length - at);
			chunk = last;
		}
		for (others = find_others(chunk); others != 0; others &= others - 1)
		{
			size_t i = at + (size_t) __builtin_ctzll(others);
			size_t bytes;

			/* bytes of a character that was read */
			if (i < end)
				continue;
			bytes = scan_character(text + i, length - i, &tally->extended);
			if (bytes == 0)
			{
				tally->characters += i - continued;
				return i;
			}
			end = i + bytes;
			continued += bytes - 1;
		}
	}
	tally->characters += length - continued;
	return length;
}
