/*
 * Fuzzes click tokens: what a stranger sends is read without harm and never verifies; what
 * was signed does, is read as it was written, and not with any bit changed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned char key[TOKEN_KEY_BYTES] = "a key that the fuzzer cannot kno";

static void
check_signed(const uint8_t *data, size_t size)
{
	Token token = {0, 0, 0};
	Token back;
	char text[TOKEN_LENGTH];

	if (size < 16)
		return;
	memcpy(&token.link_domain, data, 4);
	memcpy(&token.number, data + 4, 8);
	memcpy(&token.clicked_s, data + 11, 5);
	if (!token_write(&token, key, text) || !token_read(text, TOKEN_LENGTH, &back) ||
		!token_verify(text, key) || back.link_domain != token.link_domain ||
		back.number != token.number || back.clicked_s != token.clicked_s)
		abort();
	text[data[0] % TOKEN_LENGTH] ^= (char) (1 << (data[1] % 7));
	if (token_read(text, TOKEN_LENGTH, &back) && token_verify(text, key))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* exactly sized, for the sanitizer to see a byte too far */
	char *text = malloc(size + (size == 0));
	Token token;

	if (size > 0)
		memcpy(text, data, size);
	if (token_read(text, size, &token) && (size != TOKEN_LENGTH || token_verify(text, key)))
		abort();
	check_signed(data, size);
	free(text);
	return 0;
}
