/*
 * decimal.c: tells decimals, such as -12.50, from what else a number may look like: no
 * exponent, no sign before a positive one, no point at an end, no NaN.
 */
#include "decimal.h"

#include "ascii.h"

bool
decimal_valid(const char *text, size_t length)
{
	size_t begin = length > 0 && text[0] == '-' ? 1 : 0;
	int points = 0;

	if (length > DECIMAL_MAX_BYTES || length == begin || !ascii_digit(text[begin]) ||
		!ascii_digit(text[length - 1]))
		return false;
	for (size_t i = begin; i < length; i++)
		if (text[i] == '.')
			points++;
		else if (!ascii_digit(text[i]))
			return false;
	return points <= 1;
}
