/*
 * link.c: scans a body for links. It stops only at a colon, a dot, an at sign or a
 * bracket; prose in between is passed over byte by byte. What was looked at is not looked
 * at again, so the time is linear in the body's length.
 */
#include <string.h>

#include "ascii.h"
#include "link.h"
#include "link_scan.h"
#include "placeholder.h"

/* Bytes between two calls of poll. */
#define POLL_EVERY 8192

static const char *const file_tlds[] = {"cc", "md", "mov", "pl", "ps",
										"py", "rs", "sh",  "zip"};
const HostList link_ignored_tlds = {file_tlds, 9};

static const LinkOptions default_options;

static const char *const warning_names[LINK_WARNING_COUNT] = {
	"glued",		 "broken-scheme", "userinfo", "placeholder", "join-like",
	"already-short", "too-many",	  "too-long", "middle",		 "several"};

static const char *const kind_names[] = {"scheme", "www", "bare", "host"};

/* Bytes at which the scan stops to look. */
static const bool anchors[256] = {
	[':'] = true, ['.'] = true, ['@'] = true, ['{'] = true, ['['] = true, ['%'] = true};

/* Names the warning of a bit's number. */
const char *
link_warning_name(int bit)
{
	return warning_names[bit];
}

/* Names a kind. */
const char *
link_kind_name(LinkKind kind)
{
	return kind_names[kind];
}

/* Begins a scan; body and options must outlive it. */
void
link_scan_begin(LinkScan *scan, const char *body, size_t length,
				const LinkOptions *options)
{
	memset(scan, 0, sizeof(*scan));
	scan->body = body;
	scan->length = length;
	scan->options = options != NULL ? options : &default_options;
}

/* Moves to the next anchor; returns false at the end. */
static bool
next_anchor(LinkScan *scan)
{
	while (scan->at < scan->length)
	{
		size_t limit =
			scan->length - scan->at > POLL_EVERY ? scan->at + POLL_EVERY : scan->length;

		while (scan->at < limit && !anchors[(unsigned char) scan->body[scan->at]])
			scan->at++;
		if (scan->options->poll != NULL && scan->at - scan->polled >= POLL_EVERY)
		{
			scan->polled = scan->at;
			scan->options->poll();
		}
		if (scan->at < limit)
			return true;
	}
	return false;
}

/* Tells whether the dot at scan->at has a host's bytes on both sides. */
static bool
joins(const LinkScan *scan)
{
	const unsigned char *s = (const unsigned char *) scan->body + scan->at;

	return scan->at > 0 && scan->length - scan->at > 1 && host_bytes[s[-1]] != 0 &&
		   host_bytes[s[1]] != 0;
}

/* Passes over an open place-holder: {{contact.name}} is no host. */
static void
at_bracket(LinkScan *scan)
{
	size_t bytes = placeholder_length(scan->body + scan->at, scan->length - scan->at);

	if (bytes == 0)
	{
		scan->at++;
		return;
	}
	scan_consume(scan, scan->at + bytes);
	scan->placeholder_end = scan->at;
}

/* Finds the next link, or what looks like one and is left alone. */
bool
link_scan_next(LinkScan *scan, Link *link)
{
	while (next_anchor(scan))
	{
		switch (scan->body[scan->at])
		{
			case ':':
				if (link_at_colon(scan, link))
					return true;
				break;
			case '.':
				if (!joins(scan))
					scan->at++;
				else if (link_at_dot(scan, link))
					return true;
				break;
			case '@':
				link_at_sign(scan);
				break;
			default:
				at_bracket(scan);
				break;
		}
	}
	return false;
}

/* Tells whether text[from, to) is nothing but ASCII white space. */
static bool
blank(const char *text, size_t from, size_t to)
{
	while (from < to && ascii_in(text[from], " \t\r\n"))
		from++;
	return from == to;
}

/* Tells whether a phone makes a link of what was found. */
static bool
tappable(const Link *link)
{
	return link->trackable ||
		   (link->warnings &
			(LINK_WARN_ALREADY_SHORT | LINK_WARN_TOO_MANY | LINK_WARN_TOO_LONG));
}

/* Adds LINK_WARN_MIDDLE and LINK_WARN_SEVERAL, which need all the links of a body. */
void
link_warn_preview(const char *body, size_t length, Link *links, size_t count)
{
	size_t tappables = 0;

	for (size_t i = 0; i < count; i++)
		tappables += tappable(&links[i]);
	for (size_t i = 0; i < count; i++)
	{
		if (!tappable(&links[i]))
			continue;
		if (tappables > 1)
			links[i].warnings |= LINK_WARN_SEVERAL;
		if (!blank(body, 0, links[i].start) &&
			!blank(body, links[i].start + links[i].length, length))
			links[i].warnings |= LINK_WARN_MIDDLE;
	}
}
