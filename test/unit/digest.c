/*
 * SHA-256 and HMAC-SHA-256 beside the examples of FIPS 180-4 and RFC 4231.
 */
#include "digest.h"

#include <string.h>

#include "tap.h"

/* Tells whether bytes are what hexadecimal digits say. */
static int
is_hex(const unsigned char *bytes, const char *hex)
{
	char text[2 * DIGEST_BYTES + 1];

	for (int i = 0; i < DIGEST_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return strcmp(text, hex) == 0;
}

/* RFC 4231, 4.2, 4.3, 4.4 and 4.5. */
static void
test_mac(void)
{
	static const struct
	{
		const char *key;
		size_t key_length;
		const char *text;
		size_t length;
		const char *mac;
	} examples[] = {
		{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		 "\x0b",
		 20, "Hi There", 8,
		 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", 4, "what do ya want for nothing?", 28,
		 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	};
	unsigned char out[DIGEST_BYTES];
	unsigned char key[65] = {0};
	unsigned char text[50];

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		ok(digest_mac((const unsigned char *) examples[i].key, examples[i].key_length,
					  examples[i].text, examples[i].length, out) &&
			   is_hex(out, examples[i].mac),
		   "RFC 4231, example by a short key");
	memset(key, 0xaa, 20);
	memset(text, 0xdd, sizeof(text));
	ok(digest_mac(key, 20, text, sizeof(text), out) &&
		   is_hex(out,
				  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
	   "RFC 4231, example 3");
	ok(digest_mac(key, 64, text, 1, out), "a key of one block");
	ok(!digest_mac(key, 65, text, 1, out), "no longer one");
}

int
main(void)
{
	unsigned char out[DIGEST_BYTES];

	ok(digest("abc", 3, out) &&
		   is_hex(out,
				  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
	   "FIPS 180-4's example");
	ok(digest("", 0, out) &&
		   is_hex(out,
				  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
	   "the empty text");
	test_mac();
	ok(digest("abc", 3, out) &&
		   is_hex(out,
				  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
	   "the first again, after others");
	return done_testing();
}
