/*
 * link_scan.c: fills in what the scan found, and moves behind it.
 */
#include <string.h>

#include "ascii.h"
#include "link_char.h"
#include "link_end.h"
#include "link_scan.h"
#include "link_target.h"
#include "placeholder.h"
#include "utf8.h"

/* What is written for http and https by mistake. */
static const char *const near_schemes[] = {
	"hhtp",	 "hhtps",  "hhttp", "hhttps", "hptt",	"hptts", "htp",
	"htpp",	 "htpps",  "htps",	"htpss",  "htt",	"http",	 "httpp",
	"https", "httpss", "httsp", "htttp",  "htttps", "ttp",	 "ttps"};
static const HostList near_scheme_list = {near_schemes, 21};

/* Moves on: nothing before text[at] is looked at as the beginning of something again. */
void
scan_consume(LinkScan *scan, size_t at)
{
	scan->at = at;
	scan->floor = at;
}

/* Tells whether a letter, digit or emoji begins at text[at]. */
static bool
letter_at(const char *body, size_t length, size_t at)
{
	uint32_t c;

	if (at >= length)
		return false;
	utf8_decode(body + at, length - at, &c);
	return link_char_letter(c) || (c >= 128 && link_char_emoji(c));
}

/* Tells whether a letter or digit ends directly before text[at]. */
static bool
letter_before(const char *body, size_t at)
{
	uint32_t c;

	return utf8_decode_before(body, at, &c) > 0 && link_char_letter(c);
}

bool
scan_letter_before(const LinkScan *scan, size_t at)
{
	return letter_before(scan->body, at);
}

bool
link_is_glued(const char *body, size_t length, size_t start, size_t end)
{
	return letter_before(body, start) || letter_at(body, length, end);
}

/* Fills in a link that stays as it is, and moves behind it. */
bool
scan_leave(LinkScan *scan, Link *link, size_t start, size_t end, LinkKind kind,
		   uint32_t warnings)
{
	link->start = start;
	link->length = end - start;
	link->kind = kind;
	link->trackable = false;
	link->position = -1;
	link->warnings = warnings;
	scan_consume(scan, end);
	return true;
}

/* Tells whether the host, with its port where it is odd, is a short-link host of ours. */
bool
scan_own_host(const LinkScan *scan, const Host *host, unsigned port,
			  unsigned default_port)
{
	char name[HOST_ASCII_MAX + 8];
	size_t length = strlen(host->ascii);

	if (scan->options->own_hosts == NULL)
		return false;
	memcpy(name, host->ascii, length + 1);
	if (port != 0 && port != default_port)
	{
		char digits[8];
		int n = 0;

		for (; port > 0; port /= 10)
			digits[n++] = (char) ('0' + port % 10);
		name[length++] = ':';
		while (n > 0)
			name[length++] = digits[--n];
		name[length] = '\0';
	}
	return host_list_has(scan->options->own_hosts, name);
}

/* Fills in a link that is one, and moves behind it. */
bool
scan_accept(LinkScan *scan, Link *link, size_t start, size_t end, LinkKind kind,
			uint32_t warnings)
{
	const uint32_t never =
		LINK_WARN_ALREADY_SHORT | LINK_WARN_TOO_LONG | LINK_WARN_TOO_MANY;

	if (end - start > LINK_TARGET_MAX)
		warnings |= LINK_WARN_TOO_LONG;
	if (link_is_glued(scan->body, scan->length, start, end))
		warnings |= LINK_WARN_GLUED;
	scan_leave(scan, link, start, end, kind, warnings);
	if ((warnings & never) || !link_target_allowed(scan->body + start, end - start))
		return true;
	if (scan->tracked == LINK_POSITIONS)
	{
		link->warnings |= LINK_WARN_TOO_MANY;
		return true;
	}
	link->trackable = true;
	link->position = scan->tracked++;
	return true;
}

