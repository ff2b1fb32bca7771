/*
 * keys.h: the keys that a link domain's secret is turned into, one for each purpose.
 */
#ifndef SMSTRACK_KEYS_H
#define SMSTRACK_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "code.h"

#define SECRET_BYTES	32
#define TOKEN_KEY_BYTES 32
#define KEY_CHECK_BYTES 8
#define POSTBACK_KEY_BYTES 32

typedef struct Keys
{
	unsigned char code[CODE_KEY_BYTES];
	unsigned char token[TOKEN_KEY_BYTES];
	unsigned char postback[POSTBACK_KEY_BYTES];
	unsigned char check[KEY_CHECK_BYTES]; /* tells a wrong secret; may be public */
} Keys;

extern bool keys_derive(const unsigned char secret[SECRET_BYTES], Keys *keys);

#endif
