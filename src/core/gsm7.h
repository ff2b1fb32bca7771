/*
 * gsm7.h: the GSM 7 bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1
 * and 6.2.1.1). ESC, code 0x1B, is no character of the alphabet: it has no Unicode
 * character of its own.
 */
#ifndef SMSTRACK_GSM7_H
#define SMSTRACK_GSM7_H

#include <stddef.h>
#include <stdint.h>

/* A code with no character: ESC, and the free places of a table. No table has U+0000. */
#define GSM7_NONE 0

#define GSM7_ALPHABET_SIZE	128
#define GSM7_EXTENSION_SIZE 10

typedef struct Gsm7Extension
{
	uint8_t code;
	uint16_t code_point;
} Gsm7Extension;

typedef struct Gsm7Tally
{
	size_t characters;
	size_t extended; /* of them, those that take two septets */
} Gsm7Tally;

extern const uint16_t gsm7_alphabet[GSM7_ALPHABET_SIZE];
extern const Gsm7Extension gsm7_extension[GSM7_EXTENSION_SIZE];

extern int gsm7_septets(uint32_t code_point);
extern size_t gsm7_scan(const char *text, size_t length, Gsm7Tally *tally);

#endif
