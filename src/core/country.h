/*
 * country.h: the country that a telephone number belongs to, by its prefix alone.
 */
#ifndef SMSTRACK_COUNTRY_H
#define SMSTRACK_COUNTRY_H

#include <stddef.h>
#include <stdint.h>

/* The two letters of ISO 3166-1, the first one times 256; 0: not known. They are stored. */
typedef uint16_t Country;

/* Digits that tell the country of any number. */
#define COUNTRY_PREFIX_MAX 7

/* Gives the digits of a country's calling code, such as 49; empty where it is not known. */
#define CALLING_CODE_MAX 3
extern void country_calling_code(Country country, char digits[CALLING_CODE_MAX + 1]);

extern Country country_of_number(const char *number, size_t length);

#endif
