/*
 * fields.h: values of merge fields, given as JSON.
 */
#ifndef SMSTRACK_FIELDS_H
#define SMSTRACK_FIELDS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "core/template.h"

/*
 * Gives a field's value as text in UTF-8, which is none for a JSON null; false where the
 * fields (NULL: there are none) do not have it. The name is UTF-8.
 */
extern bool fields_value(Jsonb *fields, const char *name, size_t length,
						 TemplateValue *value);

/* Tells whether a field has a default wherever it stands in a template. */
extern bool fields_has_default(const Template *parsed, int field);

#endif
