/*
 * host_ascii.h: what the judge of hosts needs to write one. Only host.c includes it.
 */
#ifndef SMSTRACK_HOST_ASCII_H
#define SMSTRACK_HOST_ASCII_H

#include "host.h"

#define HOST_LABEL_MAX 63

extern bool host_lower(const char *text, size_t length, char *out, size_t room);
extern bool host_idna_to_ascii(const UIDNA *idna, const char *text, size_t length,
							   char *out);
extern bool host_labels_valid(const char *ascii, int labels);
extern const char *host_last_label(const char *ascii);
extern bool host_ends_in_number(const char *ascii);
extern bool host_is_ipv4(const char *ascii);
extern size_t host_ipv6_length(const char *text, size_t length);

#endif
