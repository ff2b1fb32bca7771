/*
 * utf8.c: decodes and encodes one code point at a time, bounds-checked, so that no input
 * (a fuzzer's too) is read past its end. Knows nothing of SMS.
 */
#include "utf8.h"

/* Checks that text[1..n] are continuation bytes. */
static int
continues(const unsigned char *text, size_t length, size_t n)
{
	if (length <= n)
		return 0;
	for (size_t i = 1; i <= n; i++)
		if ((text[i] & 0xC0) != 0x80)
			return 0;
	return 1;
}

/*
 * Decodes the code point at text (length > 0); returns its bytes. An invalid byte counts
 * as one, and decodes to U+FFFD.
 */
size_t
utf8_decode(const char *text, size_t length, uint32_t *code_point)
{
	const unsigned char *s = (const unsigned char *) text;
	uint32_t c = s[0];

	if (c < 0x80)
	{
		*code_point = c;
		return 1;
	}
	if (c >= 0xC2 && c <= 0xDF && continues(s, length, 1))
	{
		*code_point = (c & 0x1F) << 6 | (s[1] & 0x3Fu);
		return 2;
	}
	if ((c & 0xF0) == 0xE0 && continues(s, length, 2))
	{
		c = (c & 0x0F) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
		/* neither overlong nor a surrogate */
		if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF))
		{
			*code_point = c;
			return 3;
		}
	}
	else if (c >= 0xF0 && c <= 0xF4 && continues(s, length, 3))
	{
		c = (c & 0x07) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
		if (c >= 0x10000 && c <= 0x10FFFF)
		{
			*code_point = c;
			return 4;
		}
	}
	*code_point = UTF8_REPLACEMENT;
	return 1;
}

/* Decodes the code point that ends before text[at]; returns its bytes, 0 at the start. */
size_t
utf8_decode_before(const char *text, size_t at, uint32_t *code_point)
{
	size_t bytes = 1;

	*code_point = UTF8_REPLACEMENT;
	if (at == 0)
		return 0;
	while (bytes < 4 && bytes < at && ((unsigned char) text[at - bytes] & 0xC0) == 0x80)
		bytes++;
	if (utf8_decode(text + at - bytes, bytes, code_point) == bytes)
		return bytes;
	*code_point = UTF8_REPLACEMENT;
	return 1;
}

/* Encodes a code point; returns the bytes written to out. */
size_t
utf8_encode(uint32_t code_point, char out[4])
{
	if (code_point < 0x80)
	{
		out[0] = (char) code_point;
		return 1;
	}
	if (code_point < 0x800)
	{
		out[0] = (char) (0xC0 | code_point >> 6);
		out[1] = (char) (0x80 | (code_point & 0x3F));
		return 2;
	}
	if (code_point < 0x10000)
	{
		out[0] = (char) (0xE0 | code_point >> 12);
		out[1] = (char) (0x80 | (code_point >> 6 & 0x3F));
		out[2] = (char) (0x80 | (code_point & 0x3F));
		return 3;
	}
	out[0] = (char) (0xF0 | code_point >> 18);
	out[1] = (char) (0x80 | (code_point >> 12 & 0x3F));
	out[2] = (char) (0x80 | (code_point >> 6 & 0x3F));
	out[3] = (char) (0x80 | (code_point & 0x3F));
	return 4;
}
