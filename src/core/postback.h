/*
 * postback.h: calls of a shop's server, signed and of now.
 */
#ifndef SMSTRACK_POSTBACK_H
#define SMSTRACK_POSTBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys.h"

#define POSTBACK_SIGNATURE_LENGTH 64 /* HMAC-SHA-256 in hexadecimal */

/* A call may be so old, or so early, in seconds. */
#define POSTBACK_TOLERANCE 300

/*
 * Tells whether the signature is that of timestamp, a dot, and body, and the timestamp,
 * in seconds since 1970 in decimal, is of now.
 */
extern bool postback_verify(const unsigned char key[POSTBACK_KEY_BYTES],
							const char *timestamp, const char *body, size_t body_length,
							const char *signature, int64_t now);

#endif
