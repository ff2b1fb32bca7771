/*
 * template.c: reads a template in two passes. The first masks each merge field by as many
 * bytes of a word, so that links around fields are found where they stand; the second
 * cuts text, fields and links into pieces.
 */
#include "template.h"

#include <string.h>

#include "ascii.h"

static const char *const warning_names[TEMPLATE_WARNING_COUNT] = {
	"merge field is not closed", "merge field without a name", "too many merge fields"};

typedef enum TokenKind
{
	TOKEN_TEXT,	  /* span is rendered as it stands */
	TOKEN_ESCAPE, /* \{{ */
	TOKEN_FIELD
} TokenKind;

typedef struct Token
{
	TokenKind kind;
	TemplateSpan span; /* all of it */
	TemplateSpan name;
	TemplateSpan fallback;
	uint32_t warning;
} Token;

typedef struct TokenScan
{
	const char *body;
	size_t length;
	size_t at;
	void (*poll)(void);
	size_t polled;
} TokenScan;

const char *
template_warning_name(int bit)
{
	return warning_names[bit];
}

static bool
at_brackets(const char *body, size_t length, size_t at)
{
	return length - at >= 2 && body[at] == '{' && body[at + 1] == '{';
}

/* Takes white space off both ends. */
static TemplateSpan
trim(const char *body, size_t start, size_t end)
{
	while (start < end && body[start] == ' ')
		start++;
	while (end > start && body[end - 1] == ' ')
		end--;
	return (TemplateSpan){start, end - start};
}

/* Returns where the }} of a field that begins at start stands; 0 if it does not come. */
static size_t
find_close(const char *body, size_t length, size_t start)
{
	size_t limit =
		length - start > TEMPLATE_FIELD_BYTES ? start + TEMPLATE_FIELD_BYTES : length;

	for (size_t at = start + 2; at + 1 < limit; at++)
	{
		if (body[at] == '}' && body[at + 1] == '}')
			return at;
		if (body[at] == '{' || (unsigned char) body[at] < ' ')
			return 0;
	}
	return 0;
}

/* Reads a field at its brackets; false where there is none, with the warning that says
 * why. */
static bool
read_field(const char *body, size_t length, size_t start, Token *token)
{
	size_t close = find_close(body, length, start);
	const char *bar;

	if (close == 0)
	{
		/* {{{name}}}: brackets around a field */
		if (start + 2 >= length || body[start + 2] != '{')
			token->warning = TEMPLATE_WARN_UNCLOSED;
		return false;
	}
	bar = memchr(body + start + 2, '|', close - start - 2);
	if (bar == NULL)
		bar = body + close;
	token->name = trim(body, start + 2, (size_t) (bar - body));
	token->fallback = (TemplateSpan){close, 0};
	if (bar < body + close)
		token->fallback =
			(TemplateSpan){(size_t) (bar - body) + 1, close - (size_t) (bar - body) - 1};
	if (token->name.length == 0)
	{
		token->warning = TEMPLATE_WARN_UNNAMED;
		return false;
	}
	token->kind = TOKEN_FIELD;
	token->span = (TemplateSpan){start, close + 2 - start};
	return true;
}

/* Gives the next token; false at the end. Text comes in runs, a stray bracket by itself.
 */
static bool
next_token(TokenScan *scan, Token *token)
{
	size_t at = scan->at;

	if (at == scan->length)
		return false;
	if (scan->poll != NULL && at - scan->polled >= 8192)
	{
		scan->polled = at;
		scan->poll();
	}
	memset(token, 0, sizeof(*token));
	if (scan->body[at] == '\\' && at + 1 < scan->length &&
		at_brackets(scan->body, scan->length, at + 1))
	{
		token->kind = TOKEN_ESCAPE;
		token->span = (TemplateSpan){at, 3};
	}
	else if (!at_brackets(scan->body, scan->length, at) ||
			 !read_field(scan->body, scan->length, at, token))
	{
		/* text up to the next bracket or backslash that may begin something */
		token->kind = TOKEN_TEXT;
		do
			at++;
		while (at < scan->length && scan->body[at] != '{' && scan->body[at] != '\\');
		token->span = (TemplateSpan){scan->at, at - scan->at};
	}
	scan->at = token->span.start + token->span.length;
	return true;
}

