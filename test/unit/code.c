/* Codes: one to one over a whole domain, the borders of each length, what is no code. */
#include "tap.h"
#include "code.h"

#include <stdlib.h>

static const unsigned char key[CODE_KEY_BYTES] = "sixteen bytes!!";

/* Counts the codes of 62^4 numbers that come twice or do not come back. */
static int
errors_in_whole_domain(void)
{
	CodeCipher cipher;
	CodeCipher reader;
	unsigned char *seen;
	int errors = 0;

	if (!code_cipher_init(&cipher, key, 1, 4) || !code_cipher_init(&reader, key, 1, 4))
		return -1;
	seen = calloc(cipher.capacity, 1);
	for (uint64_t number = 0; number < cipher.capacity; number++)
	{
		char code[4];
		uint64_t back;
		uint64_t plain = 0;

		errors += !code_from_number(&cipher, number, code);
		for (int i = 0; i < 4; i++)
			plain = plain * 62 + (uint64_t) (strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
													"abcdefghijklmnopqrstuvwxyz",
													code[i]) -
											 "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
											 "abcdefghijklmnopqrstuvwxyz");
		errors += seen[plain]++ != 0;
		/* one in 16 read back: deciphering is the same rounds backwards */
		if (number % 16 == 0)
			errors += !code_to_number(&reader, code, &back) || back != number;
	}
	free(seen);
	code_cipher_release(&cipher);
	code_cipher_release(&reader);
	return errors;
}

static void
check_length(uint32_t length)
{
	uint64_t numbers[] = {0, 1, 61, 62, 16, 0};
	CodeCipher cipher;
	char code[CODE_LENGTH_MAX + 1] = {0};
	char name[64];
	int errors = 0;

	errors += !code_cipher_init(&cipher, key, 7, length);
	numbers[5] = cipher.capacity - 1;
	for (int i = 0; i < 6; i++)
	{
		uint64_t back = 0;

		errors += !code_from_number(&cipher, numbers[i], code);
		errors += code_span(code, length) != length;
		errors += !code_to_number(&cipher, code, &back) || back != numbers[i];
	}
	snprintf(name, sizeof(name), "length %u: borders come back", length);
	is_int(errors, 0, name);
	snprintf(name, sizeof(name), "length %u: the next number does not fit", length);
	ok(!code_from_number(&cipher, cipher.capacity, code), name);
	code_cipher_release(&cipher);
}

static void
check_domains_differ(void)
{
	CodeCipher a;
	CodeCipher b;
	char code_a[9] = {0};
	char code_b[9] = {0};
	uint64_t number;

	ok(code_cipher_init(&a, key, 1, 8) && code_cipher_init(&b, key, 2, 8), "two domains");
	ok(code_from_number(&a, 1000, code_a) && code_from_number(&b, 1000, code_b) &&
		   strcmp(code_a, code_b) != 0,
	   "the same number has other codes in another link domain");
	ok(code_from_number(&a, 1001, code_b) && memcmp(code_a, code_b, 4) != 0,
	   "neighbours share no beginning");
	ok(!code_to_number(&a, "abc-efgh", &number), "a character outside 0-9A-Za-z");
	ok(!code_to_number(&a, "abcdef\xC3\xA4", &number), "a letter outside ASCII");
	is_int((long long) code_span("Ab3.", 4), 3, "the span ends at a full stop");
	code_cipher_release(&a);
	code_cipher_release(&b);
}

int
main(void)
{
	is_int(errors_in_whole_domain(), 0, "62^4 numbers map one to one");
	for (uint32_t length = CODE_LENGTH_MIN; length <= CODE_LENGTH_MAX; length++)
		check_length(length);
	ok(code_capacity(8) == UINT64_C(218340105584896), "62^8");
	ok(code_capacity(10) == UINT64_C(839299365868340224), "62^10");
	check_domains_differ();
	return done_testing();
}
