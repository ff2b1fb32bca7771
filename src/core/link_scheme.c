/*
 * link_scheme.c: judges what a colon ends: http and https begin a link, another scheme
 * begins a token that is left alone whole, any other word is a word.
 */
#include <string.h>
#include <strings.h>

#include "ascii.h"
#include "link_char.h"
#include "link_end.h"
#include "link_guard.h"
#include "link_scan.h"
#include "utf8.h"

/* An authority is searched this far for a user's name. */
#define AUTHORITY_MAX 256

#define SCHEME_MAX 16

/* Schemes that need no slashes. */
static const char *const plain_schemes[] = {
	"bitcoin", "callto", "data", "facetime", "geo",		 "intent", "javascript", "magnet",
	"mailto",  "market", "mms",	 "mmsto",	 "sip",		 "sips",   "skype",		 "sms",
	"smsto",   "tel",	 "tg",	 "vbscript", "whatsapp", "xmpp"};
static const HostList plain_scheme_list = {plain_schemes, 22};

/* Those that are names of services too: WhatsApp:https://wa.me/4930123 has a link. */
static const char *const service_schemes[] = {"facetime", "market", "skype", "tg",
											  "whatsapp"};
static const HostList service_scheme_list = {service_schemes, 5};

/* Tells whether the authority that begins at text[at] has a user's name in it. */
static bool
has_userinfo(const LinkScan *scan, size_t at)
{
	size_t limit = scan->length - at > AUTHORITY_MAX ? at + AUTHORITY_MAX : scan->length;

	for (; at < limit; at++)
	{
		char c = scan->body[at];

		if (c == '@')
			return true;
		if ((unsigned char) c <= ' ' || ascii_in(c, "/?#<>\"\\"))
			return false;
	}
	return false;
}

/* Tells whether a host ends in the scheme of a next link: https://a.comhttps://b.com */
static bool
runs_into_scheme(const LinkScan *scan, size_t end)
{
	const char *s = scan->body + end;

	return scan->length - end >= 3 && strncmp(s, "://", 3) == 0 && end >= 4 &&
		   (strncasecmp(s - 4, "http", 4) == 0 ||
			(end >= 5 && strncasecmp(s - 5, "https", 5) == 0));
}

/* Tells whether what follows a host could still be a part of its authority. */
static bool
authority_goes_on(const LinkScan *scan, size_t end)
{
	return end < scan->length && ascii_in(scan->body[end], "@:%$&+=~*!'_-");
}

/* Leaves alone what looks like a link but is not one for us; returns false otherwise. */
static bool
leave_doubtful(LinkScan *scan, Link *link, size_t start, size_t authority, size_t end,
			   const Host *host, bool valid)
{
	uint32_t warning = 0;

	if (scan_placeholder_at(scan, authority) || scan_placeholder_at(scan, end) ||
		(end < scan->length && ascii_in(scan->body[end], ".:") &&
		 scan_placeholder_at(scan, end + 1)))
		warning = LINK_WARN_PLACEHOLDER;
	else if ((!valid || authority_goes_on(scan, end)) && has_userinfo(scan, authority))
		warning = LINK_WARN_USERINFO;
	else if (valid && (host->doubtful || runs_into_scheme(scan, end)))
		warning = LINK_WARN_GLUED;
	return warning != 0 && scan_leave_token(scan, link, start, authority, warning);
}

/* Judges what http:// or https:// at text[start] begins; the authority is at scan->at. */
static bool
scheme_link(LinkScan *scan, Link *link, size_t start)
{
	size_t authority = scan->at;
	unsigned default_port = authority - start == 8 ? 443 : 80;
	uint32_t warnings = 0;
	unsigned port = 0;
	size_t end;
	Host host;
	bool valid = host_parse(scan->body, scan->length, authority, true,
							&scan->options->host, &host);

	end = valid ? host.end : host.run_end;
	if (valid && !host.glued && scan_port(scan, &end, &port) == LINK_PORT_BAD)
		valid = false;
	if (leave_doubtful(scan, link, start, authority, end, &host, valid))
		return true;
	if (!valid)
		return false;
	if (scan_own_host(scan, &host, port, default_port))
		warnings |= LINK_WARN_ALREADY_SHORT;
	if (host.labels > 2 && guard_join_like(scan->body, authority, &host))
		warnings |= LINK_WARN_JOIN_LIKE;
	if (!host.glued)
		end = scan_walk(scan, end, &warnings);
	return scan_accept(scan, link, start, end, LINK_SCHEME, warnings);
}