static bool
is_opt_out(const char *body, TemplateSpan name)
{
	return name.length == 7 && memcmp(body + name.start, "opt_out", 7) == 0;
}

/* Tells whether a field is all of a URL's host: https://{{shop}}/ */
static bool
is_host(const char *body, size_t length, TemplateSpan span)
{
	size_t end = span.start + span.length;

	return span.start >= 3 && memcmp(body + span.start - 3, "://", 3) == 0 &&
		   (end == length || !(ascii_alnum(body[end]) || ascii_in(body[end], ".-{") ||
							   (unsigned char) body[end] >= 0x80));
}

/* Tells whether a field is all of a URL's port: https://example.com:{{port}}/ */
static bool
is_port(const char *body, size_t length, TemplateSpan span)
{
	size_t end = span.start + span.length;

	return span.start >= 2 && body[span.start - 1] == ':' && end < length &&
		   ascii_in(body[end], "/?#");
}

/*
 * Writes the body with a word in each field's place, a number in a port's; the opt-out
 * link's place is blank, for it is a link by itself.
 */
static void
write_mask(const Template *parsed, void (*poll)(void), char *mask)
{
	TokenScan scan = {.body = parsed->body, .length = parsed->length, .poll = poll};
	Token token;

	memcpy(mask, parsed->body, parsed->length);
	while (next_token(&scan, &token))
	{
		size_t end = token.span.start + token.span.length;

		if (token.kind != TOKEN_FIELD)
			continue;
		memset(mask + token.span.start, is_opt_out(parsed->body, token.name) ? ' ' : 'x',
			   token.span.length);
		if (is_host(parsed->body, parsed->length, token.span))
			memcpy(mask + end - 4, ".com", 4);
		else if (is_port(parsed->body, parsed->length, token.span))
		{
			memset(mask + token.span.start, '0', token.span.length);
			mask[end - 1] = '1';
		}
	}
}

/* Tells whether the mask differs from the body in [start, end). */
static bool
is_masked(const Template *parsed, const char *mask, size_t start, size_t end)
{
	return memcmp(parsed->body + start, mask + start, end - start) != 0;
}

/* Tells whether a field stands before the path, query or fragment of a link. */
static bool
host_is_masked(const Template *parsed, const char *mask, const Link *link)
{
	size_t end = link->start;

	/* behind the slashes; what is left alone may be shorter */
	if (link->kind == LINK_SCHEME && link->length > strlen("https://"))
		end += strlen("https://");
	while (end < link->start + link->length && !ascii_in(mask[end], "/?#"))
		end++;
	return is_masked(parsed, mask, link->start, end);
}

static void
find_links(Template *parsed, const LinkOptions *options, const char *mask)
{
	int limit = parsed->opt_out ? TEMPLATE_OPT_OUT_POSITION : LINK_POSITIONS;
	Link found[LINK_POSITIONS];
	LinkScan scan;
	Link link;

	link_scan_begin(&scan, mask, parsed->length, options);
	while (link_scan_next(&scan, &link))
	{
		const bool personal_host = host_is_masked(parsed, mask, &link);

		/* without a scheme it must stand in the template: a name and a dot make none */
		if (personal_host && link.kind != LINK_SCHEME)
			continue;
		parsed->link_warnings |= link.warnings;
		if (!link.trackable)
			continue;
		if (parsed->link_count == limit)
		{
			parsed->link_warnings |= LINK_WARN_TOO_MANY;
			continue;
		}
		parsed->personal[parsed->link_count] =
			is_masked(parsed, mask, link.start, link.start + link.length);
		parsed->personal_host[parsed->link_count] = personal_host;
		found[parsed->link_count] = link;
		parsed->links[parsed->link_count++] = (TemplateSpan){link.start, link.length};
	}
	link_warn_preview(mask, parsed->length, found, (size_t) parsed->link_count);
	for (int i = 0; i < parsed->link_count; i++)
		parsed->link_warnings |= found[i].warnings;
}

