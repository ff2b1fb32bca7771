/*
 * link_scan.h: what the files of the link finder share. Only they include it.
 */
#ifndef SMSTRACK_LINK_SCAN_H
#define SMSTRACK_LINK_SCAN_H

#include "link.h"

typedef enum LinkPort
{
	LINK_PORT_NONE,
	LINK_PORT_VALID,
	LINK_PORT_BAD
} LinkPort;

/* link_scan.c: moving on, and filling in what is found */
extern void scan_consume(LinkScan *scan, size_t at);
extern bool scan_accept(LinkScan *scan, Link *link, size_t start, size_t end,
						LinkKind kind, uint32_t warnings);
extern bool scan_leave(LinkScan *scan, Link *link, size_t start, size_t end,
					   LinkKind kind, uint32_t warnings);
extern bool scan_leave_token(LinkScan *scan, Link *link, size_t start, size_t at,
							 uint32_t warning);
extern LinkPort scan_port(const LinkScan *scan, size_t *at, unsigned *number);
extern size_t scan_walk(const LinkScan *scan, size_t at, uint32_t *warnings);
extern bool scan_placeholder_at(const LinkScan *scan, size_t at);
extern bool scan_own_host(const LinkScan *scan, const Host *host, unsigned port,
						  unsigned default_port);
extern bool scan_broken_scheme(const LinkScan *scan, size_t end, size_t *start);
extern bool scan_letter_before(const LinkScan *scan, size_t at);

/* link_scheme.c: at a colon; link_bare.c: at a dot, and at an at sign */
extern bool link_at_colon(LinkScan *scan, Link *link);
extern bool link_at_dot(LinkScan *scan, Link *link);
extern void link_at_sign(LinkScan *scan);

#endif
