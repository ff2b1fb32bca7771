/*
 * gsm7.c: what a character costs in the GSM 7 bit default alphabet. The tables stand twice:
 * by code, as the standard prints them, and by character, as counting asks; a test holds
 * one against the other.
 */
#include "gsm7.h"

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

/* Which of the 64 characters from U+0080, U+00C0 and U+0380 stand in the alphabet. */
#define BIT(code_point) (UINT64_C(1) << ((code_point) &0x3F))

static const uint64_t latin_80 =
	BIT(0xA1) | BIT(0xA3) | BIT(0xA4) | BIT(0xA5) | BIT(0xA7) | BIT(0xBF);
static const uint64_t latin_c0 =
	BIT(0xC4) | BIT(0xC5) | BIT(0xC6) | BIT(0xC7) | BIT(0xC9) | BIT(0xD1) | BIT(0xD6) |
	BIT(0xD8) | BIT(0xDC) | BIT(0xDF) | BIT(0xE0) | BIT(0xE4) | BIT(0xE5) | BIT(0xE6) |
	BIT(0xE8) | BIT(0xE9) | BIT(0xEC) | BIT(0xF1) | BIT(0xF2) | BIT(0xF6) | BIT(0xF8) |
	BIT(0xF9) | BIT(0xFC);
static const uint64_t greek_380 = BIT(0x393) | BIT(0x394) | BIT(0x398) | BIT(0x39B) |
								  BIT(0x39E) | BIT(0x3A0) | BIT(0x3A3) | BIT(0x3A6) |
								  BIT(0x3A8) | BIT(0x3A9);

/* Returns a character's septets: 1, 2 behind an escape, 0 outside the alphabet. */
int
gsm7_septets(uint32_t code_point)
{
	uint64_t members;

	if (code_point < 0x80)
		return ascii_septets[code_point];
	if (code_point == 0x20AC)
		return 2;
	switch (code_point >> 6)
	{
		case 0x80 >> 6:
			members = latin_80;
			break;
		case 0xC0 >> 6:
			members = latin_c0;
			break;
		case 0x380 >> 6:
			members = greek_380;
			break;
		default:
			return 0;
	}
	return (int) (members >> (code_point & 0x3F) & 1);
}

#if defined(__SSE2__)
/* Marks the bytes of a block that are ASCII and take one septet. */
static inline unsigned
plain_mask(const char *block)
{
	__m128i b = _mm_loadu_si128((const __m128i *) block);
	/* compared as signed: bytes from 0x80 are below the space */
	__m128i inside =
		_mm_and_si128(_mm_cmpgt_epi8(b, _mm_set1_epi8(' ' - 1)),
					  _mm_cmplt_epi8(b, _mm_set1_epi8('{')));
	__m128i brackets = _mm_and_si128(_mm_cmpgt_epi8(b, _mm_set1_epi8('Z')),
									 _mm_cmplt_epi8(b, _mm_set1_epi8('_')));
	__m128i outside = _mm_or_si128(brackets, _mm_cmpeq_epi8(b, _mm_set1_epi8('`')));
	__m128i line = _mm_or_si128(_mm_cmpeq_epi8(b, _mm_set1_epi8('\n')),
								_mm_cmpeq_epi8(b, _mm_set1_epi8('\r')));

	return (unsigned) _mm_movemask_epi8(
		_mm_or_si128(_mm_andnot_si128(outside, inside), line));
}

#define BLOCK 16
#endif

/* Returns how many bytes at the start of text are ASCII and take one septet each. */
size_t
gsm7_plain_run(const char *text, size_t length)
{
	size_t n = 0;

#if defined(__SSE2__)
	for (; length - n >= BLOCK; n += BLOCK)
	{
		unsigned other = plain_mask(text + n) ^ 0xFFFF;

		if (other != 0)
			return n + (size_t) __builtin_ctz(other);
	}
	if (n > 0 && n < length)
	{
		/* the last block laps over bytes that are known to be plain */
		unsigned other = plain_mask(text + length - BLOCK) ^ 0xFFFF;

		return other == 0 ? length : length - BLOCK + (size_t) __builtin_ctz(other);
	}
#endif
	while (n < length && (unsigned char) text[n] < 0x80 &&
		   ascii_septets[(unsigned char) text[n]] == 1)
		n++;
	return n;
}
