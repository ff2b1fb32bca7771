/*
 * code.c: numbers to codes and back, by FF1 with AES-128, radix 62 and the link domain's
 * id as tweak. What a number means is not known here.
 */
#include "code.h"

#include <string.h>

#define RADIX 62

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Gives a character's numeral, or -1. */
static int
numeral(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 36;
	return -1;
}

/* Counts the numbers that codes of a length can hold; 62^10 fits 64 bits. */
uint64_t
code_capacity(uint32_t length)
{
	uint64_t capacity = 1;

	while (length-- > 0)
		capacity *= RADIX;
	return capacity;
}

/* Makes the cipher of a link domain and a length; false if libcrypto fails. */
bool
code_cipher_init(CodeCipher *cipher, const unsigned char key[CODE_KEY_BYTES],
				 uint32_t link_domain, uint32_t length)
{
	unsigned char tweak[4] = {(unsigned char) (link_domain >> 24),
							  (unsigned char) (link_domain >> 16),
							  (unsigned char) (link_domain >> 8),
							  (unsigned char) link_domain};

	cipher->length = length;
	cipher->capacity = code_capacity(length);
	return ff1_init(&cipher->ff1, key, CODE_KEY_BYTES, tweak, sizeof(tweak), RADIX, length);
}

void
code_cipher_release(CodeCipher *cipher)
{
	ff1_release(&cipher->ff1);
}

static void
put_numerals(char *out, uint32_t length, uint64_t number)
{
	while (length-- > 0)
	{
		out[length] = digits[number % RADIX];
		number /= RADIX;
	}
}

/* Reads numerals; false at a character that is none. */
static bool
get_numerals(const char *text, uint32_t length, uint64_t *number)
{
	*number = 0;
	for (uint32_t i = 0; i < length; i++)
	{
		int value = numeral(text[i]);

		if (value < 0)
			return false;
		*number = *number * RADIX + (uint64_t) value;
	}
	return true;
}

/*
 * Writes the code of a number, cipher->length bytes without a NUL; false if the number
 * does not fit, or libcrypto fails.
 */
bool
code_from_number(const CodeCipher *cipher, uint64_t number, char *code)
{
	uint32_t u = cipher->length / 2;
	Ff1Halves halves;

	if (number >= cipher->capacity)
		return false;
	halves.first = number / cipher->ff1.modulus[1];
	halves.second = number % cipher->ff1.modulus[1];
	if (!ff1_encrypt(&cipher->ff1, &halves))
		return false;
	put_numerals(code, u, halves.first);
	put_numerals(code + u, cipher->length - u, halves.second);
	return true;
}

/* Reads the number of a code of cipher->length bytes; false if it is none. */
bool
code_to_number(const CodeCipher *cipher, const char *code, uint64_t *number)
{
	uint32_t u = cipher->length / 2;
	Ff1Halves halves;

	if (!get_numerals(code, u, &halves.first) ||
		!get_numerals(code + u, cipher->length - u, &halves.second) ||
		!ff1_decrypt(&cipher->ff1, &halves))
		return false;
	*number = halves.first * cipher->ff1.modulus[1] + halves.second;
	return true;
}

/* Counts the leading characters that a code may have. */
size_t
code_span(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && numeral(text[n]) >= 0)
		n++;
	return n;
}
