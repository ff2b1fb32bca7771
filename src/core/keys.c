/*
 * keys.c: derives independent keys from one secret, as HMAC-SHA-256 of a purpose's name
 * (the expand step of RFC 5869 with one block), so that a secret is stored once.
 */
#include "keys.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

static bool
derive(const unsigned char *secret, const char *purpose, unsigned char *out, size_t bytes)
{
	unsigned char mac[EVP_MAX_MD_SIZE];

	if (HMAC(EVP_sha256(), secret, SECRET_BYTES, (const unsigned char *) purpose,
			 strlen(purpose), mac, NULL) == NULL)
		return false;
	memcpy(out, mac, bytes);
	return true;
}

/* Derives all keys; false if libcrypto fails. */
bool
keys_derive(const unsigned char secret[SECRET_BYTES], Keys *keys)
{
	return derive(secret, "smstrack link code 1", keys->code, sizeof(keys->code)) &&
		   derive(secret, "smstrack click token 1", keys->token, sizeof(keys->token)) &&
		   derive(secret, "smstrack postback 1", keys->postback, sizeof(keys->postback)) &&
		   derive(secret, "smstrack key check 1", keys->check, sizeof(keys->check));
}
