/*
 * national.c: what a character costs under national language shift tables.
 */
#include "national.h"

#include <string.h>

/* Looks for a character in a table. */
static bool
table_has(const uint16_t *table, uint32_t code_point)
{
	if (table == NULL || code_point == GSM7_NONE)
		return false;
	for (int i = 0; i < NATIONAL_TABLE_SIZE; i++)
		if (table[i] == code_point)
			return true;
	return false;
}

/* Returns the identifier of a language by its ISO 639-1 code; 0 if there is none. */
int
national_find(const char *code, size_t length)
{
	for (int i = 1; i < NATIONAL_LANGUAGES; i++)
		if (strlen(national_languages[i].code) == length &&
			memcmp(national_languages[i].code, code, length) == 0)
			return i;
	return 0;
}

bool
national_locking_has(int language, uint32_t code_point)
{
	if (language == 0)
		return gsm7_septets(code_point) == 1;
	return table_has(national_languages[language].locking, code_point);
}

bool
national_single_has(int language, uint32_t code_point)
{
	if (language == 0)
		return gsm7_septets(code_point) == 2;
	return table_has(national_languages[language].single, code_point);
}

/* Returns a character's septets under a pair of tables; 0 if neither has it. */
int
national_septets(int locking, int single, uint32_t code_point)
{
	if (national_locking_has(locking, code_point))
		return 1;
	return national_single_has(single, code_point) ? 2 : 0;
}
