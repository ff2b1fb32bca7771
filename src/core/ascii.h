/*
 * ascii.h: ASCII's classes without a locale. Any other byte, NUL too, is in none.
 */
#ifndef SMSTRACK_ASCII_H
#define SMSTRACK_ASCII_H

#include <stdbool.h>
#include <string.h>

static inline bool
ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_alnum(char c)
{
	return ascii_letter(c) || ascii_digit(c);
}

static inline bool
ascii_hex(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline char
ascii_lower(char c)
{
	return (char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Tells whether c is one of set's characters. */
static inline bool
ascii_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

#endif
