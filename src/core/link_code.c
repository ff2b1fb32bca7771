/*
 * link_code.c: finds the code in what a phone requested. Phones take punctuation, emoji
 * and letters without a space before them for a part of a link; a body has them right
 * behind a link where the link finder ends it (link_end.c), so all that may stand there
 * ends a code.
 */
#include <stdbool.h>

#include "ascii.h"
#include "link_code.h"

static bool
ends_code(unsigned char c)
{
	return c >= 0x80 || c <= ' ' || c == 0x7F ||
		   ascii_in((char) c, ".,!?:;)]}>\"'([{<*|`\\$%&+=^~");
}

static unsigned
hex_value(char c)
{
	return ascii_digit(c) ? (unsigned) (c - '0') : (unsigned) (ascii_lower(c) - 'a') + 10;
}

/* Returns how many of the requested bytes are the code: those before what was glued. */
size_t
link_code_length(const char *requested, size_t length)
{
	for (size_t at = 0; at < length; at++)
	{
		unsigned char c = (unsigned char) requested[at];

		if (c == '%' && length - at >= 3 && ascii_hex(requested[at + 1]) &&
			ascii_hex(requested[at + 2]))
			c = (unsigned char) (hex_value(requested[at + 1]) << 4 |
								 hex_value(requested[at + 2]));
		if (ends_code(c))
			return at;
	}
	return length;
}
