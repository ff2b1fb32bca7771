/*
 * link_bare.c: judges what a dot joins, and what an at sign does: hosts without a scheme,
 * and mail addresses, which are none.
 */
#include <string.h>
#include <strings.h>

#include "ascii.h"
#include "link_char.h"
#include "link_end.h"
#include "link_guard.h"
#include "link_scan.h"
#include "utf8.h"

/* A label in the text has at most so many bytes. */
#define LABEL_BYTES_MAX 256

/* A mail address's local part has at most so many. */
#define LOCAL_PART_MAX 64

/* A mail address's domain, in the text. */
#define DOMAIN_BYTES_MAX 1024

/* Tells whether a label may begin at text[at]. */
static bool
label_at(const LinkScan *scan, size_t at)
{
	uint32_t c;

	if (at >= scan->length)
		return false;
	if (host_bytes[(unsigned char) scan->body[at]] != HOST_BYTE_WIDE)
		return ascii_alnum(scan->body[at]);
	utf8_decode(scan->body + at, scan->length - at, &c);
	return host_char(c);
}

/* Finds where the label begins that ends at text[end]; end itself if there is none. */
static size_t
label_start(const LinkScan *scan, size_t end)
{
	const unsigned char *s = (const unsigned char *) scan->body;
	size_t start = end;

	while (start > scan->floor && end - start <= LABEL_BYTES_MAX)
	{
		uint32_t c;
		size_t bytes = 1;

		if (host_bytes[s[start - 1]] == HOST_BYTE_WIDE)
		{
			bytes = utf8_decode_before(scan->body, start, &c);
			if (!host_char(c) || link_char_pointer(c) || bytes > start - scan->floor)
				return start;
		}
		else if (host_bytes[s[start - 1]] == 0)
			return start;
		start -= bytes;
	}
	return end - start <= LABEL_BYTES_MAX ? start : end;
}

/* Tells whether the label [start, end) is www, and where: text may be glued before it. */
static bool
find_www(const LinkScan *scan, size_t start, size_t end, size_t *www)
{
	*www = end - 3;
	return end - start >= 3 && strncasecmp(scan->body + end - 3, "www", 3) == 0 &&
		   (end - start == 3 || (unsigned char) scan->body[end - 4] >= 128);
}

/*
 * Skips emoji that stand as a bullet before a label (👉example.com). A label of nothing
 * else stays, and so does one that an emoji ends (i❤.ws).
 */
static size_t
skip_bullets(const LinkScan *scan, size_t start, size_t end)
{
	size_t at = start;

	while (at < end)
	{
		uint32_t c;
		size_t bytes = utf8_decode(scan->body + at, end - at, &c);

		if (c < 128 || !(link_char_emoji(c) || link_char_term(c) == LINK_TERM_HARD))
			return at;
		at += bytes;
	}
	return start;
}

/*
 * Skips letters of a script without spaces before ASCII (登录jd.com/a): a label of both
 * is words glued to a host. Returns where the ASCII begins, or start.
 */
static size_t
skip_unspaced(const LinkScan *scan, size_t start, size_t end)
{
	size_t at = end;
	uint32_t c;

	while (at > start && (unsigned char) scan->body[at - 1] < 128)
		at--;
	if (at == start || at == end)
		return start;
	utf8_decode_before(scan->body, at, &c);
	return link_char_term(c) == LINK_TERM_UNSPACED ? at : start;
}

/* Korean has spaces between words; only what follows a word is written without one. */
static bool
hangul(uint32_t c)
{
	return c >= 0xAC00 && c <= 0xD7A3;
}

/* Tells whether a first label may be words: 公司.中国, or Sale🔥shop.com */
static bool
wordlike_label(const LinkScan *scan, size_t start, size_t end)
{
	bool emoji = false;

	for (size_t at = start; at < end;)
	{
		uint32_t c;

		at += utf8_decode(scan->body + at, end - at, &c);
		if (c < 128 ? emoji : link_char_term(c) == LINK_TERM_UNSPACED && !hangul(c))
			return true;
		emoji |= at > start && c >= 128 && link_char_emoji(c);
	}
	return false;
}

/* Tells whether a later label is www: words run into a host. */
static bool
www_inside(const Host *host)
{
	return strstr(host->ascii, ".www.") != NULL;
}

/* Tells whether text[at] goes on as the local part of a mail address does. */
static bool
mail_follows(LinkScan *scan, size_t at)
{
	size_t limit =
		scan->length - at > LOCAL_PART_MAX ? at + LOCAL_PART_MAX : scan->length;

	if (at < scan->no_mail_before)
		return false;
	while (at < limit && (ascii_alnum(scan->body[at]) ||
						  ascii_in(scan->body[at], "!#$%&'*+/=?^_`{|}~.-")))
		at++;
	if (at < limit && scan->body[at] == '@')
		return true;
	scan->no_mail_before = at;
	return false;
}

typedef struct Bare
{
	size_t start;
	size_t end;
	LinkKind kind;
	uint32_t warnings;
	Host host;
} Bare;

/* Reads what stands behind the host, which makes its kind. Returns false for none. */
static bool
read_tail(LinkScan *scan, bool www, Bare *bare)
{
	unsigned port = 0;

	bare->end = bare->host.end;
	if (!bare->host.glued)
	{
		if (scan_port(scan, &bare->end, &port) == LINK_PORT_BAD)
			return false;
		bare->end = scan_walk(scan, bare->end, &bare->warnings);
	}
	/* A link has one default port; without a scheme it may be either. */
	if (scan_own_host(scan, &bare->host, port, 80) ||
		(port == 443 && scan_own_host(scan, &bare->host, port, 443)))
		bare->warnings |= LINK_WARN_ALREADY_SHORT;
	if (www && bare->host.labels > 2)
		bare->kind = LINK_WWW;
	else
		bare->kind = bare->end > bare->host.end ? LINK_BARE : LINK_HOST;
	return true;
}

