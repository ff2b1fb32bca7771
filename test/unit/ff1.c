/* FF1 against the nine samples that NIST publishes for SP 800-38G. */
#include "tap.h"
#include "ff1.h"

#include <stdlib.h>

typedef struct Sample
{
	const char *key;
	uint32_t radix;
	const char *tweak;
	const char *plain;
	const char *cipher;
} Sample;

#define KEY_128 "2B7E151628AED2A6ABF7158809CF4F3C"
#define KEY_192 KEY_128 "EF4359D8D580AA4F"
#define KEY_256 KEY_192 "7F036D6F04FC6A94"
#define TWEAK_10 "39383736353433323130"
#define TWEAK_11 "3737373770717273373737"

static const Sample samples[] = {
	{KEY_128, 10, "", "0123456789", "2433477484"},
	{KEY_128, 10, TWEAK_10, "0123456789", "6124200773"},
	{KEY_128, 36, TWEAK_11, "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
	{KEY_192, 10, "", "0123456789", "2830668132"},
	{KEY_192, 10, TWEAK_10, "0123456789", "2496655549"},
	{KEY_192, 36, TWEAK_11, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
	{KEY_256, 10, "", "0123456789", "6657667009"},
	{KEY_256, 10, TWEAK_10, "0123456789", "1001623463"},
	{KEY_256, 36, TWEAK_11, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
};

static size_t
from_hex(const char *hex, unsigned char *out)
{
	size_t bytes = strlen(hex) / 2;

	for (size_t i = 0; i < bytes; i++)
	{
		char two[3] = {hex[2 * i], hex[2 * i + 1], 0};

		out[i] = (unsigned char) strtoul(two, NULL, 16);
	}
	return bytes;
}

static uint64_t
read_numerals(const char *text, size_t length, uint32_t radix)
{
	char part[32] = {0};

	memcpy(part, text, length);
	return strtoull(part, NULL, (int) radix);
}

static void
write_numerals(char *out, size_t length, uint32_t radix, uint64_t number)
{
	while (length-- > 0)
	{
		out[length] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % radix];
		number /= radix;
	}
}

static void
check(const Sample *sample, int ordinal)
{
	unsigned char key[32];
	unsigned char tweak[16];
	size_t length = strlen(sample->plain);
	Ff1Halves halves = {read_numerals(sample->plain, length / 2, sample->radix),
						read_numerals(sample->plain + length / 2, length - length / 2,
									  sample->radix)};
	Ff1Halves plain = halves;
	char got[32] = {0};
	char name[64];
	Ff1 ff1;

	snprintf(name, sizeof(name), "NIST sample %d", ordinal);
	ok(ff1_init(&ff1, key, from_hex(sample->key, key), tweak,
				from_hex(sample->tweak, tweak), sample->radix, (uint32_t) length) &&
		   ff1_encrypt(&ff1, &halves),
	   name);
	write_numerals(got, length / 2, sample->radix, halves.first);
	write_numerals(got + length / 2, length - length / 2, sample->radix, halves.second);
	is_str(got, sample->cipher, "enciphered");
	ok(ff1_decrypt(&ff1, &halves) && halves.first == plain.first &&
		   halves.second == plain.second,
	   "deciphered");
	ff1_release(&ff1);
}

static void
refused(const char *name, size_t key_length, size_t tweak_length, uint32_t radix,
		uint32_t length)
{
	unsigned char zero[64] = {0};
	Ff1 ff1;

	ok(!ff1_init(&ff1, zero, key_length, zero, tweak_length, radix, length), name);
	ff1_release(&ff1);
}

int
main(void)
{
	for (int i = 0; i < 9; i++)
		check(&samples[i], i + 1);
	refused("a key of 15 bytes", 15, 0, 62, 8);
	refused("a domain below 10^6", 16, 0, 62, 3);
	refused("halves above 64 bits", 16, 0, 62, 24);
	refused("a long tweak", 16, FF1_TWEAK_MAX + 1, 62, 8);
	return done_testing();
}
