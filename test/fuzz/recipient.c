/*
 * Fuzzes recipients: a number is + and digits, normalising it again changes nothing, what
 * is no number is copied, and its country is known or is not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "country.h"
#include "e164.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_number(const char *number, size_t length)
{
	if (length < 2 || length > 16 || number[0] != '+')
		abort();
	for (size_t i = 1; i < length; i++)
		if (number[i] < '0' || number[i] > '9')
			abort();
}

/* Normalises a text for a country; gives the length of the result in out. */
static void
check(const char *text, size_t size, const char *calling_code)
{
	char *out = malloc(E164_RECIPIENT_MAX);
	char *again = malloc(E164_RECIPIENT_MAX);
	size_t written;
	size_t rewritten;
	E164Status status = e164_normalise(text, size, calling_code, out, &written);

	if (written > E164_RECIPIENT_MAX)
		abort();
	if (status == E164_NUMBER)
		check_number(out, written);
	if (status == E164_IDENTIFIER && (written != size || memcmp(out, text, size) != 0))
		abort();
	if (status != E164_INVALID &&
		(e164_normalise(out, written, calling_code, again, &rewritten) != status ||
		 rewritten != written || memcmp(again, out, written) != 0))
		abort();
	(void) country_of_number(out, written);
	free(again);
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const calling_codes[] = {"", "49", "1", "39", "225"};
	/* exactly sized, for the sanitizer to see a byte too far */
	char *text = malloc(size + (size == 0));

	if (size > 0)
		memcpy(text, data, size);
	for (size_t i = 0; i < sizeof(calling_codes) / sizeof(calling_codes[0]); i++)
		check(text, size, calling_codes[i]);
	free(text);
	return 0;
}