/* Returns the bytes of http or https before text[at], or 0. */
static size_t
http_before(const LinkScan *scan, size_t at)
{
	const char *s = scan->body + at;

	if (at - scan->floor >= 5 && strncasecmp(s - 5, "https", 5) == 0)
		return 5;
	return at - scan->floor >= 4 && strncasecmp(s - 4, "http", 4) == 0 ? 4 : 0;
}

/* Tells whether what stands before http makes it another scheme: git+https, xhttp */
static bool
other_scheme_before(const LinkScan *scan, size_t start)
{
	const char *s = scan->body;

	if (start == 0)
		return false;
	return ascii_alnum(s[start - 1]) ||
		   (start > 1 && ascii_in(s[start - 1], "+-.") && ascii_alnum(s[start - 2]));
}

/* Another scheme's token stays whole, with the links inside. */
static bool
skip_token(LinkScan *scan, size_t at)
{
	scan_consume(scan,
				 link_token_end(scan->body, scan->length, at, true, scan->options->poll));
	return false;
}

/* Judges "://" behind text[colon]. */
static bool
at_slashes(LinkScan *scan, Link *link, size_t colon)
{
	size_t http = http_before(scan, colon);
	size_t authority = colon + 3;
	size_t start;

	if (http > 0 && !other_scheme_before(scan, colon - http))
	{
		/* http://https://: the inner one counts */
		scan->at = authority;
		return !link_scheme_at(scan->body, scan->length, authority) &&
			   scheme_link(scan, link, colon - http);
	}
	if (scan_broken_scheme(scan, authority, &start))
		return scan_leave_token(scan, link, start, authority, LINK_WARN_BROKEN_SCHEME);
	if (http > 0 && scan->body[colon - http - 1] != '+')
		return scan_leave_token(scan, link, colon - http, authority, LINK_WARN_GLUED);
	if (colon > scan->floor &&
		(ascii_alnum(scan->body[colon - 1]) || ascii_in(scan->body[colon - 1], "+-.")))
		return skip_token(scan, authority);
	scan->at = authority;
	return false;
}

/* Tells whether a scheme that needs no slashes ends at text[colon]. */
static bool
plain_scheme_before(const LinkScan *scan, size_t colon)
{
	char word[SCHEME_MAX];
	size_t n = 0;

	while (n < SCHEME_MAX - 1 && colon - n > scan->floor &&
		   ascii_alnum(scan->body[colon - n - 1]))
		n++;
	if (colon > n && ascii_alnum(scan->body[colon - n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		word[i] = ascii_lower(scan->body[colon - n + i]);
	word[n] = '\0';
	if (host_list_has(&service_scheme_list, word) &&
		link_scheme_at(scan->body, scan->length, colon + 1))
		return false;
	return host_list_has(&plain_scheme_list, word);
}

/* Judges the colon at scan->at. */
bool
link_at_colon(LinkScan *scan, Link *link)
{
	size_t colon = scan->at;
	uint32_t c;

	scan->at = colon + 1;
	if (scan->at >= scan->length)
		return false;
	if (scan->length - colon >= 3 && memcmp(scan->body + colon, "://", 3) == 0)
		return at_slashes(scan, link, colon);
	utf8_decode(scan->body + scan->at, scan->length - scan->at, &c);
	if (link_char_term(c) != LINK_TERM_HARD && plain_scheme_before(scan, colon))
		return skip_token(scan, scan->at);
	return false;
}
