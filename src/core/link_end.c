/*
 * link_end.c: walks from a link's host to its end. UTS #58's walk: what is Hard ends the
 * link, what is Soft belongs to it only if more follows, brackets must match within a
 * component; over it the rules for text that is glued to links in SMS.
 */
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>

#include "ascii.h"
#include "link_char.h"
#include "link_end.h"
#include "placeholder.h"
#include "utf8.h"

/* Bytes between two calls of poll. */
#define POLL_EVERY 8192

/* Deeper brackets end the link. */
#define DEPTH_MAX 32

typedef enum Component
{
	PATH,
	QUERY,
	FRAGMENT
} Component;

/* What precedes the next letter decides whether a script without spaces may begin. */
typedef enum Segment
{
	CLOSED,	  /* begun by a letter that leaves spaces, or at the root slash */
	FRESH,	  /* nothing stands in it yet */
	UNSPACED, /* begun by a letter of a script without spaces */
} Segment;

typedef struct Walk
{
	const char *text;
	size_t length;
	size_t at;
	size_t safe; /* the link ends here unless more follows */
	Component component;
	Segment segment;
	int depth;
	uint32_t closers[DEPTH_MAX];
	bool placeholder;
} Walk;

/* Tells whether http:// or https:// begins at text[at]. */
bool
link_scheme_at(const char *text, size_t length, size_t at)
{
	const char *s = text + at;
	size_t left = length - at;

	return left >= 8 && ascii_lower(s[0]) == 'h' &&
		   (strncasecmp(s, "http://", 7) == 0 || strncasecmp(s, "https://", 8) == 0);
}

/* Tells whether text[at] separates one link from the next: a,https://b */
static bool
separates(const char *text, size_t length, size_t at)
{
	return ascii_in(text[at], ",;|") && link_scheme_at(text, length, at + 1);
}

static bool
letter(uint32_t c)
{
	return link_char_letter(c) && !u_isdigit((UChar32) c);
}

/* A joiner belongs to the link only between letters, as in Persian. */
static bool
joins_letters(const Walk *walk, size_t bytes)
{
	size_t next = walk->at + bytes;
	uint32_t before;
	uint32_t behind;

	if (next >= walk->length || utf8_decode_before(walk->text, walk->at, &before) == 0)
		return false;
	utf8_decode(walk->text + next, walk->length - next, &behind);
	return letter(before) && letter(behind);
}

/* Tells whether :~: stands here, which begins a fragment's directive. */
static bool
directive_at(const Walk *walk)
{
	return walk->length - walk->at >= 3 && strncmp(walk->text + walk->at, ":~:", 3) == 0;
}

/* Enters the component that c begins, or clears the brackets at its inner syntax. */
static void
note_syntax(Walk *walk, uint32_t c)
{
	if (c == '#' && walk->component != FRAGMENT)
		walk->component = FRAGMENT;
	else if (c == '?' && walk->component == PATH)
		walk->component = QUERY;
	else if (!(c == '/' && walk->component == PATH) &&
			 !((c == '=' || c == '&') && walk->component == QUERY) &&
			 !(c == ':' && walk->component == FRAGMENT && directive_at(walk)))
		return;
	walk->depth = 0;
}

/* Keeps account of what the current segment of a component began with. */
static void
note_segment(Walk *walk, uint32_t c, LinkTerm term, bool root)
{
	if (c == '?' || c == '#')
		walk->segment = CLOSED;
	else if (c < 128 && ascii_in((char) c, "/=&-_.+~"))
		walk->segment = root ? CLOSED : FRESH;
	else if (walk->segment == FRESH && term != LINK_TERM_OPEN)
		walk->segment = term == LINK_TERM_UNSPACED ? UNSPACED : CLOSED;
}

/* Takes a percent-escape whole: a segment may begin behind it. */
static bool
take_escape(Walk *walk)
{
	const char *s = walk->text + walk->at;

	if (walk->length - walk->at < 3 || s[0] != '%' || !ascii_hex(s[1]) ||
		!ascii_hex(s[2]))
		return false;
	walk->at += 3;
	walk->safe = walk->at;
	if (walk->segment != UNSPACED)
		walk->segment = FRESH;
	return true;
}

