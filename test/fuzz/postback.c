/*
 * Fuzzes signed calls: what a stranger signs never verifies; what was signed does, but
 * not with a bit changed in it, not later, and not under another key.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "postback.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW		  1790000000
#define TIMESTAMP "1790000000"

static const unsigned char key[POSTBACK_KEY_BYTES] = "a key that the fuzzer cannot kno";
static const unsigned char other_key[POSTBACK_KEY_BYTES] = "another";

/* Takes a text up to the next line end; ended by NUL, and sized exactly. */
static char *
next_line(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t length = end != NULL ? (size_t) (end - *data) : *size;
	char *line = calloc(length + 1, 1);

	if (length > 0)
		memcpy(line, *data, length);
	length += end != NULL;
	*data += length;
	*size -= length;
	return line;
}

/* Signs by libcrypto's one-shot function, which the core does not use. */
static void
sign(const char *timestamp, const char *body, size_t length, char *signature)
{
	static const char digits[] = "0123456789abcdef";
	size_t prefix = strlen(timestamp) + 1;
	unsigned char *message = malloc(prefix + length);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_length;

	memcpy(message, timestamp, prefix - 1);
	message[prefix - 1] = '.';
	if (length > 0)
		memcpy(message + prefix, body, length);
	if (HMAC(EVP_sha256(), key, sizeof(key), message, prefix + length, mac,
			 &mac_length) == NULL)
		abort();
	for (unsigned i = 0; i < mac_length; i++)
	{
		signature[2 * i] = digits[mac[i] >> 4];
		signature[2 * i + 1] = digits[mac[i] & 15];
	}
	signature[2 * mac_length] = '\0';
	free(message);
}

static bool
verifies(const char *timestamp, const char *body, size_t length, const char *signature,
		 int64_t now)
{
	return postback_verify(key, timestamp, body, length, signature, now);
}

/* Changes what was signed in one of the ways there are; tells whether it verifies. */
static bool
changed_verifies(unsigned way, char *body, size_t length, char *signature)
{
	size_t at = length > 0 ? way / 8 % length : 0;
	char *digit = &signature[way % POSTBACK_SIGNATURE_LENGTH];

	switch (way % 8)
	{
		case 0:
			return postback_verify(other_key, TIMESTAMP, body, length, signature, NOW);
		case 1:
			return verifies("1790000001", body, length, signature, NOW);
		case 2:
			return verifies(TIMESTAMP, body, length, signature,
							NOW + POSTBACK_TOLERANCE + 1);
		case 3:
			return verifies(TIMESTAMP, body, length, signature,
							NOW - POSTBACK_TOLERANCE - 1);
		case 4:
			return length > 0 && verifies(TIMESTAMP, body, length - 1, signature, NOW);
		case 5:
			*digit = *digit == '0' ? '1' : '0';
			return verifies(TIMESTAMP, body, length, signature, NOW);
		default:
			if (length > 0)
				body[at] ^= (char) (1 << way % 7);
			return length > 0 && verifies(TIMESTAMP, body, length, signature, NOW);
	}
}

static void
check_signed(unsigned way, char *body, size_t length)
{
	char signature[2 * EVP_MAX_MD_SIZE + 1];

	sign(TIMESTAMP, body, length, signature);
	if (!verifies(TIMESTAMP, body, length, signature, NOW + POSTBACK_TOLERANCE) ||
		changed_verifies(way, body, length, signature))
		abort();
}

/* The timestamp, the signature, and the body. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *timestamp = next_line(&data, &size);
	char *signature = next_line(&data, &size);
	char *body = malloc(size + (size == 0));

	if (size > 0)
		memcpy(body, data, size);
	if (verifies(timestamp, body, size, signature, NOW))
		abort();
	check_signed((unsigned char) timestamp[0] * 3u + (unsigned char) signature[0], body,
				 size);
	free(body);
	free(signature);
	free(timestamp);
	return 0;
}
