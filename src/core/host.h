/*
 * host.h: judges the host of a link: labels, dots, IDN by UTS #46, addresses, and where a
 * host ends that text is glued to.
 */
#ifndef SMSTRACK_HOST_H
#define SMSTRACK_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <unicode/uidna.h>

#define HOST_ASCII_MAX 253

/* Names in strcmp order, lower-case A-labels. */
typedef struct HostList
{
	const char *const *names;
	size_t count;
} HostList;

/* All zero means the defaults. */
typedef struct HostOptions
{
	const UIDNA *idna; /* from host_idna_open(); NULL: opened when needed (slow) */
	const HostList *extra_tlds; /* known besides the static table */
} HostOptions;

typedef struct Host
{
	size_t end;		/* offset behind the host in the text */
	size_t run_end; /* offset behind all that looks like a host */
	int labels;		/* 0 for an address */
	bool known_tld;
	bool glued;						/* text follows without a gap */
	bool doubtful;					/* cannot be told from the text around it */
	char ascii[HOST_ASCII_MAX + 1]; /* lower-case A-labels, or the address */
} Host;

/* What a byte may be in a label: 0 is nothing. */
#define HOST_BYTE_ASCII 1 /* a letter, a digit, - or _ */
#define HOST_BYTE_WIDE	2 /* a part of another character */
extern const uint8_t host_bytes[256];

extern UIDNA *host_idna_open(void);
extern bool host_list_has(const HostList *list, const char *name);

/* Judges the host that starts at text[at], behind a scheme or without one. */
extern bool host_parse(const char *text, size_t length, size_t at, bool behind_scheme,
					   const HostOptions *options, Host *host);

/* Writes a host that stands alone, as in a target. */
extern bool host_write(const char *text, size_t length, const HostOptions *options,
					   Host *host);

/* Tells whether a code point may stand in a label. */
extern bool host_char(uint32_t c);

#endif
