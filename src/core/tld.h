/*
 * tld.h: the top-level domains.
 */
#ifndef SMSTRACK_TLD_H
#define SMSTRACK_TLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Written by script/generate-tld: lower-case A-labels, and those in Unicode once more. */
extern const char *const tld_table[];
extern const size_t tld_count;
extern const uint16_t tld_first[27]; /* where each letter begins, and the end */
extern const char *const tld_unicode[];
extern const size_t tld_unicode_count;

extern bool tld_known(const char *label, size_t length);
extern bool tld_known_unicode(const char *label, size_t length);
extern size_t tld_unicode_prefix(const char *label, size_t length);

#endif
