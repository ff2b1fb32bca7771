/*
 * token.h: the click token: which link of which message was clicked when, unforgeable.
 */
#ifndef SMSTRACK_TOKEN_H
#define SMSTRACK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys.h"

#define TOKEN_LENGTH 40 /* base64url, no padding, no spare bits */

typedef struct Token
{
	uint32_t link_domain;
	uint64_t number;	/* message_id * 16 + position */
	uint64_t clicked_s; /* seconds since 1970-01-01 00:00 UTC, below 2^40 */
} Token;

extern bool token_write(const Token *token, const unsigned char key[TOKEN_KEY_BYTES],
						char out[TOKEN_LENGTH]);
extern bool token_read(const char *text, size_t length, Token *token);
extern bool token_verify(const char *text, const unsigned char key[TOKEN_KEY_BYTES]);

#endif
