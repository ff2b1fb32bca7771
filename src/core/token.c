/*
 * token.c: writes, reads and verifies click tokens. 30 bytes as 40 base64url characters:
 * version 1, link domain 4, number 8, click time 5, and the first 96 bits of the
 * HMAC-SHA-256 of all that. The key is the link domain's, so a token of another
 * database does not verify.
 */
#include "token.h"

#include <string.h>

#include <openssl/crypto.h>

#include "digest.h"

#define VERSION		 1
#define SIGNED_BYTES 18
#define MAC_BYTES	 12
#define TOKEN_BYTES	 (SIGNED_BYTES + MAC_BYTES)

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
put(unsigned char *out, int bytes, uint64_t number)
{
	while (bytes-- > 0)
	{
		out[bytes] = (unsigned char) number;
		number >>= 8;
	}
}

static uint64_t
get(const unsigned char *in, int bytes)
{
	uint64_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | *in++;
	return number;
}

static bool
sign(const unsigned char *bytes, const unsigned char *key, unsigned char mac[MAC_BYTES])
{
	unsigned char whole[DIGEST_BYTES];

	if (!digest_mac(key, TOKEN_KEY_BYTES, bytes, SIGNED_BYTES, whole))
		return false;
	memcpy(mac, whole, MAC_BYTES);
	return true;
}

/* Gives the value of a base64url character, or -1. */
static int
value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static void
encode(const unsigned char bytes[TOKEN_BYTES], char out[TOKEN_LENGTH])
{
	for (int i = 0; i < TOKEN_BYTES / 3; i++)
	{
		uint32_t three = (uint32_t) get(bytes + 3 * i, 3);

		for (int j = 3; j >= 0; j--, three >>= 6)
			out[4 * i + j] = digits[three & 63];
	}
}

static bool
decode(const char *text, unsigned char bytes[TOKEN_BYTES])
{
	for (int i = 0; i < TOKEN_LENGTH / 4; i++)
	{
		uint32_t three = 0;

		for (int j = 0; j < 4; j++)
		{
			int six = value(text[4 * i + j]);

			if (six < 0)
				return false;
			three = three << 6 | (uint32_t) six;
		}
		put(bytes + 3 * i, 3, three);
	}
	return true;
}

/* Writes a signed token, without a NUL; false if libcrypto fails. */
bool
token_write(const Token *token, const unsigned char key[TOKEN_KEY_BYTES],
			char out[TOKEN_LENGTH])
{
	unsigned char bytes[TOKEN_BYTES];

	bytes[0] = VERSION;
	put(bytes + 1, 4, token->link_domain);
	put(bytes + 5, 8, token->number);
	put(bytes + 13, 5, token->clicked_s);
	if (!sign(bytes, key, bytes + SIGNED_BYTES))
		return false;
	encode(bytes, out);
	return true;
}

/* Reads what a token claims, to find the key by; false if it has not a token's form. */
bool
token_read(const char *text, size_t length, Token *token)
{
	unsigned char bytes[TOKEN_BYTES];

	if (length != TOKEN_LENGTH || !decode(text, bytes) || bytes[0] != VERSION)
		return false;
	token->link_domain = (uint32_t) get(bytes + 1, 4);
	token->number = get(bytes + 5, 8);
	token->clicked_s = get(bytes + 13, 5);
	return true;
}

/* Verifies the signature of a token that token_read has accepted, in constant time. */
bool
token_verify(const char *text, const unsigned char key[TOKEN_KEY_BYTES])
{
	unsigned char bytes[TOKEN_BYTES];
	unsigned char mac[MAC_BYTES];

	return decode(text, bytes) && sign(bytes, key, mac) &&
		   CRYPTO_memcmp(mac, bytes + SIGNED_BYTES, MAC_BYTES) == 0;
}
