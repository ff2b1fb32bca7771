/*
 * clean.h: makes a stranger's text (a header of a request) fit to be stored and shown.
 */
#ifndef SMSTRACK_CLEAN_H
#define SMSTRACK_CLEAN_H

#include <stddef.h>

/* What stands for a control character or an invalid byte: valid in every encoding. */
#define CLEAN_REPLACEMENT '?'

extern size_t clean_text(const char *text, size_t length, char *out, size_t limit);

#endif
