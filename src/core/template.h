/*
 * template.h: a body with merge fields and links, read once and rendered per recipient.
 *
 *	{{name}}         the value of the field "name"
 *	{{name|there}}   with a default for a value that is missing or empty
 *	{{opt_out}}      the recipient's own opt-out link
 *	\{{              two brackets
 *
 * Inside a link a value is percent-encoded. Links are those of the template: a value that
 * looks like a link stays text.
 */
#ifndef SMSTRACK_TEMPLATE_H
#define SMSTRACK_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link.h"

#define TEMPLATE_FIELDS_MAX 64
#define TEMPLATE_PIECES_MAX 256

/* Longest merge field, its brackets included, in bytes. */
#define TEMPLATE_FIELD_BYTES 512

/* The opt-out link's position; templates that have one track links at 0 to 14 only. */
#define TEMPLATE_OPT_OUT_POSITION 15

/* What is wrong, a bit each; such text is rendered as it stands. */
#define TEMPLATE_WARN_UNCLOSED 0x0001u /* {{ without }} */
#define TEMPLATE_WARN_UNNAMED  0x0002u /* {{}} */
#define TEMPLATE_WARN_TOO_MANY 0x0004u /* more fields than there is room for */
#define TEMPLATE_WARNING_COUNT 3

typedef struct TemplateSpan
{
	size_t start; /* bytes into the template */
	size_t length;
} TemplateSpan;

typedef enum TemplateKind
{
	TEMPLATE_TEXT,
	TEMPLATE_FIELD, /* text is the default */
	TEMPLATE_OPT_OUT
} TemplateKind;

typedef struct TemplatePiece
{
	TemplateKind kind;
	TemplateSpan text;
	int field; /* number of the field, or -1 */
	int link;  /* position of the link that the piece belongs to, or -1 */
} TemplatePiece;

/* A template; it points into the body, which must outlive it. */
typedef struct Template
{
	const char *body;
	size_t length;
	TemplatePiece pieces[TEMPLATE_PIECES_MAX];
	int piece_count;
	TemplateSpan fields[TEMPLATE_FIELDS_MAX]; /* names, each once */
	int field_count;
	TemplateSpan links[LINK_POSITIONS]; /* as they stand in the template, by position */
	bool personal[LINK_POSITIONS];		/* has a merge field */
	bool
		personal_host[LINK_POSITIONS]; /* has one before the path: a value can spoil it */
	int link_count;
	bool opt_out;
	uint32_t warnings;		/* TEMPLATE_WARN_* */
	uint32_t link_warnings; /* LINK_WARN_* of all links */
} Template;

/* A field's value for one recipient; text may be NULL. */
typedef struct TemplateValue
{
	const char *text;
	size_t length;
} TemplateValue;

/* Short links that stand for the template's: what is before each code is the same. */
typedef struct TemplateCodes
{
	const char *base;
	size_t base_length;
	size_t code_length;
	const char *codes[LINK_POSITIONS]; /* by position; the opt-out link's at 15 */
} TemplateCodes;

/* Reads a template. mask is working space of length bytes. */
extern void template_parse(const char *body, size_t length, bool track,
						   const LinkOptions *options, char *mask, Template *parsed);

/*
 * Renders into out and returns the bytes that are needed, whether they fit or not; no NUL
 * is written. Links become short; where shorten is false, they stay, but for the opt-out
 * link, which is short always.
 */
extern size_t template_render(const Template *parsed, const TemplateValue *values,
							  const TemplateCodes *codes, bool shorten, char *out,
							  size_t out_size);

/* Renders the link at a position alone, in the same way. */
extern size_t template_render_link(const Template *parsed, const TemplateValue *values,
								   int position, char *out, size_t out_size);

extern const char *template_warning_name(int bit);

#endif