/* Adds a piece; text that follows text is joined to it. */
static void
add_piece(Template *parsed, TemplateKind kind, TemplateSpan text, int field, int link)
{
	TemplatePiece *last =
		parsed->piece_count > 0 ? &parsed->pieces[parsed->piece_count - 1] : NULL;

	if (kind == TEMPLATE_TEXT && text.length == 0)
		return;
	if (kind == TEMPLATE_TEXT && last != NULL && last->kind == TEMPLATE_TEXT &&
		last->link == link && last->text.start + last->text.length == text.start)
	{
		last->text.length += text.length;
		return;
	}
	if (parsed->piece_count == TEMPLATE_PIECES_MAX)
	{
		parsed->warnings |= TEMPLATE_WARN_TOO_MANY;
		return;
	}
	parsed->pieces[parsed->piece_count++] = (TemplatePiece){kind, text, field, link};
}

/* Returns the number of a field's name, new or known; -1 where there is no room. */
static int
field_number(Template *parsed, TemplateSpan name)
{
	for (int i = 0; i < parsed->field_count; i++)
		if (parsed->fields[i].length == name.length &&
			memcmp(parsed->body + parsed->fields[i].start, parsed->body + name.start,
				   name.length) == 0)
			return i;
	if (parsed->field_count == TEMPLATE_FIELDS_MAX)
		return -1;
	parsed->fields[parsed->field_count] = name;
	return parsed->field_count++;
}

/* Adds text, cut where links begin and end; *link is the first that is not behind it. */
static void
add_text(Template *parsed, TemplateSpan text, int *link)
{
	size_t at = text.start;
	size_t end = text.start + text.length;

	while (at < end)
	{
		size_t begin = end;
		size_t stop = end;
		int position = -1;

		while (*link < parsed->link_count &&
			   parsed->links[*link].start + parsed->links[*link].length <= at)
			(*link)++;
		if (*link < parsed->link_count)
		{
			begin = parsed->links[*link].start;
			stop = begin + parsed->links[*link].length;
		}
		if (begin <= at)
			position = *link;
		else
			stop = begin;
		if (stop > end)
			stop = end;
		add_piece(parsed, TEMPLATE_TEXT, (TemplateSpan){at, stop - at}, -1, position);
		at = stop;
	}
}

/* Returns the position of the link that holds a byte, or -1. */
static int
link_at(const Template *parsed, size_t at)
{
	for (int i = 0; i < parsed->link_count; i++)
		if (at >= parsed->links[i].start &&
			at < parsed->links[i].start + parsed->links[i].length)
			return i;
	return -1;
}

/* text: the body, with words in place of the fields where it is masked */
static void
add_field(Template *parsed, const Token *token, const char *text)
{
	int field;

	if (is_opt_out(parsed->body, token->name))
	{
		/* a phone would take what touches it for a part of its code */
		if (link_is_glued(text, parsed->length, token->span.start,
						  token->span.start + token->span.length))
			parsed->link_warnings |= LINK_WARN_GLUED;
		add_piece(parsed, TEMPLATE_OPT_OUT, token->fallback, -1, -1);
		return;
	}
	field = field_number(parsed, token->name);
	if (field < 0)
		parsed->warnings |= TEMPLATE_WARN_TOO_MANY;
	else
		add_piece(parsed, TEMPLATE_FIELD, token->fallback, field,
				  link_at(parsed, token->span.start));
}

static void
cut_pieces(Template *parsed, void (*poll)(void), const char *text)
{
	TokenScan scan = {.body = parsed->body, .length = parsed->length, .poll = poll};
	Token token;
	int link = 0;

	while (next_token(&scan, &token))
	{
		parsed->warnings |= token.warning;
		if (token.kind == TOKEN_FIELD)
			add_field(parsed, &token, text);
		else if (token.kind == TOKEN_ESCAPE)
			add_text(parsed, (TemplateSpan){token.span.start + 1, 2}, &link);
		else
			add_text(parsed, token.span, &link);
	}
}

