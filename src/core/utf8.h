/*
 * utf8.h: reading UTF-8 that the server has already checked, and UTF-8 that nobody has.
 */
#ifndef SMSTRACK_UTF8_H
#define SMSTRACK_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* What an invalid byte decodes to. */
#define UTF8_REPLACEMENT 0xFFFDu

extern size_t utf8_decode(const char *text, size_t length, uint32_t *code_point);
extern size_t utf8_decode_before(const char *text, size_t at, uint32_t *code_point);
extern size_t utf8_encode(uint32_t code_point, char out[4]);

#endif
