/*
 * clean.c: cuts a stranger's text to a limit and takes out of it what a database or a
 * screen must not meet. Knows nothing of what the text means.
 */
#include "clean.h"

#include <string.h>

#include "utf8.h"

/* Says whether c is one of Unicode's control characters (general category Cc). */
static int
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

/*
 * Writes text to out, at most limit bytes and never half a character; control characters
 * and invalid bytes become CLEAN_REPLACEMENT. Returns the bytes written. The text never
 * grows, so out may be text itself. What is clean already is not changed.
 */
size_t
clean_text(const char *text, size_t length, char *out, size_t limit)
{
	size_t written = 0;

	for (size_t at = 0; at < length && written < limit;)
	{
		uint32_t c;
		size_t n;

		/* nearly all of it, and so without a call for each character */
		if (text[at] >= 0x20 && text[at] < 0x7F)
		{
			out[written++] = text[at++];
			continue;
		}
		n = utf8_decode(text + at, length - at, &c);
		if (is_control(c) || (n == 1 && c == UTF8_REPLACEMENT))
			out[written++] = CLEAN_REPLACEMENT;
		else if (n > limit - written)
			break;
		else
		{
			memmove(out + written, text + at, n);
			written += n;
		}
		at += n;
	}
	return written;
}
