/*
 * body_template.h: bodies of campaigns as the core's templates.
 */
#ifndef SMSTRACK_BODY_TEMPLATE_H
#define SMSTRACK_BODY_TEMPLATE_H

#include "postgres.h"

#include "core/link_target.h"
#include "core/template.h"

/* 255 segments of UCS-2 are 51 kB of UTF-8: beyond this no phone takes it. */
#define BODY_MAX 65536

/* Raises where a body is longer than any message. */
extern void body_check_length(text *body);

/* Raises where merge fields make a body longer than a text can be. */
extern void body_check_rendered(size_t length);

/* Parses a template with the settings' options; it lives in the current context. */
extern Template *body_parse_template(text *body, bool track);

/* What merge fields make of a target. */
typedef enum BodyTarget
{
	BODY_TARGET_VALID,
	BODY_TARGET_TOO_LONG,
	BODY_TARGET_INVALID /* nobody would be sent to it */
} BodyTarget;

/*
 * Renders the target of a link that has merge fields, and judges what they may spoil: one
 * that would be refused when it is resolved is found before it is paid for.
 */
extern BodyTarget body_target(const Template *parsed, const TemplateValue *values,
							  int position, char url[LINK_TARGET_MAX], size_t *bytes);

/* Raises where something is wrong with its merge fields. */
extern void body_check_template(const Template *parsed);

#endif
