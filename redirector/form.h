/*
 * form.h: the fields of a form, in a query or in a body, and of cookies.
 */
#ifndef REDIRECTOR_FORM_H
#define REDIRECTOR_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes + and %XX in place; false for a broken escape or a NUL. */
extern bool form_decode(char *text);

/*
 * Copies the value of the first cookie of that name that fits; false if none does. Others'
 * cookies may hold quotes and commas: only a semicolon ends one (RFC 6265, 4.2).
 */
extern bool form_cookie(const char *cookies, const char *name, char *value, size_t size);

/*
 * Finds fields by their names in name=value&…; writes ends and decodes in place. values[i]
 * is NULL where names[i] does not come, or is empty. False if something is broken.
 */
extern bool form_read(char *form, const char *const *names, const char **values, int count);

#endif