/* Tells whether the template has {{opt_out}}. */
static bool
has_opt_out(const Template *parsed, void (*poll)(void))
{
	TokenScan scan = {.body = parsed->body, .length = parsed->length, .poll = poll};
	Token token;

	while (next_token(&scan, &token))
		if (token.kind == TOKEN_FIELD && is_opt_out(parsed->body, token.name))
			return true;
	return false;
}

/* Reads a template; where track is false, its links stay text. */
void
template_parse(const char *body, size_t length, bool track, const LinkOptions *options,
			   char *mask, Template *parsed)
{
	void (*poll)(void) = options != NULL ? options->poll : NULL;

	memset(parsed, 0, sizeof(*parsed));
	parsed->body = body;
	parsed->length = length;
	if (length == 0)
		return;
	parsed->opt_out = has_opt_out(parsed, poll);
	if (track)
	{
		write_mask(parsed, poll, mask);
		find_links(parsed, options, mask);
	}
	cut_pieces(parsed, poll, track ? mask : body);
}

/* Where rendering writes; what does not fit is counted only. */
typedef struct Output
{
	char *out;
	size_t size;
	size_t written;
} Output;

static inline void
put(Output *output, const char *text, size_t length)
{
	/* nothing may be a null pointer, which memcpy does not take */
	if (length > 0 && output->written + length <= output->size)
		memcpy(output->out + output->written, text, length);
	output->written += length;
}

/* RFC 3986, 2.3: unreserved characters stay, any other byte is percent-encoded. */
static void
put_encoded(Output *output, const char *text, size_t length)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t at = 0; at < length; at++)
	{
		unsigned char c = (unsigned char) text[at];
		char escape[3] = {'%', hex[c >> 4], hex[c & 15]};

		if (ascii_alnum(text[at]) || ascii_in(text[at], "-._~"))
			put(output, text + at, 1);
		else
			put(output, escape, 3);
	}
}

static void
put_field(const Template *parsed, const TemplatePiece *piece, const TemplateValue *values,
		  Output *output)
{
	const TemplateValue *value = &values[piece->field];
	const char *text = value->text;
	size_t length = value->length;

	if (text == NULL || length == 0)
	{
		text = parsed->body + piece->text.start;
		length = piece->text.length;
	}
	if (piece->link >= 0)
		put_encoded(output, text, length);
	else
		put(output, text, length);
}

static inline void
put_code(const TemplateCodes *codes, int position, Output *output)
{
	put(output, codes->base, codes->base_length);
	put(output, codes->codes[position], codes->code_length);
}

size_t
template_render(const Template *parsed, const TemplateValue *values,
				const TemplateCodes *codes, bool shorten, char *out, size_t out_size)
{
	Output output = {.out = out, .size = out_size};
	int shortened = -1;

	for (int i = 0; i < parsed->piece_count; i++)
	{
		const TemplatePiece *piece = &parsed->pieces[i];

		if (shorten && piece->link >= 0)
		{
			/* once for all the pieces of a link */
			if (piece->link != shortened)
				put_code(codes, piece->link, &output);
			shortened = piece->link;
		}
		else if (piece->kind == TEMPLATE_TEXT)
			put(&output, parsed->body + piece->text.start, piece->text.length);
		else if (piece->kind == TEMPLATE_FIELD)
			put_field(parsed, piece, values, &output);
		else
			put_code(codes, TEMPLATE_OPT_OUT_POSITION, &output);
	}
	return output.written;
}

size_t
template_render_link(const Template *parsed, const TemplateValue *values, int position,
					 char *out, size_t out_size)
{
	Output output = {.out = out, .size = out_size};

	for (int i = 0; i < parsed->piece_count; i++)
	{
		const TemplatePiece *piece = &parsed->pieces[i];

		if (piece->link != position)
			continue;
		if (piece->kind == TEMPLATE_TEXT)
			put(&output, parsed->body + piece->text.start, piece->text.length);
		else
			put_field(parsed, piece, values, &output);
	}
	return output.written;
}