static bool
take_placeholder(Walk *walk, uint32_t c)
{
	size_t bytes;

	if (c != '{' && c != '[' && c != '$' && c != '%')
		return false;
	bytes = placeholder_length(walk->text + walk->at, walk->length - walk->at);
	if (bytes == 0)
		return false;
	walk->at += bytes;
	walk->safe = walk->at;
	walk->segment = CLOSED;
	walk->placeholder = true;
	return true;
}

/* Takes one code point; returns false where it ends the link. */
static bool
take_char(Walk *walk, uint32_t c, size_t bytes, bool root)
{
	LinkTerm term = link_char_term(c);
	size_t next = walk->at + bytes;

	note_syntax(walk, c);
	switch (term)
	{
		case LINK_TERM_HARD:
			if ((c != 0x200C && c != 0x200D) || !joins_letters(walk, bytes))
				return false;
			break;
		case LINK_TERM_SOFT:
			if (separates(walk->text, walk->length, walk->at))
				return false;
			break;
		case LINK_TERM_OPEN:
			if (walk->depth == DEPTH_MAX)
				return false;
			walk->closers[walk->depth++] = link_char_closer(c);
			break;
		case LINK_TERM_CLOSE:
			if (walk->depth == 0 || walk->closers[--walk->depth] != c)
				return false;
			walk->safe = next;
			break;
		case LINK_TERM_UNSPACED:
			if (walk->segment == CLOSED)
				return false;
			walk->safe = next;
			break;
		case LINK_TERM_INCLUDE:
			walk->safe = next;
			break;
	}
	note_segment(walk, c, term, root);
	walk->at = next;
	return true;
}

/* Takes ASCII letters and digits, which most of a link is. */
static void
take_alnum(Walk *walk)
{
	size_t at = walk->at;

	while (at < walk->length && ascii_alnum(walk->text[at]))
		at++;
	if (at == walk->at)
		return;
	if (walk->segment == FRESH)
		walk->segment = CLOSED;
	walk->at = walk->safe = at;
}

/* Calls poll if it is time to. */
static void
poll_at(void (*poll)(void), size_t at, size_t *polled)
{
	if (poll == NULL || at - *polled < POLL_EVERY)
		return;
	*polled = at;
	poll();
}

/* Finds the end of a link whose path, query or fragment begins at text[at]. */
LinkEnd
link_end(const char *text, size_t length, size_t at, void (*poll)(void))
{
	LinkEnd result;
	size_t polled = at;
	Walk walk;

	walk.text = text;
	walk.length = length;
	walk.at = walk.safe = at;
	walk.component = PATH;
	walk.segment = CLOSED;
	walk.depth = 0;
	walk.placeholder = false;

	for (;;)
	{
		uint32_t c;
		size_t bytes;

		take_alnum(&walk);
		poll_at(poll, walk.at, &polled);
		if (walk.at >= length)
			break;
		bytes = utf8_decode(text + walk.at, length - walk.at, &c);
		if (take_escape(&walk) || take_placeholder(&walk, c))
			continue;
		if (!take_char(&walk, c, bytes, walk.at == at))
			break;
	}
	result.end = walk.safe;
	result.placeholder = walk.placeholder;
	return result;
}

/*
 * Finds the end of a token that is left alone: the next Hard character. One that is not
 * left alone whole ends before the next link too.
 */
size_t
link_token_end(const char *text, size_t length, size_t at, bool whole, void (*poll)(void))
{
	size_t polled = at;

	while (at < length)
	{
		uint32_t c;
		size_t bytes = utf8_decode(text + at, length - at, &c);

		if (link_char_term(c) == LINK_TERM_HARD ||
			(!whole && separates(text, length, at)))
			break;
		at += bytes;
		poll_at(poll, at, &polled);
	}
	return at;
}
