/*
 * link.h: finds the links of a body, one after the other, in linear time.
 *
 *	LinkScan scan;
 *	Link link;
 *
 *	link_scan_begin(&scan, body, length, options);
 *	while (link_scan_next(&scan, &link))
 *		... body + link.start, link.length ...
 *
 * What is found is in the body's order and disjoint. What is not trackable
 *(link.trackable is false) is found for its warning only and stays in the body as it is.
 */
#ifndef SMSTRACK_LINK_H
#define SMSTRACK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

/* A message has the positions 0 to 15; further links stay as they are. */
#define LINK_POSITIONS 16

typedef enum LinkKind
{
	LINK_SCHEME, /* https://example.com/a */
	LINK_WWW,	 /* www.example.com */
	LINK_BARE,	 /* example.com/a, example.com:8080 */
	LINK_HOST	 /* example.com */
} LinkKind;

/* Warnings, a bit each; link_warning_name() says them. */
#define LINK_WARN_GLUED			0x0001u /* text stands directly before or after it */
#define LINK_WARN_BROKEN_SCHEME 0x0002u /* https//, htp:// */
#define LINK_WARN_USERINFO		0x0004u /* https://user:password@host */
#define LINK_WARN_PLACEHOLDER	0x0008u /* a place-holder inside is still open */
#define LINK_WARN_JOIN_LIKE		0x0010u /* looks like two sentences: done.In */
#define LINK_WARN_ALREADY_SHORT 0x0020u /* on a short-link host of ours */
#define LINK_WARN_TOO_MANY		0x0040u /* the 17th or a later one */
#define LINK_WARN_TOO_LONG		0x0080u /* longer than a target may be */
#define LINK_WARN_MIDDLE		0x0100u /* neither first nor last: no preview on iPhones */
#define LINK_WARN_SEVERAL		0x0200u /* not the only link: no preview on iPhones */
#define LINK_WARNING_COUNT		10

typedef struct Link
{
	size_t start; /* bytes into the body */
	size_t length;
	LinkKind kind;
	bool trackable;
	int position; /* 0 to 15 where trackable, else -1 */
	uint32_t warnings;
} Link;

typedef enum LinkBareHosts
{
	LINK_BARE_HOSTS_ON,	  /* also example.com alone */
	LINK_BARE_HOSTS_PATH, /* without a scheme only with a path, query or port behind it */
	LINK_BARE_HOSTS_OFF	  /* only with a scheme or www. */
} LinkBareHosts;

/* A NULL pointer, or all zero, means the defaults. */
typedef struct LinkOptions
{
	LinkBareHosts bare_hosts;
	HostOptions host;			  /* TLDs and the IDNA handle */
	const HostList *ignored_tlds; /* not links when naked; NULL: link_ignored_tlds */
	const HostList *own_hosts; /* short-link hosts: lower-case A-labels, :port if odd */
	void (*poll)(void);		   /* called every few kB; may longjmp */
} LinkOptions;

/* A scan's state: to be kept by the caller, not to be looked into. */
typedef struct LinkScan
{
	const char *body;
	size_t length;
	const LinkOptions *options;
	size_t at;				/* next byte to look at */
	size_t floor;			/* what is before belongs to something found already */
	size_t placeholder_end; /* where the last place-holder in the text ended */
	size_t no_mail_before;	/* no @ ends a local part before here */
	size_t polled;
	int tracked;
} LinkScan;

/* zip, md and others that are more often the end of a file name */
extern const HostList link_ignored_tlds;

extern void link_scan_begin(LinkScan *scan, const char *body, size_t length,
							const LinkOptions *options);
extern bool link_scan_next(LinkScan *scan, Link *link);

/* Adds LINK_WARN_MIDDLE and LINK_WARN_SEVERAL, which need all the links of a body. */
extern void link_warn_preview(const char *body, size_t length, Link *links, size_t count);

/* Tells whether a letter, digit or emoji stands directly before or behind [start, end).
 */
extern bool link_is_glued(const char *body, size_t length, size_t start, size_t end);

/* Names the warning of bit number 0 to LINK_WARNING_COUNT - 1, and a kind. */
extern const char *link_warning_name(int bit);
extern const char *link_kind_name(LinkKind kind);

#endif
