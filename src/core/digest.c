/*
 * digest.c: hashes short texts, many a second. libcrypto's one-shot functions look their
 * algorithm up by name at every call, which takes several times as long as the hashing:
 * here it is looked up once a process.
 */
#include "digest.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define BLOCK_BYTES 64

/* One that is used over and over, by one thread; NULL if libcrypto fails. */
static EVP_MD_CTX *
begin(void)
{
	static EVP_MD *algorithm;
	static EVP_MD_CTX *context;

	if (algorithm == NULL)
		algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (context == NULL)
		context = EVP_MD_CTX_new();
	return algorithm != NULL && context != NULL &&
				   EVP_DigestInit_ex2(context, algorithm, NULL) == 1
			   ? context
			   : NULL;
}

/* Hashes two texts as if they were one. */
static bool
digest_two(const void *first, size_t first_length, const void *second,
		   size_t second_length, unsigned char out[DIGEST_BYTES])
{
	EVP_MD_CTX *context = begin();

	return context != NULL && EVP_DigestUpdate(context, first, first_length) == 1 &&
		   EVP_DigestUpdate(context, second, second_length) == 1 &&
		   EVP_DigestFinal_ex(context, out, NULL) == 1;
}

/* Gives the SHA-256 of a text; false if libcrypto fails. */
bool
digest(const void *bytes, size_t length, unsigned char out[DIGEST_BYTES])
{
	return digest_two(bytes, length, NULL, 0, out);
}

/* Gives the HMAC-SHA-256 of a text (RFC 2104) under a key of at most 64 bytes. */
bool
digest_mac(const unsigned char *key, size_t key_length, const void *bytes, size_t length,
		   unsigned char out[DIGEST_BYTES])
{
	unsigned char inner[BLOCK_BYTES] = {0};
	unsigned char outer[BLOCK_BYTES];
	bool good = key_length <= BLOCK_BYTES;

	if (!good)
		return false;
	memcpy(inner, key, key_length);
	for (size_t i = 0; i < BLOCK_BYTES; i++)
	{
		outer[i] = inner[i] ^ 0x5C;
		inner[i] ^= 0x36;
	}
	good = digest_two(inner, BLOCK_BYTES, bytes, length, out) &&
		   digest_two(outer, BLOCK_BYTES, out, DIGEST_BYTES, out);
	OPENSSL_cleanse(inner, sizeof(inner));
	OPENSSL_cleanse(outer, sizeof(outer));
	return good;
}