/* Tells whether the setting wants the kind at all. */
static bool
wanted(const LinkScan *scan, LinkKind kind)
{
	switch (scan->options->bare_hosts)
	{
		case LINK_BARE_HOSTS_OFF:
			return kind == LINK_WWW;
		case LINK_BARE_HOSTS_PATH:
			return kind != LINK_HOST;
		default:
			return true;
	}
}

/* Judges a valid host: a link, a row with a warning, or nothing (returns false). */
static bool
judge(LinkScan *scan, Link *link, Bare *bare, size_t first_label_end)
{
	const HostList *ignored = scan->options->ignored_tlds;
	bool join_like = guard_join_like(scan->body, bare->start, &bare->host);

	if (!wanted(scan, bare->kind) || guard_number(&bare->host) ||
		scan_placeholder_at(scan, bare->end))
		return false;
	if (bare->kind == LINK_HOST && !(bare->warnings & LINK_WARN_ALREADY_SHORT))
	{
		if (mail_follows(scan, bare->end) ||
			guard_naked(scan->body, bare->start, &bare->host,
						ignored != NULL ? ignored : &link_ignored_tlds))
			return false;
		if (join_like)
			return scan_leave(scan, link, bare->start, bare->end, bare->kind,
							  LINK_WARN_JOIN_LIKE);
	}
	if (wordlike_label(scan, bare->start, first_label_end) ||
		(bare->kind == LINK_HOST && scan_letter_before(scan, bare->start)))
		return scan_leave(scan, link, bare->start, bare->end, bare->kind,
						  LINK_WARN_GLUED);
	if (www_inside(&bare->host))
		return scan_leave(scan, link, bare->start, bare->end, bare->kind,
						  LINK_WARN_JOIN_LIKE);
	if (join_like)
		bare->warnings |= LINK_WARN_JOIN_LIKE;
	return scan_accept(scan, link, bare->start, bare->end, bare->kind, bare->warnings);
}

/* Judges a host that begins at text[start]; its first dot is scan->at. */
static bool
bare_link(LinkScan *scan, Link *link, size_t start, bool www)
{
	size_t dot = scan->at;
	Bare bare;
	bool valid = host_parse(scan->body, scan->length, start, false, &scan->options->host,
							&bare.host);

	scan->at = bare.host.run_end > dot ? bare.host.run_end : dot + 1;
	if (!valid)
		return false;
	scan->at = bare.host.end;
	if (bare.host.end < scan->length && ascii_in(scan->body[bare.host.end], "@_"))
		return false;
	bare.start = start;
	bare.warnings = 0;
	return read_tail(scan, www, &bare) && judge(scan, link, &bare, dot);
}

/* Finds where a host may begin in a label that is not all ASCII. */
static size_t
host_start(const LinkScan *scan, size_t start, size_t dot)
{
	size_t at = skip_bullets(scan, start, dot);

	return at > start ? at : skip_unspaced(scan, start, dot);
}

/* Tells whether what precedes forbids a host; glued letters were judged already. */
static bool
forbidden(const LinkScan *scan, size_t start)
{
	if (start > 0 && start == scan->placeholder_end)
		return true;
	return guard_before(scan->body, start) &&
		   !(start > scan->floor && (unsigned char) scan->body[start - 1] >= 128);
}

/* Judges the dot at scan->at, the first one behind a label. */
bool
link_at_dot(LinkScan *scan, Link *link)
{
	size_t dot = scan->at;
	size_t start;
	size_t broken;
	size_t www_start;
	bool www;

	scan->at = dot + 1;
	if (!label_at(scan, dot + 1))
		return false;
	start = label_start(scan, dot);
	/* A dot before it: the host was judged from its first dot. */
	if (start == dot || (start > 0 && scan->body[start - 1] == '.'))
		return false;
	www = find_www(scan, start, dot, &www_start);
	start = www ? www_start : host_start(scan, start, dot);
	if (scan_broken_scheme(scan, start, &broken))
		return scan_leave_token(scan, link, broken, start, LINK_WARN_BROKEN_SCHEME);
	if (forbidden(scan, start))
		return false;
	scan->at = dot;
	return bare_link(scan, link, start, www);
}

/* Judges the at sign at scan->at: a mail address, with all that is glued, is no link. */
void
link_at_sign(LinkScan *scan)
{
	size_t sign = scan->at;
	size_t at = sign + 1;
	bool dot = false;
	uint32_t c;

	scan->at = at;
	if (utf8_decode_before(scan->body, sign, &c) == 0 ||
		!(host_char(c) || (c < 128 && ascii_in((char) c, "!#$%&'*+/=?^`{|}~."))))
		return;
	while (at < scan->length && at - sign < DOMAIN_BYTES_MAX)
	{
		size_t bytes = utf8_decode(scan->body + at, scan->length - at, &c);

		if (c == '.' && label_at(scan, at + 1))
			dot = true;
		else if (!host_char(c))
			break;
		at += bytes;
	}
	if (dot)
		scan_consume(scan, link_token_end(scan->body, scan->length, at, false,
										  scan->options->poll));
	else
		scan->at = at;
}
