/*
 * body.h: bodies between the database's encoding and the core's UTF-8, and templates.
 */
#ifndef SMSTRACK_BODY_H
#define SMSTRACK_BODY_H

#include "postgres.h"

#include "core/template.h"

/* 255 segments of UCS-2 are 51 kB of UTF-8: beyond this no phone takes it. */
#define BODY_MAX 65536

/* Gives a text in UTF-8, not terminated; makes a text of UTF-8. */
extern const char *body_to_utf8(text *body, size_t *length);
extern text *body_to_text(const char *utf8, size_t length);

/* Raises where a body is longer than any message. */
extern void body_check_length(text *body);

/* Parses a template with the settings' options; it lives in the current context. */
extern Template *body_parse_template(text *body, bool track);

/* Raises where something is wrong with its merge fields. */
extern void body_check_template(const Template *parsed);

#endif
