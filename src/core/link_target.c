/*
 * link_target.c: judges and writes what a link leads to.
 */
#include <string.h>
#include <strings.h>

#include "ascii.h"
#include "link_target.h"

/* Where the parts of a target are. */
typedef struct Target
{
	size_t scheme_length; /* of "http" or "https", 0: none */
	size_t host;
	size_t host_end;
	size_t port;	 /* first digit, or host_end */
	size_t port_end; /* the path, query or fragment begins here */
} Target;

static size_t
read_scheme(const char *url, size_t length)
{
	if (length >= 8 && strncasecmp(url, "https://", 8) == 0)
		return 5;
	return length >= 7 && strncasecmp(url, "http://", 7) == 0 ? 4 : 0;
}

/* Reads [IPv6], or labels: a colon ends them. Returns the offset behind. */
static size_t
read_host(const char *url, size_t length, size_t at)
{
	if (at < length && url[at] == '[')
	{
		while (at < length && url[at] != ']' && !ascii_in(url[at], "/?#"))
			at++;
		return at < length && url[at] == ']' ? at + 1 : at;
	}
	while (at < length && ((unsigned char) url[at] >= 0x80 || ascii_alnum(url[at]) ||
						   ascii_in(url[at], ".-_")))
		at++;
	return at;
}

/* Reads a port from 1 to 65535; returns the offset behind, or at itself for none. */
static size_t
read_port(const char *url, size_t length, size_t at)
{
	size_t end = at;
	unsigned port = 0;

	while (end < length && ascii_digit(url[end]) && port <= 65535)
		port = port * 10 + (unsigned) (url[end++] - '0');
	return port >= 1 && port <= 65535 ? end : at;
}

/* Takes a target apart; returns false where it is none of ours. */
static bool
read_target(const char *url, size_t length, Target *target)
{
	size_t at;

	target->scheme_length = read_scheme(url, length);
	target->host = target->scheme_length > 0 ? target->scheme_length + 3 : 0;
	at = read_host(url, length, target->host);
	target->host_end = target->port = at;
	if (at < length && url[at] == ':')
	{
		target->port = ++at;
		at = read_port(url, length, at);
		if (at == target->port)
			return false;
	}
	target->port_end = at;
	/* Without a scheme, javascript:1 must not pass. */
	return target->host_end > target->host &&
		   (at == length || ascii_in(url[at], "/?#")) &&
		   (target->scheme_length > 0 ||
			memchr(url + target->host, '.', target->host_end - target->host) != NULL);
}

/*
 * Tells whether a target may be stored and redirected to: http or https, a host, no
 * user's name, no control byte, no backslash, not too long.
 */
bool
link_target_allowed(const char *url, size_t length)
{
	Target target;

	if (length > LINK_TARGET_MAX || !read_target(url, length, &target))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char) url[i] < ' ' || url[i] == 0x7F || url[i] == '\\')
			return false;
	return true;
}

typedef struct Writer
{
	char *out;
	size_t room; /* without the NUL */
	size_t at;
} Writer;

static void
put(Writer *writer, const char *bytes, size_t length)
{
	if (writer->at + length <= writer->room)
		memcpy(writer->out + writer->at, bytes, length);
	writer->at += length;
}

/* What is percent-encoded besides non-ASCII: the URL standard's sets. A lone % stays. */
static const char path_set[] = " \"<>`{}";
static const char query_set[] = " \"<>'";
static const char fragment_set[] = " \"<>`";

static void
put_encoded(Writer *writer, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *set = path_set;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) bytes[i];

		if (c == '?' && set == path_set)
			set = query_set;
		else if (c == '#')
			set = fragment_set;
		if (c < 0x80 && !ascii_in((char) c, set))
			put(writer, bytes + i, 1);
		else
		{
			char escape[3] = {'%', digits[c >> 4], digits[c & 15]};

			put(writer, escape, 3);
		}
	}
}

/* Tells whether the port is the scheme's own. */
static bool
default_port(const char *port, size_t length, bool https)
{
	return https ? length == 3 && memcmp(port, "443", 3) == 0
				 : length == 2 && memcmp(port, "80", 2) == 0;
}

/* Writes the browser's form and a NUL; *written counts the bytes before the NUL. */
LinkTargetStatus
link_target_write(const char *url, size_t length, const UIDNA *idna, char *out,
				  size_t out_size, size_t *written)
{
	const HostOptions options = {.idna = idna};
	Writer writer = {out, out_size > 0 ? out_size - 1 : 0, 0};
	Target target;
	bool https;
	size_t digits;
	Host host;

	*written = 0;
	if (!link_target_allowed(url, length) || !read_target(url, length, &target) ||
		!host_write(url + target.host, target.host_end - target.host, &options, &host))
		return LINK_TARGET_REFUSED;
	/* Without a scheme phones request http. */
	https = target.scheme_length == 5;
	put(&writer, https ? "https://" : "http://", https ? 8 : 7);
	put(&writer, host.ascii, strlen(host.ascii));
	digits = target.port_end - target.port;
	if (digits > 0 && !default_port(url + target.port, digits, https))
		put(&writer, url + target.port - 1, digits + 1);
	put_encoded(&writer, url + target.port_end, length - target.port_end);
	if (out_size == 0 || writer.at > writer.room)
		return LINK_TARGET_NO_ROOM;
	out[writer.at] = '\0';
	*written = writer.at;
	return LINK_TARGET_WRITTEN;
}

/* Tells whether a query has a parameter of a name; the name has no byte to be encoded. */
static bool
has_parameter(const char *query, size_t length, const char *name)
{
	size_t name_length = strlen(name);

	for (size_t at = 0; at < length;)
	{
		size_t end = at;

		while (end < length && query[end] != '&')
			end++;
		if (end - at >= name_length && memcmp(query + at, name, name_length) == 0 &&
			(end - at == name_length || query[at + name_length] == '='))
			return true;
		at = end + 1;
	}
	return false;
}

/* Finds the first of one or two bytes from an offset on; length where there is none. */
static size_t
find(const char *text, size_t length, size_t from, const char *bytes)
{
	while (from < length && !ascii_in(text[from], bytes))
		from++;
	return from;
}

/* Adds name=value to the query of a target that is in its browser's form. */
LinkTargetStatus
link_target_decorate(const char *url, size_t length, const char *name, const char *value,
					 char *out, size_t out_size, size_t *written)
{
	Writer writer = {out, out_size > 0 ? out_size - 1 : 0, 0};
	size_t mark = find(url, length, 0, "?#");
	size_t end = find(url, length, mark, "#");
	bool query = mark < end;

	put(&writer, url, end);
	if (name[0] != '\0' &&
		!(query && has_parameter(url + mark + 1, end - mark - 1, name)))
	{
		if (!query)
			put(&writer, "?", 1);
		else if (end > mark + 1 && url[end - 1] != '&')
			put(&writer, "&", 1);
		put(&writer, name, strlen(name));
		put(&writer, "=", 1);
		put(&writer, value, strlen(value));
	}
	put(&writer, url + end, length - end);
	*written = 0;
	if (out_size == 0 || writer.at > writer.room)
		return LINK_TARGET_NO_ROOM;
	out[writer.at] = '\0';
	*written = writer.at;
	return LINK_TARGET_WRITTEN;
}
