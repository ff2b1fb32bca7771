/*
 * ff1.h: format-preserving encryption FF1 (NIST SP 800-38G) of numeral strings whose
 * halves fit 64 bits.
 */
#ifndef SMSTRACK_FF1_H
#define SMSTRACK_FF1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

/* A numeral string of n numerals as two numbers: the first n / 2 numerals, the rest. */
typedef struct Ff1Halves
{
	uint64_t first;
	uint64_t second;
} Ff1Halves;

/* A key, a tweak, a radix and a length, made ready. Owns its AES context. */
typedef struct Ff1
{
	EVP_CIPHER_CTX *aes;
	uint64_t modulus[2];	   /* radix^u, radix^v */
	uint32_t half_bytes;	   /* the standard's b */
	uint32_t sum_bytes;		   /* the standard's d */
	uint32_t q_length;		   /* a multiple of 16 */
	unsigned char chain[16];   /* the CBC-MAC after the block P */
	unsigned char q_start[64]; /* tweak and padding; round and half follow */
} Ff1;

#define FF1_TWEAK_MAX 40

extern bool ff1_init(Ff1 *ff1, const unsigned char *key, size_t key_length,
					 const unsigned char *tweak, size_t tweak_length, uint32_t radix,
					 uint32_t length);
extern void ff1_release(Ff1 *ff1);
extern bool ff1_encrypt(const Ff1 *ff1, Ff1Halves *halves);
extern bool ff1_decrypt(const Ff1 *ff1, Ff1Halves *halves);

#endif
