/*
 * code.h: the code of a short link: a number enciphered into L characters 0-9A-Za-z.
 */
#ifndef SMSTRACK_CODE_H
#define SMSTRACK_CODE_H

#include "ff1.h"

#define CODE_LENGTH_MIN		6
#define CODE_LENGTH_MAX		10
#define CODE_LENGTH_DEFAULT 8
#define CODE_KEY_BYTES		16

/* A message has the numbers message_id * 16 + position. */
#define CODE_POSITIONS 16

/* The codes of one link domain at one length. */
typedef struct CodeCipher
{
	Ff1 ff1;
	uint32_t length;
	uint64_t capacity; /* 62^length: the numbers that fit */
} CodeCipher;

extern uint64_t code_capacity(uint32_t length);
extern bool code_cipher_init(CodeCipher *cipher, const unsigned char key[CODE_KEY_BYTES],
							 uint32_t link_domain, uint32_t length);
extern void code_cipher_release(CodeCipher *cipher);
extern bool code_from_number(const CodeCipher *cipher, uint64_t number, char *code);
extern bool code_to_number(const CodeCipher *cipher, const char *code, uint64_t *number);
extern size_t code_span(const char *text, size_t length);

#endif
