/*
 * host.c: judges a host where it stands in a text. ASCII is judged here, the rest by
 * ICU's UTS #46. A host may have text glued to it (https://x.jpをご覧): then it ends at
 * the top-level domain.
 */
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>

#include "ascii.h"
#include "host_ascii.h"
#include "link_char.h"
#include "tld.h"
#include "utf8.h"

/* 127 labels of one letter make 253 bytes. */
#define LABELS_MAX 127

/* Glued text is searched for so many dots: https://x.cn.中国移动 */
#define GLUED_LABELS_MAX 4

/* A host's bytes in the text are bounded by this; as A-labels it has 253 at most. */
#define RUN_MAX 1024

/* Not on the public net, whatever the scheme. */
static const char *const private_tlds[] = {"internal", "lan", "local", "localhost"};
static const HostList private_list = {private_tlds, 4};

/* clang-format off */
const uint8_t host_bytes[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
};
/* clang-format on */

typedef struct Label
{
	size_t start;
	size_t end;
	bool ascii;
	bool wide_dot; /* an ideographic or full-width dot precedes it */
} Label;

/* All that looks like a host: labels and dots. */
typedef struct Run
{
	const char *text;
	size_t length;
	int count;
	Label labels[LABELS_MAX];
} Run;

/* Looks a name up in a sorted list. */
bool
host_list_has(const HostList *list, const char *name)
{
	size_t low = 0;
	size_t high = list != NULL ? list->count : 0;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, list->names[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* Tells whether a code point may stand in a label. */
bool
host_char(uint32_t c)
{
	if (c < 128)
		return host_bytes[c] != 0;
	if (link_char_unspaced(c))
		return true;
	/* joiners, emoji's selector; what IDNA allows: geresh, tsheg, katakana's dot, zero */
	if (c == 0x200C || c == 0x200D || c == 0xFE0F || c == 0x05F3 || c == 0x05F4 ||
		c == 0x0F0B || c == 0x30FB || c == 0x3007)
		return true;
	return link_char_letter(c) || link_char_emoji(c);
}

/* Tells whether text that begins with this may be glued to a host. */
static bool
glues(uint32_t c)
{
	return c >= 128 && (link_char_term(c) == LINK_TERM_UNSPACED || link_char_emoji(c));
}

/* Returns the bytes of the dot at text[at], or 0. */
static size_t
dot_length(const char *text, size_t length, size_t at, bool wide)
{
	if (text[at] == '.')
		return 1;
	if (wide && length - at >= 3 &&
		(memcmp(text + at, "\xE3\x80\x82", 3) == 0 || /* U+3002 */
		 memcmp(text + at, "\xEF\xBC\x8E", 3) == 0 || /* U+FF0E */
		 memcmp(text + at, "\xEF\xBD\xA1", 3) == 0))  /* U+FF61 */
		return 3;
	return 0;
}

/* Returns the bytes of the label's character at text[at], 0 where it is none. */
static size_t
char_length(const char *text, size_t length, size_t at)
{
	uint32_t c;
	size_t bytes;

	if (at >= length)
		return 0;
	if (host_bytes[(unsigned char) text[at]] != HOST_BYTE_WIDE)
		return host_bytes[(unsigned char) text[at]];
	bytes = utf8_decode(text + at, length - at, &c);
	return host_char(c) ? bytes : 0;
}

/* Reads one label; returns the offset behind it. */
static size_t
read_label(const char *text, size_t length, size_t at, Label *label)
{
	size_t bytes;

	label->start = at;
	label->ascii = true;
	while ((bytes = char_length(text, length, at)) > 0)
	{
		label->ascii &= bytes == 1;
		at += bytes;
	}
	label->end = at;
	return at;
}

/* Reads labels and dots from text[at]; returns the offset behind them. */
static size_t
read_run(const char *text, size_t length, size_t at, bool wide, Run *run)
{
	size_t dot = 0;

	if (length - at > RUN_MAX)
		length = at + RUN_MAX;
	run->text = text;
	run->length = length;
	run->count = 0;
	while (run->count < LABELS_MAX)
	{
		Label *label = &run->labels[run->count];

		label->wide_dot = dot == 3;
		at = read_label(text, length, at, label);
		if (label->end > label->start)
			run->count++;
		dot = at < length ? dot_length(text, length, at, wide) : 0;
		if (dot == 0 || label->end == label->start ||
			char_length(text, length, at + dot) == 0)
			break;
		at += dot;
	}
	return at;
}

/* Takes dashes off the end: they belong to the sentence. */
static void
trim_dashes(Run *run)
{
	Label *last = &run->labels[run->count - 1];

	while (last->end > last->start && run->text[last->end - 1] == '-')
		last->end--;
	if (last->end == last->start)
		run->count--;
}

/* Puts a label of any script into lower case, without ICU's full mapping. */
static size_t
lower_unicode(const char *text, size_t length, char *out, size_t room, bool *composed)
{
	size_t written = 0;

	*composed = true;
	for (size_t at = 0; at < length;)
	{
		uint32_t c;

		at += utf8_decode(text + at, length - at, &c);
		*composed &= c < 0x300 || c > 0x36F;
		if (written + 4 > room)
			return 0;
		written += utf8_encode((uint32_t) u_tolower((UChar32) c), out + written);
	}
	return written;
}

static bool
known_ascii_tld(const char *name, const HostOptions *options)
{
	return tld_known(name, strlen(name)) || host_list_has(options->extra_tlds, name);
}

/*
 * Looks a label up, as it stands in the text. ICU is asked only for what the table in
 * Unicode cannot tell: a decomposed letter, or a domain that a setting added.
 */
static bool
known_tld(const Run *run, size_t start, size_t end, bool ascii,
		  const HostOptions *options)
{
	char name[HOST_ASCII_MAX + 1];
	const char *label = run->text + start;
	size_t length = end - start;
	bool composed;

	if (length == 0 || length > 4 * HOST_LABEL_MAX)
		return false;
	if (ascii)
		return host_lower(label, length, name, sizeof(name)) &&
			   known_ascii_tld(name, options);
	length = lower_unicode(label, length, name, sizeof(name), &composed);
	if (length > 0 && tld_known_unicode(name, length))
		return true;
	if (composed && (options->extra_tlds == NULL || options->extra_tlds->count == 0))
		return false;
	return host_idna_to_ascii(options->idna, label, end - start, name) &&
		   known_ascii_tld(name, options);
}

/* Returns where a known domain in ASCII ends that text is glued to, or 0. */
static size_t
ascii_tld_end(const Run *run, const Label *label, const HostOptions *options)
{
	size_t at = label->start;
	uint32_t c;

	while (at < label->end && (unsigned char) run->text[at] < 128)
		at++;
	if (at == label->start || at == label->end)
		return 0;
	utf8_decode(run->text + at, label->end - at, &c);
	return glues(c) && known_tld(run, label->start, at, true, options) ? at : 0;
}

/*
 * Returns the same for a domain of a script without spaces. Without a scheme it would be
 * words: 你好.网络很好
 */
static size_t
unspaced_tld_end(const Run *run, const Label *label, bool behind_scheme)
{
	size_t end;
	uint32_t c;

	if (!behind_scheme || label->ascii)
		return 0;
	end = label->start +
		  tld_unicode_prefix(run->text + label->start, label->end - label->start);
	if (end == label->start || end == label->end)
		return 0;
	utf8_decode(run->text + end, label->end - end, &c);
	return glues(c) ? end : 0;
}

static bool
begins_glued(const Run *run, const Label *label)
{
	uint32_t c;

	utf8_decode(run->text + label->start, label->end - label->start, &c);
	return glues(c);
}

/* An ideographic dot behind a host that is complete ends a sentence: x.cn。中国 */
static void
trim_sentence(Run *run, const HostOptions *options)
{
	for (int i = 2; i < run->count; i++)
	{
		const Label *before = &run->labels[i - 1];

		if (run->labels[i].wide_dot && !before->wide_dot &&
			known_tld(run, before->start, before->end, before->ascii, options))
			run->count = i;
	}
}

/* Drops what follows the first ideographic dot; returns false where there is none. */
static bool
trim_wide_dot(Run *run)
{
	for (int i = 1; i < run->count; i++)
		if (run->labels[i].wide_dot)
		{
			run->count = i;
			return true;
		}
	return false;
}

/* Sets the end of the host; returns its number of labels. */
static int
end_at(const Run *run, int labels, size_t end, bool known, Host *host)
{
	host->end = end;
	host->known_tld = known;
	host->glued = end < run->labels[run->count - 1].end;
	return labels;
}

/*
 * Finds the end of the host: behind the last top-level domain that nothing or glued text
 * follows; failing that, behind one that begins a label. Returns the number of labels.
 */
static int
find_end(const Run *run, bool behind_scheme, const HostOptions *options, Host *host)
{
	int prefix_labels = 0;
	size_t prefix_end = 0;
	size_t end;

	for (int i = run->count - 1; i > 0 && i >= run->count - GLUED_LABELS_MAX; i--)
	{
		const Label *label = &run->labels[i];

		if (known_tld(run, label->start, label->end, label->ascii, options))
			return end_at(run, i + 1, label->end, true, host);
		end = ascii_tld_end(run, label, options);
		if (end > 0)
			return end_at(run, i + 1, end, true, host);
		end = unspaced_tld_end(run, label, behind_scheme);
		if (end > 0)
		{
			prefix_labels = i + 1;
			prefix_end = end;
		}
		if (!begins_glued(run, label))
			break;
	}
	if (prefix_end > 0)
		return end_at(run, prefix_labels, prefix_end, true, host);
	return end_at(run, run->count, run->labels[run->count - 1].end, false, host);
}

/* Writes the host as A-labels and checks them. */
static bool
write_ascii(const Run *run, int labels, const HostOptions *options, Host *host)
{
	size_t start = run->labels[0].start;
	bool idna = false;

	for (int i = 0; i < labels; i++)
		idna |= !run->labels[i].ascii || run->labels[i].wide_dot ||
				(run->labels[i].end - run->labels[i].start > 4 &&
				 strncasecmp(run->text + run->labels[i].start, "xn--", 4) == 0);
	if (idna ? !host_idna_to_ascii(options->idna, run->text + start, host->end - start,
								   host->ascii)
			 : !host_lower(run->text + start, host->end - start, host->ascii,
						   sizeof(host->ascii)))
		return false;
	return host_labels_valid(host->ascii, labels);
}

/* A domain in two scripts does not exist: it has text glued to it. */
static bool
mixed_tld(const Run *run, int labels)
{
	const Label *last = &run->labels[labels - 1];

	return !last->ascii && (unsigned char) run->text[last->start] < 128;
}

/* Behind a scheme a top-level domain need not be known, but it must not be none. */
static bool
judge_unknown_tld(const Run *run, Host *host)
{
	if (host_ends_in_number(host->ascii))
	{
		host->labels = 0;
		return host_is_ipv4(host->ascii);
	}
	host->doubtful = mixed_tld(run, host->labels);
	return !host_list_has(&private_list, host_last_label(host->ascii));
}

static bool
read_ipv6(const char *text, size_t length, size_t at, Host *host)
{
	size_t bytes = host_ipv6_length(text + at, length - at);

	host->end = host->run_end = at + bytes;
	/* a letter behind the bracket would be read as one of the short link's code */
	if (bytes > 0 && host->end < length &&
		host_bytes[(unsigned char) text[host->end]] == HOST_BYTE_ASCII)
		return false;
	return bytes > 0 && host_lower(text + at, bytes, host->ascii, sizeof(host->ascii));
}

/* A final dot is the host's only before a path; else it is the sentence's. */
static size_t
rooted_end(const char *text, size_t length, size_t end)
{
	if (end + 1 < length && text[end] == '.' && ascii_in(text[end + 1], "/?#"))
		return end + 1;
	return end;
}

/*
 * Judges the host that starts at text[at], behind a scheme or without one. Where there is
 * none, run_end tells up to where there is nothing to look for.
 */
bool
host_parse(const char *text, size_t length, size_t at, bool behind_scheme,
		   const HostOptions *options, Host *host)
{
	Run run;

	host->run_end = at;
	host->labels = 0;
	host->known_tld = host->glued = host->doubtful = false;
	if (at >= length)
		return false;
	if (behind_scheme && text[at] == '[')
		return read_ipv6(text, length, at, host);
	host->run_end = read_run(text, length, at, behind_scheme, &run);
	if (run.count > 0)
		trim_dashes(&run);
	if (run.count < 2)
		return false;
	trim_sentence(&run, options);
	host->labels = find_end(&run, behind_scheme, options, host);
	/* An ideographic dot counts only if a domain follows. */
	if (!host->known_tld && trim_wide_dot(&run))
		host->labels = find_end(&run, behind_scheme, options, host);
	if (host->labels < 2 || !write_ascii(&run, host->labels, options, host))
		return false;
	if (!host->known_tld && !(behind_scheme && judge_unknown_tld(&run, host)))
		return false;
	if (!host->glued)
		host->end = rooted_end(text, length, host->end);
	return true;
}

/*
 * Writes a host that stands alone as lower-case A-labels; a dot at its end stays.
 * Top-level domains are not looked at.
 */
bool
host_write(const char *text, size_t length, const HostOptions *options, Host *host)
{
	bool rooted = length > 1 && text[length - 1] == '.';
	Run run;
	size_t n;

	if (length > 0 && text[0] == '[')
		return read_ipv6(text, length, 0, host) && host->end == length;
	length -= rooted;
	if (length == 0 || read_run(text, length, 0, true, &run) != length || run.count == 0)
		return false;
	host->end = length;
	host->labels = run.count;
	if (!write_ascii(&run, run.count, options, host) ||
		(host_ends_in_number(host->ascii) && !host_is_ipv4(host->ascii)))
		return false;
	n = strlen(host->ascii);
	if (rooted && n < HOST_ASCII_MAX)
		memcpy(host->ascii + n, ".", 2);
	return true;
}
