/*
 * The link finder on any bytes: what it finds is in the body, ordered and disjoint;
 * rewriting and substituting back gives the body; what is tracked can be requested.
 * Targets of any bytes are written in ASCII, or refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "link_code.h"
#include "link_target.h"

#define SHORT_LINK	 "https://s.example/AbC12345"
#define SHORT_LENGTH (sizeof(SHORT_LINK) - 1)

static const char *const own_names[] = {"s.example"};
static const HostList own_hosts = {own_names, 1};

static void
check(bool holds)
{
	if (!holds)
		abort();
}

/* A written target is ASCII; written once more it stays as it is. */
static void
check_target(const char *url, size_t length, const UIDNA *idna, bool tracked)
{
	char once[LINK_TARGET_WRITTEN_MAX];
	char twice[LINK_TARGET_WRITTEN_MAX];
	size_t n;
	size_t m;

	check(!tracked || link_target_allowed(url, length));
	if (link_target_write(url, length, idna, once, sizeof(once), &n) !=
		LINK_TARGET_WRITTEN)
	{
		check(!tracked);
		return;
	}
	check(strlen(once) == n);
	for (size_t i = 0; i < n; i++)
		check(once[i] > ' ' && once[i] < 0x7F);
	check(link_target_write(url, length, idna, twice, n, &m) == LINK_TARGET_NO_ROOM);
	if (!link_target_allowed(once, n))
		return;
	check(link_target_write(once, n, idna, twice, n + 1, &m) == LINK_TARGET_WRITTEN);
	check(n == m && memcmp(once, twice, n) == 0);
}

/* Checks one found link against the ones before it. */
static void
check_link(const Link *link, size_t end, size_t length, int tracked)
{
	check(link->start >= end && link->length > 0 && link->start + link->length <= length);
	check(link->warnings >> LINK_WARNING_COUNT == 0);
	check(link->position == (link->trackable ? tracked : -1));
	check(tracked < LINK_POSITIONS || !link->trackable);
}

/* Puts text[from, to) behind what is in out. */
static size_t
append(char *out, size_t at, const char *text, size_t from, size_t to)
{
	memcpy(out + at, text + from, to - from);
	return at + to - from;
}

/* Rewrites the links that are tracked; returns the new body's length. */
static size_t
rewrite(const char *body, size_t length, const Link *links, int count, char *out)
{
	size_t from = 0;
	size_t at = 0;

	for (int i = 0; i < count; i++)
	{
		at = append(out, at, body, from, links[i].start);
		at = append(out, at, SHORT_LINK, 0, SHORT_LENGTH);
		from = links[i].start + links[i].length;
	}
	return append(out, at, body, from, length);
}

/* Puts the links' targets back in place of the short links. */
static size_t
restore(const char *body, const char *rewritten, size_t length, const Link *links,
		int count, char *out)
{
	size_t from = 0;
	size_t at = 0;

	for (int i = 0; i < count; i++)
	{
		size_t gap = links[i].start - at;

		at = append(out, at, rewritten, from, from + gap);
		from += gap;
		check(memcmp(rewritten + from, SHORT_LINK, SHORT_LENGTH) == 0);
		from += SHORT_LENGTH;
		at = append(out, at, body, links[i].start, links[i].start + links[i].length);
	}
	return append(out, at, rewritten, from, length);
}

static void
check_body(const char *body, size_t length, const LinkOptions *options)
{
	char *rewritten = malloc(length + LINK_POSITIONS * SHORT_LENGTH + 1);
	char *restored = malloc(length + LINK_POSITIONS * SHORT_LENGTH + 1);
	Link links[LINK_POSITIONS + 1];
	size_t end = 0;
	size_t n;
	int tracked = 0;
	LinkScan scan;

	link_scan_begin(&scan, body, length, options);
	while (link_scan_next(&scan, &links[tracked]))
	{
		const Link *link = &links[tracked];

		check_link(link, end, length, tracked);
		end = link->start + link->length;
		if (!link->trackable)
			continue;
		check_target(body + link->start, link->length, options->host.idna, true);
		tracked++;
	}
	n = rewrite(body, length, links, tracked, rewritten);
	n = restore(body, rewritten, n, links, tracked, restored);
	check(n == length && memcmp(restored, body, length) == 0);
	free(rewritten);
	free(restored);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static UIDNA *idna;
	LinkOptions options = {.own_hosts = &own_hosts};

	if (idna == NULL)
		idna = host_idna_open();
	options.host.idna = idna;
	if (size == 0)
		return 0;
	options.bare_hosts = (LinkBareHosts) (data[0] % 3);
	check_body((const char *) data + 1, size - 1, &options);
	check_target((const char *) data, size, idna, false);
	check(link_code_length((const char *) data, size) <= size);
	return 0;
}
