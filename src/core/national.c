/*
 * national.c: what a character costs under national language shift tables.
 */
#include "national.h"

#include <stdbool.h>
#include <string.h>

/* Looks for a character in a table; without a way out, so that compilers use vectors. */
static bool
table_has(const uint16_t *table, uint32_t code_point)
{
	bool found = false;

	if (table == NULL || code_point == GSM7_NONE)
		return false;
	for (int i = 0; i < NATIONAL_TABLE_SIZE; i++)
		found |= table[i] == code_point;
	return found;
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

/* Finds which tables have a character: the default ones, bit 0, and the languages'. */
void
national_find_tables(uint32_t languages, uint32_t code_point, uint32_t *locking,
					 uint32_t *single)
{
	int septets = gsm7_septets(code_point);

	*locking = septets == 1;
	*single = septets == 2;
	for (int i = 1; i < NATIONAL_LANGUAGES; i++)
	{
		if ((languages >> i & 1) == 0)
			continue;
		if (table_has(national_languages[i].locking, code_point))
			*locking |= (uint32_t) 1 << i;
		if (table_has(national_languages[i].single, code_point))
			*single |= (uint32_t) 1 << i;
	}
}

/* Returns a character's septets under a pair of tables; 0 if neither has it. */
int
national_septets(int locking, int single, uint32_t code_point)
{
	int septets = gsm7_septets(code_point);

	if (locking == 0 ? septets == 1
					 : table_has(national_languages[locking].locking, code_point))
		return 1;
	if (single == 0 ? septets == 2
					: table_has(national_languages[single].single, code_point))
		return 2;
	return 0;
}
