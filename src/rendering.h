/*
 * rendering.h: variants made ready, and rendered for one recipient after another.
 */
#ifndef SMSTRACK_RENDERING_H
#define SMSTRACK_RENDERING_H

#include "postgres.h"

#include "utils/array.h"

#include "core/code.h"
#include "core/segment.h"
#include "core/template.h"
#include "domain.h"
#include "store_launch.h"

/* A variant made ready for rendering. */
typedef struct ReadyVariant
{
	LaunchRow row;
	Template *parsed;
	bool personal;			  /* some link has a merge field */
	int32 shared_code_length; /* 0: there are no shared codes yet */
	char shared_codes[LINK_POSITIONS][CODE_LENGTH_MAX];
} ReadyVariant;

/* What is rendered with: the values of a recipient, codes, and room for the body. */
typedef struct Rendering
{
	TemplateValue values[TEMPLATE_FIELDS_MAX]; /* by the template's number of a field */
	TemplateCodes codes;
	char code_bytes[LINK_POSITIONS][CODE_LENGTH_MAX];
	char *body; /* what was rendered last, in UTF-8 */
	size_t length;
	size_t room;
	SegmentCount before;
	SegmentCount after;
} Rendering;

/* Reads a variant's template; raises where its campaign cannot have it. */
extern void rendering_ready(const LaunchRow *row, char tracking, ReadyVariant *variant);

/* Gives a merge field's name in the database's encoding. */
extern char *rendering_field_name(const ReadyVariant *variant, int field);

/* Starts with sample codes, digits of the right length: an estimate needs no others. */
extern void rendering_init(Rendering *rendering, const LinkDomain *domain);

/* Makes a message's codes, of so many characters; those of an anonymous campaign are the
 * variant's. */
extern void rendering_make_codes(Rendering *rendering, const ReadyVariant *variant,
								 LinkDomain *domain, int32 length, int64 message_id);
extern void rendering_share_codes(Rendering *rendering, const ReadyVariant *variant);

/* Renders the body to send, and counts segments with the links as given and short. */
extern void rendering_run(Rendering *rendering, const ReadyVariant *variant,
						  const LinkDomain *domain);

/* Raises where merge fields make a target too long. */
extern void rendering_check_targets(const Rendering *rendering,
									const ReadyVariant *variant);

/* Gives the targets that merge fields made; NULL at positions where the variant's hold.
 */
extern ArrayType *rendering_targets(const Rendering *rendering,
									const ReadyVariant *variant);

#endif
