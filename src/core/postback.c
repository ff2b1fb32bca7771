/*
 * postback.c: verifies the signature of a call.
 */
#include "postback.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include "ascii.h"

#define MAC_BYTES			 32
#define TIMESTAMP_MAX_DIGITS 12

/* Reads seconds since 1970. */
static bool
read_timestamp(const char *text, int64_t *seconds)
{
	size_t length = strlen(text);

	if (length == 0 || length > TIMESTAMP_MAX_DIGITS)
		return false;
	*seconds = 0;
	for (size_t i = 0; i < length; i++)
	{
		if (!ascii_digit(text[i]))
			return false;
		*seconds = *seconds * 10 + (text[i] - '0');
	}
	return true;
}

/* Computes the MAC of timestamp, a dot, and body. */
static bool
sign(const unsigned char *key, const char *timestamp, const char *body,
	 size_t body_length, unsigned char mac[MAC_BYTES])
{
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
	char digest[] = "SHA256";
	OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
							   OSSL_PARAM_construct_end()};
	size_t length = 0;
	bool good = context != NULL &&
				EVP_MAC_init(context, key, POSTBACK_KEY_BYTES, parameters) == 1 &&
				EVP_MAC_update(context, (const unsigned char *) timestamp,
							   strlen(timestamp)) == 1 &&
				EVP_MAC_update(context, (const unsigned char *) ".", 1) == 1 &&
				EVP_MAC_update(context, (const unsigned char *) body, body_length) == 1 &&
				EVP_MAC_final(context, mac, &length, MAC_BYTES) == 1 &&
				length == MAC_BYTES;

	EVP_MAC_CTX_free(context);
	EVP_MAC_free(hmac);
	return good;
}

bool
postback_verify(const unsigned char key[POSTBACK_KEY_BYTES], const char *timestamp,
				const char *body, size_t body_length, const char *signature, int64_t now)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char mac[MAC_BYTES];
	char expected[POSTBACK_SIGNATURE_LENGTH];
	char given[POSTBACK_SIGNATURE_LENGTH];
	int64_t seconds;

	if (!read_timestamp(timestamp, &seconds) || seconds < now - POSTBACK_TOLERANCE ||
		seconds > now + POSTBACK_TOLERANCE ||
		strlen(signature) != POSTBACK_SIGNATURE_LENGTH ||
		!sign(key, timestamp, body, body_length, mac))
		return false;
	for (int i = 0; i < MAC_BYTES; i++)
	{
		expected[2 * i] = digits[mac[i] >> 4];
		expected[2 * i + 1] = digits[mac[i] & 15];
	}
	for (int i = 0; i < POSTBACK_SIGNATURE_LENGTH; i++)
		given[i] = ascii_lower(signature[i]);
	return CRYPTO_memcmp(given, expected, sizeof(expected)) == 0;
}
