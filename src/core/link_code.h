/*
 * link_code.h: what a phone requests as a short link's code may have text at its end that
 * the phone took for a part of the link.
 */
#ifndef SMSTRACK_LINK_CODE_H
#define SMSTRACK_LINK_CODE_H

#include <stddef.h>

extern size_t link_code_length(const char *requested, size_t length);

#endif
