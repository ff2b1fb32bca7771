/*
 * placeholder.c: recognises an open place-holder where one may begin. What fills it is
 * not known here.
 */
#include "ascii.h"
#include "placeholder.h"

static bool
is_letter(char c)
{
	return ascii_letter(c) || c == '_';
}

/* A name in single brackets may hold these, or bytes of other scripts, but no URL. */
static bool
is_name(char c)
{
	return is_letter(c) || ascii_digit(c) || (unsigned char) c >= 0x80 ||
		   ascii_in(c, ".-:| ");
}

/* Returns the bytes up to and with two closers, such as }}; 0 if they do not come. */
static size_t
double_length(const char *text, size_t length, char opener, char closer)
{
	for (size_t at = 2; at + 1 < length; at++)
	{
		if (text[at] == closer && text[at + 1] == closer)
			return at > 2 ? at + 2 : 0;
		/* [[https://example.com]] is a link in brackets */
		if ((unsigned char) text[at] < ' ' || text[at] == opener ||
			(opener == '[' && text[at] == '/'))
			return 0;
	}
	return 0;
}

/* Returns the bytes of {name}, or 0. */
static size_t
single_length(const char *text, size_t length)
{
	size_t at = 1;

	while (at < length && is_name(text[at]))
		at++;
	return at > 1 && at < length && text[at] == '}' ? at + 1 : 0;
}

/*
 * Returns the bytes of %name%, or 0. Percent-escapes look alike: %C3%A9 and %20off%20 are
 * none.
 */
static size_t
percent_length(const char *text, size_t length)
{
	size_t at = 1;
	bool escape = length > 2 && ascii_hex(text[1]) && ascii_hex(text[2]);

	if (length < 2 || !is_letter(text[1]))
		return 0;
	while (at < length &&
		   (is_letter(text[at]) || ascii_digit(text[at]) || text[at] == '.'))
		at++;
	if (at < 4 || at >= length || text[at] != '%')
		return 0;
	if (escape && at + 2 < length && ascii_hex(text[at + 1]) && ascii_hex(text[at + 2]))
		return 0;
	return at + 1;
}

/* Returns the bytes of the place-holder that text begins with, or 0. */
size_t
placeholder_length(const char *text, size_t length)
{
	size_t bytes;

	if (length > PLACEHOLDER_MAX)
		length = PLACEHOLDER_MAX;
	if (length < 3)
		return 0;
	switch (text[0])
	{
		case '{':
			return text[1] == '{' ? double_length(text, length, '{', '}')
								  : single_length(text, length);
		case '[':
			return text[1] == '[' ? double_length(text, length, '[', ']') : 0;
		case '$':
			bytes = text[1] == '{' ? single_length(text + 1, length - 1) : 0;
			return bytes > 0 ? bytes + 1 : 0;
		case '%':
			return percent_length(text, length);
		default:
			return 0;
	}
}
