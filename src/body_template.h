/*
 * body_template.h: bodies of campaigns as the core's templates.
 */
#ifndef SMSTRACK_BODY_TEMPLATE_H
#define SMSTRACK_BODY_TEMPLATE_H

#include "postgres.h"

#include "core/template.h"

/* 255 segments of UCS-2 are 51 kB of UTF-8: beyond this no phone takes it. */
#define BODY_MAX 65536

/* Raises where a body is longer than any message. */
extern void body_check_length(text *body);

/* Parses a template with the settings' options; it lives in the current context. */
extern Template *body_parse_template(text *body, bool track);

/* Raises where something is wrong with its merge fields. */
extern void body_check_template(const Template *parsed);

#endif
