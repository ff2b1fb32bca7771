/*
 * ff1.c: FF1 of NIST SP 800-38G over libcrypto's AES. Numbers only: digits and alphabets
 * are the caller's. The halves of our strings fit 64 bits, which is all it can do.
 */
#include "ff1.h"

#include <endian.h>
#include <string.h>

#define ROUNDS		10
#define BLOCK_BYTES 16
/* SP 800-38G rev. 1 (draft): a smaller domain can be guessed through. */
#define DOMAIN_MIN 1000000

/* Raises radix to a power; false if it does not fit 64 bits. */
static bool
power(uint64_t radix, uint32_t exponent, uint64_t *result)
{
	*result = 1;
	while (exponent-- > 0)
		if (__builtin_mul_overflow(*result, radix, result))
			return false;
	return true;
}

/* Enciphers one block in place. */
static bool
aes_block(const Ff1 *ff1, unsigned char block[BLOCK_BYTES])
{
	int written;

	return EVP_EncryptUpdate(ff1->aes, block, &written, block, BLOCK_BYTES) == 1 &&
		   written == BLOCK_BYTES;
}

static void
store_big_endian(unsigned char *out, uint32_t bytes, uint64_t number)
{
	while (bytes-- > 0)
	{
		out[bytes] = (unsigned char) number;
		number >>= 8;
	}
}

/* The number of bytes that hold every number below the modulus. */
static uint32_t
bytes_below(uint64_t modulus)
{
	uint32_t bytes = 0;

	for (uint64_t greatest = modulus - 1; greatest > 0; greatest >>= 8)
		bytes++;
	return bytes;
}

static const EVP_CIPHER *
aes_ecb(size_t key_length)
{
	switch (key_length)
	{
		case 16:
			return EVP_aes_128_ecb();
		case 24:
			return EVP_aes_192_ecb();
		case 32:
			return EVP_aes_256_ecb();
		default:
			return NULL;
	}
}

static bool
aes_init(Ff1 *ff1, const unsigned char *key, size_t key_length)
{
	const EVP_CIPHER *cipher = aes_ecb(key_length);

	if (cipher == NULL || (ff1->aes = EVP_CIPHER_CTX_new()) == NULL)
		return false;
	return EVP_EncryptInit_ex(ff1->aes, cipher, NULL, key, NULL) == 1 &&
		   EVP_CIPHER_CTX_set_padding(ff1->aes, 0) == 1;
}

/* Enciphers the block P (step 5), which is the same for every number. */
static bool
chain_init(Ff1 *ff1, uint32_t radix, uint32_t length, size_t tweak_length)
{
	unsigned char *p = ff1->chain;

	p[0] = 1;
	p[1] = 2;
	p[2] = 1;
	store_big_endian(p + 3, 3, radix);
	p[6] = ROUNDS;
	p[7] = (unsigned char) (length / 2);
	store_big_endian(p + 8, 4, length);
	store_big_endian(p + 12, 4, tweak_length);
	return aes_block(ff1, p);
}

/* Makes a cipher ready; false if the parameters are out of range or AES fails. */
bool
ff1_init(Ff1 *ff1, const unsigned char *key, size_t key_length, const unsigned char *tweak,
		 size_t tweak_length, uint32_t radix, uint32_t length)
{
	uint32_t u = length / 2;
	uint64_t domain;

	memset(ff1, 0, sizeof(*ff1));
	if (radix < 2 || length < 2 || tweak_length > FF1_TWEAK_MAX ||
		!power(radix, u, &ff1->modulus[0]) || !power(radix, length - u, &ff1->modulus[1]))
		return false;
	if (!__builtin_mul_overflow(ff1->modulus[0], ff1->modulus[1], &domain) &&
		domain < DOMAIN_MIN)
		return false;

	ff1->half_bytes = bytes_below(ff1->modulus[1]);
	ff1->sum_bytes = 4 * ((ff1->half_bytes + 3) / 4) + 4;
	ff1->q_length = ((uint32_t) tweak_length + 1 + ff1->half_bytes + BLOCK_BYTES - 1) /
					BLOCK_BYTES * BLOCK_BYTES;
	memcpy(ff1->q_start, tweak, tweak_length);

	return aes_init(ff1, key, key_length) && chain_init(ff1, radix, length, tweak_length);
}

void
ff1_release(Ff1 *ff1)
{
	EVP_CIPHER_CTX_free(ff1->aes);
	ff1->aes = NULL;
}

/* Reduces the first bytes of a MAC; eight of them, as for all our codes, fit a register. */
static uint64_t
reduce(const unsigned char *mac, uint32_t bytes, uint64_t modulus)
{
	unsigned __int128 sum = 0;
	uint64_t eight;

	if (bytes == 8)
	{
		memcpy(&eight, mac, 8);
		return be64toh(eight) % modulus;
	}
	for (uint32_t i = 0; i < bytes; i++)
		sum = sum << 8 | mac[i];
	return (uint64_t) (sum % modulus);
}

/* Adds two numbers below the modulus; their sum may exceed 64 bits. */
static uint64_t
add(uint64_t a, uint64_t b, uint64_t modulus)
{
	return a >= modulus - b ? a - (modulus - b) : a + b;
}

/*
 * Computes the round's number from the other half (steps 6 i to iv), reduced by the
 * modulus of the half that it is added to.
 */
static bool
round_number(const Ff1 *ff1, int round, uint64_t half, uint64_t modulus, uint64_t *number)
{
	unsigned char q[sizeof(ff1->q_start)];
	unsigned char mac[BLOCK_BYTES];

	memcpy(q, ff1->q_start, ff1->q_length);
	q[ff1->q_length - ff1->half_bytes - 1] = (unsigned char) round;
	store_big_endian(q + ff1->q_length - ff1->half_bytes, ff1->half_bytes, half);

	memcpy(mac, ff1->chain, BLOCK_BYTES);
	for (uint32_t at = 0; at < ff1->q_length; at += BLOCK_BYTES)
	{
		for (int i = 0; i < BLOCK_BYTES; i++)
			mac[i] ^= q[at + (uint32_t) i];
		if (!aes_block(ff1, mac))
			return false;
	}

	/* d <= 12 bytes, because a half has at most 8: one block is enough */
	*number = reduce(mac, ff1->sum_bytes, modulus);
	return true;
}

/* Enciphers in place; false if AES fails. The halves are below their moduli. */
bool
ff1_encrypt(const Ff1 *ff1, Ff1Halves *halves)
{
	uint64_t a = halves->first;
	uint64_t b = halves->second;

	for (int round = 0; round < ROUNDS; round++)
	{
		uint64_t modulus = ff1->modulus[round % 2];
		uint64_t number;
		uint64_t c;

		if (!round_number(ff1, round, b, modulus, &number))
			return false;
		c = add(a, number, modulus);
		a = b;
		b = c;
	}
	halves->first = a;
	halves->second = b;
	return true;
}

/* Deciphers in place; false if AES fails. */
bool
ff1_decrypt(const Ff1 *ff1, Ff1Halves *halves)
{
	uint64_t a = halves->first;
	uint64_t b = halves->second;

	for (int round = ROUNDS - 1; round >= 0; round--)
	{
		uint64_t modulus = ff1->modulus[round % 2];
		uint64_t number;
		uint64_t c;

		if (!round_number(ff1, round, a, modulus, &number))
			return false;
		c = b >= number ? b - number : b + (modulus - number);
		b = a;
		a = c;
	}
	halves->first = a;
	halves->second = b;
	return true;
}