/* Reads :port at text[*at] and moves *at behind it. */
LinkPort
scan_port(const LinkScan *scan, size_t *at, unsigned *number)
{
	const char *s = scan->body;
	size_t digit = *at + 1;

	*number = 0;
	if (*at + 1 >= scan->length || s[*at] != ':' || !ascii_digit(s[digit]))
		return LINK_PORT_NONE;
	while (digit < scan->length && ascii_digit(s[digit]))
	{
		*number = *number < 100000 ? *number * 10 + (unsigned) (s[digit] - '0') : *number;
		digit++;
	}
	if (*number == 0 || *number > 65535)
		return LINK_PORT_BAD;
	if (digit < scan->length && (ascii_alnum(s[digit]) || ascii_in(s[digit], "_-@")))
		return LINK_PORT_BAD;
	if (digit + 1 < scan->length && ascii_in(s[digit], ".:,") &&
		ascii_digit(s[digit + 1]))
		return LINK_PORT_BAD;
	*at = digit;
	return LINK_PORT_VALID;
}

/* Tells whether an open place-holder begins at text[at]. */
bool
scan_placeholder_at(const LinkScan *scan, size_t at)
{
	return at < scan->length &&
		   placeholder_length(scan->body + at, scan->length - at) > 0;
}

/*
 * Tells whether a sentence goes on without a space at the end of a link, which has it
 * swallowed: https://example.com/order!Thanks
 */
static bool
swallows_word(const char *text, size_t start, size_t end)
{
	size_t at = end;

	while (at > start && text[at - 1] >= 'a' && text[at - 1] <= 'z')
		at--;
	return at < end && at > start + 2 && ascii_letter(text[at - 1]) &&
		   ascii_in(text[at - 2], ".!?,;:") && ascii_alnum(text[at - 3]);
}

/* Ends a link behind its host: walks where a path, query or fragment begins. */
size_t
scan_walk(const LinkScan *scan, size_t at, uint32_t *warnings)
{
	LinkEnd tail;

	if (at >= scan->length || !ascii_in(scan->body[at], "/?#"))
		return at;
	tail = link_end(scan->body, scan->length, at, scan->options->poll);
	if (tail.placeholder)
		*warnings |= LINK_WARN_PLACEHOLDER;
	if (swallows_word(scan->body, at, tail.end))
		*warnings |= LINK_WARN_GLUED;
	return tail.end;
}

/* Leaves the token alone that begins at start, up to where a link would end. */
bool
scan_leave_token(LinkScan *scan, Link *link, size_t start, size_t at, uint32_t warning)
{
	LinkEnd tail = link_end(scan->body, scan->length, at, scan->options->poll);

	return scan_leave(scan, link, start, tail.end, LINK_SCHEME, warning);
}

/*
 * Tells whether a mistaken http:// ends at text[end], such as https//, http:/ or htp://,
 * and where it begins. What is written right, before a host that is none, is no mistake.
 */
bool
scan_broken_scheme(const LinkScan *scan, size_t end, size_t *start)
{
	const char *s = scan->body;
	char word[8];
	size_t slashes = 0;
	size_t mark = 0;
	size_t n = 0;

	while (slashes < 3 && end - slashes > scan->floor && s[end - slashes - 1] == '/')
		slashes++;
	end -= slashes;
	if (end > scan->floor && ascii_in(s[end - 1], ":;.,"))
		mark = 1;
	end -= mark;
	if (slashes == 0 && (mark == 0 || !ascii_in(s[end], ":;")))
		return false;
	while (n < sizeof(word) - 1 && end - n > scan->floor && ascii_alnum(s[end - n - 1]))
		n++;
	if (end > n && ascii_alnum(s[end - n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		word[i] = ascii_lower(s[end - n + i]);
	word[n] = '\0';
	*start = end - n;
	return host_list_has(&near_scheme_list, word) &&
		   !(slashes == 2 && mark == 1 && s[end] == ':' &&
			 strncmp(word, "http", 4) == 0 &&
			 (word[4] == '\0' || strcmp(word + 4, "s") == 0));
}
