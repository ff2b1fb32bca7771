/*
 * national.h: the national language shift tables (3GPP TS 23.038, annex A) by their
 * language identifiers, 1 to 13. A locking shift table stands in for the default
 * alphabet, a single shift table for its extension table; identifier 0 is the default of
 * either.
 */
#ifndef SMSTRACK_NATIONAL_H
#define SMSTRACK_NATIONAL_H

#include <stddef.h>
#include <stdint.h>

#include "gsm7.h"

#define NATIONAL_LANGUAGES	14
#define NATIONAL_TABLE_SIZE 128

typedef struct NationalLanguage
{
	const char *code; /* ISO 639-1 */
	const char *name;
	const uint16_t *locking; /* by code; NULL: the language has none */
	const uint16_t *single;
} NationalLanguage;

/* Entry 0 is empty. */
extern const NationalLanguage national_languages[NATIONAL_LANGUAGES];

extern int national_find(const char *code, size_t length);
extern void national_find_tables(uint32_t languages, uint32_t code_point,
								 uint32_t *locking, uint32_t *single);
extern int national_septets(int locking, int single, uint32_t code_point);

#endif
