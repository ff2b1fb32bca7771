/*
 * digest.h: SHA-256 and HMAC-SHA-256 of short texts.
 */
#ifndef SMSTRACK_DIGEST_H
#define SMSTRACK_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_BYTES 32

extern bool digest(const void *bytes, size_t length, unsigned char out[DIGEST_BYTES]);
extern bool digest_mac(const unsigned char *key, size_t key_length, const void *bytes,
					   size_t length, unsigned char out[DIGEST_BYTES]);

#endif
