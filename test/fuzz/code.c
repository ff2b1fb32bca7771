/*
 * Fuzzes what is requested as a code: what phones append is cut, a code deciphers to a
 * number that enciphers to the same code, and a number to a code that deciphers to it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "link_code.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static CodeCipher ciphers[CODE_LENGTH_MAX + 1];

static void
init(void)
{
	static const unsigned char key[CODE_KEY_BYTES] = "fuzzing the code";

	for (uint32_t length = CODE_LENGTH_MIN; length <= CODE_LENGTH_MAX; length++)
		if (ciphers[length].length == 0 &&
			!code_cipher_init(&ciphers[length], key, 42, length))
			abort();
}

/* Deciphers a code, and makes it again. */
static void
check_code(const char *code, size_t length)
{
	char again[CODE_LENGTH_MAX];
	uint64_t number;

	if (length < CODE_LENGTH_MIN || length > CODE_LENGTH_MAX ||
		code_span(code, length) != length)
		return;
	if (!code_to_number(&ciphers[length], code, &number))
		abort();
	if (number >= code_capacity((uint32_t) length) ||
		!code_from_number(&ciphers[length], number, again) ||
		memcmp(again, code, length) != 0)
		abort();
}

/* Enciphers the input as a number, and reads it again. */
static void
check_number(uint64_t number)
{
	for (uint32_t length = CODE_LENGTH_MIN; length <= CODE_LENGTH_MAX; length++)
	{
		char code[CODE_LENGTH_MAX];
		uint64_t back;
		bool made = code_from_number(&ciphers[length], number, code);

		if (made != (number < code_capacity(length)))
			abort();
		if (made && (code_span(code, length) != length ||
					 !code_to_number(&ciphers[length], code, &back) || back != number))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* exactly sized, for the sanitizer to see a byte too far */
	char *text = malloc(size + (size == 0));
	uint64_t number = 0;
	size_t bare;

	init();
	if (size > 0)
		memcpy(text, data, size);
	bare = link_code_length(text, size);
	if (bare > size || link_code_length(text, bare) > bare || code_span(text, size) > size)
		abort();
	check_code(text, bare);
	memcpy(&number, data, size < sizeof(number) ? size : sizeof(number));
	check_number(number);
	free(text);
	return 0;
}
