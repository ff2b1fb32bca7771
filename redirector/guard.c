/*
 * guard.c: a strict reader of RFC 9112's framing, byte by byte and without memory of its
 * own. It judges only; parsing for use is the server library's.
 */
#include <string.h>
#include <strings.h>

#include "../src/core/ascii.h"
#include "guard.h"

#define LINES_MAX 100

/* Tells whether c may stand in a method or a header's name (RFC 9110: tchar). */
static bool
is_token(char c)
{
	return ascii_alnum(c) || ascii_in(c, "!#$%&'*+-.^_`|~");
}

/* Tells whether c may stand in a header's value: no control character but the tab. */
static bool
is_value(char c)
{
	return (unsigned char) c >= ' ' ? c != 0x7f : c == '\t';
}

static void
add(char word[GUARD_WORD_MAX], size_t *length, char c)
{
	if (*length < GUARD_WORD_MAX - 1)
	{
		word[*length] = c;
		word[*length + 1] = '\0';
	}
	++*length;
}

static void
clear(char word[GUARD_WORD_MAX], size_t *length)
{
	*length = 0;
	word[0] = '\0';
}

static int
read_method(Guard *guard, char c)
{
	if (c == ' ' && guard->word_length > 0)
	{
		guard->state = GUARD_TARGET;
		guard->value_length = 0;
		return 0;
	}
	if (!is_token(c))
		return 400;
	add(guard->method, &guard->word_length, c);
	return guard->word_length < GUARD_WORD_MAX ? 0 : 501;
}

static int
read_target(Guard *guard, char c)
{
	if (c == ' ' && guard->value_length > 0)
	{
		guard->state = GUARD_VERSION;
		clear(guard->word, &guard->word_length);
		return 0;
	}
	guard->value_length++;
	return (unsigned char) c > ' ' && c != 0x7f ? 0 : 400;
}

/* Ends the request line: only HTTP/1.0 and HTTP/1.1 are spoken here. */
static int
end_request_line(Guard *guard)
{
	const char *version = guard->word;

	guard->http_1_0 = strcmp(version, "HTTP/1.0") == 0;
	if (guard->http_1_0 || strcmp(version, "HTTP/1.1") == 0)
		return 0;
	return guard->word_length == 8 && strncmp(version, "HTTP/", 5) == 0 &&
				   ascii_digit(version[5]) && version[6] == '.' && ascii_digit(version[7]) &&
				   version[5] != '1'
			   ? 505
			   : 400;
}

static int
end_length(Guard *guard, const GuardLimits *limits)
{
	size_t length = 0;

	if (guard->has_length || guard->value_end == 0)
		return 400;
	guard->has_length = true;
	for (size_t i = 0; i < guard->value_end && i < GUARD_WORD_MAX - 1; i++)
	{
		if (!ascii_digit(guard->value[i]))
			return 400;
		if (length <= limits->body)
			length = length * 10 + (size_t) (guard->value[i] - '0');
	}
	guard->body = length;
	return guard->value_end < GUARD_WORD_MAX && length <= limits->body ? 0 : 413;
}

static int
end_host(Guard *guard)
{
	if (guard->has_host || guard->value_end == 0)
		return 400;
	guard->has_host = true;
	return 0;
}

/* Ends a header line: what frames the request is kept, and may come but once. */
static int
end_header(Guard *guard, const GuardLimits *limits)
{
	if (strcasecmp(guard->word, "content-length") == 0)
		return end_length(guard, limits);
	if (strcasecmp(guard->word, "host") == 0)
		return end_host(guard);
	if (strcasecmp(guard->word, "transfer-encoding") == 0)
	{
		if (guard->has_coding)
			return 400;
		guard->has_coding = true;
		guard->chunked = guard->value_end == 7 && strncasecmp(guard->value, "chunked", 7) == 0;
	}
	return 0;
}

/* Ends the head: the request's framing as a whole. */
static int
end_head(Guard *guard)
{
	bool post = strcmp(guard->method, "POST") == 0;

	if (guard->has_coding && guard->has_length)
		return 400;
	if (guard->has_coding)
		return guard->chunked && post ? 411 : 400;
	if (!guard->has_host && !guard->http_1_0)
		return 400;
	if (guard->body > 0 && !post)
		return 400;
	if (post && !guard->has_length)
		return 411;
	guard->state = guard->body > 0 ? GUARD_BODY : GUARD_DONE;
	return 0;
}

