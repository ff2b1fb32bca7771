/*
 * Fuzzes what a shop writes into a conversion: a time that is read can be written, and is
 * read again as the same; a decimal is one number to the C library too; a currency is
 * three capitals; and none of them is anything else.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ascii.h"
#include "currency.h"
#include "decimal.h"
#include "iso_time.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Seconds of 0000-12-31 and 10000-01-02: years of four digits, by any offset. */
#define FIRST_SECOND (-62135683200LL)
#define LAST_SECOND	 253402387200LL

/* Writes a time by the C library's calendar, and reads it. */
static void
check_written(int64_t microseconds)
{
	time_t seconds = (time_t) (microseconds / 1000000 - (microseconds % 1000000 < 0));
	struct tm parts;
	char text[64];
	int64_t again;

	if (seconds < FIRST_SECOND || seconds > LAST_SECOND ||
		gmtime_r(&seconds, &parts) == NULL)
		abort();
	if (parts.tm_year + 1900 < 1 || parts.tm_year + 1900 > 9999)
		return;
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
			 parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
			 parts.tm_min, parts.tm_sec,
			 (int) (microseconds - (int64_t) seconds * 1000000));
	if (!iso_time_read(text, strlen(text), &again) || again != microseconds)
		abort();
}

static void
check_time(const char *text, size_t size)
{
	int64_t microseconds;

	if (!iso_time_read(text, size, &microseconds))
		return;
	for (size_t i = 0; i < size; i++)
		if (!ascii_digit(text[i]) && !ascii_in(text[i], "-+:.TtZz "))
			abort();
	check_written(microseconds);
}

static void
check_decimal(const char *text, size_t size)
{
	char copy[DECIMAL_MAX_BYTES + 1];
	char *end;

	if (!decimal_valid(text, size))
		return;
	if (size == 0 || size > DECIMAL_MAX_BYTES)
		abort();
	memcpy(copy, text, size);
	copy[size] = '\0';
	(void) strtod(copy, &end);
	if (end != copy + size || strpbrk(copy, "+eExXnNiIpP ") != NULL)
		abort();
}

static void
check_currency(const char *text, size_t size)
{
	if (!currency_known(text, size))
		return;
	if (size != 3)
		abort();
	for (size_t i = 0; i < size; i++)
		if (text[i] < 'A' || text[i] > 'Z')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* exactly sized, for the sanitizer to see a byte too far */
	char *text = malloc(size + (size == 0));

	if (size > 0)
		memcpy(text, data, size);
	check_time(text, size);
	check_decimal(text, size);
	check_currency(text, size);
	free(text);
	return 0;
}
