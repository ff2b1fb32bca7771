/*
 * placeholder.h: recognises what a sender's template left open: {{name}}, {name},
 * ${name},
 * [[name]], %name%.
 */
#ifndef SMSTRACK_PLACEHOLDER_H
#define SMSTRACK_PLACEHOLDER_H

#include <stddef.h>

/* Longest place-holder, in bytes. */
#define PLACEHOLDER_MAX 128

extern size_t placeholder_length(const char *text, size_t length);

#endif