static int
read_name(Guard *guard, char c)
{
	if (c == '\r' && guard->word_length == 0)
	{
		guard->after_line = GUARD_NAME;
		guard->state = GUARD_LINE_END;
		return 0;
	}
	if (c == ':' && guard->word_length > 0)
	{
		guard->state = GUARD_VALUE_GAP;
		guard->value_end = 0;
		clear(guard->value, &guard->value_length);
		return ++guard->lines > LINES_MAX ? 431 : 0;
	}
	add(guard->word, &guard->word_length, c);
	return is_token(c) ? 0 : 400; /* a blank here is obs-fold, or hides the colon */
}

/* Tells whether c may follow in a value; a Host is one word of a narrower alphabet. */
static bool
fits(const Guard *guard, char c)
{
	if (c == ' ' || c == '\t' || guard->word_length != 4 ||
		strcasecmp(guard->word, "host") != 0)
		return is_value(c);
	return guard->value_end == guard->value_length &&
		   (ascii_alnum(c) || ascii_in(c, ".-_:[]"));
}

static int
read_value(Guard *guard, char c)
{
	bool blank = c == ' ' || c == '\t';

	if (c == '\r')
	{
		guard->after_line = GUARD_VALUE;
		guard->state = GUARD_LINE_END;
		return 0;
	}
	if (guard->state == GUARD_VALUE_GAP && blank)
		return 0;
	guard->state = GUARD_VALUE;
	if (!fits(guard, c))
		return 400;
	add(guard->value, &guard->value_length, c);
	if (!blank)
		guard->value_end = guard->value_length;
	return 0;
}

static int
read_line_end(Guard *guard, const GuardLimits *limits, char c)
{
	int status = 0;

	if (c != '\n')
		return 400;
	switch (guard->after_line)
	{
		case GUARD_IDLE:
			guard->state = GUARD_IDLE;
			return 0;
		case GUARD_NAME:
			return end_head(guard);
		case GUARD_VERSION:
			status = end_request_line(guard);
			break;
		default:
			status = end_header(guard, limits);
			break;
	}
	guard->state = GUARD_NAME;
	clear(guard->word, &guard->word_length);
	return status;
}

static int
read_byte(Guard *guard, const GuardLimits *limits, char c)
{
	switch (guard->state)
	{
		case GUARD_IDLE:
			if (c == '\r' && !guard->empty_line)
			{
				guard->empty_line = true;
				guard->after_line = GUARD_IDLE;
				guard->state = GUARD_LINE_END;
				return 0;
			}
			guard->state = GUARD_METHOD;
			return read_method(guard, c);
		case GUARD_METHOD:
			return read_method(guard, c);
		case GUARD_TARGET:
			return read_target(guard, c);
		case GUARD_VERSION:
			if (c != '\r')
			{
				add(guard->word, &guard->word_length, c);
				return (unsigned char) c > ' ' && c < 0x7f ? 0 : 400;
			}
			guard->after_line = GUARD_VERSION;
			guard->state = GUARD_LINE_END;
			return 0;
		case GUARD_NAME:
			return read_name(guard, c);
		case GUARD_VALUE_GAP:
		case GUARD_VALUE:
			return read_value(guard, c);
		case GUARD_LINE_END:
			return read_line_end(guard, limits, c);
		default:
			return 0;
	}
}

/* Gives the status for a head that has grown too long. */
static int
too_long(const Guard *guard)
{
	return guard->state == GUARD_TARGET ? 414 : 431;
}

size_t
guard_read(Guard *guard, const GuardLimits *limits, const char *bytes, size_t length,
		   int *status)
{
	size_t at = 0;

	*status = 0;
	while (at < length && guard->state < GUARD_BODY)
	{
		if (++guard->head > limits->head)
			*status = too_long(guard);
		else
			*status = read_byte(guard, limits, bytes[at]);
		if (*status != 0)
			return 0;
		at++;
	}
	if (guard->state == GUARD_BODY)
	{
		size_t part = length - at < guard->body ? length - at : guard->body;

		guard->body -= part;
		at += part;
		if (guard->body == 0)
			guard->state = GUARD_DONE;
	}
	return at;
}

void
guard_next(Guard *guard)
{
	memset(guard, 0, sizeof(*guard));
}
