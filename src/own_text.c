/*
 * own_text.c: the links of a body that the caller wrote, and the body with short links.
 * It is no template: brackets stay as they are.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "body.h"
#include "link_settings.h"
#include "own_text.h"

/* Tells whether two brackets open and two close behind them. */
static bool
has_merge_field(const char *text, size_t length)
{
	const char wanted[] = "{}";
	int found = 0;

	for (size_t at = 0; at + 1 < length && found < 2; at++)
		if (text[at] == wanted[found] && text[at + 1] == wanted[found])
			found++;
	return found == 2;
}

void
own_text_parse(text *body, bool track, OwnText *own)
{
	LinkOptions options = *link_settings_options();
	LinkScan scan;
	Link link;

	own->utf8 = body_utf8(body, &own->length);
	own->count = 0;
	own->warnings = 0;
	own->merge_field = has_merge_field(own->utf8, own->length);
	if (!track)
		return;

	options.own_hosts = domain_hosts();
	link_scan_begin(&scan, own->utf8, own->length, &options);
	while (link_scan_next(&scan, &link))
	{
		own->warnings |= link.warnings;
		if (link.trackable)
			own->links[own->count++] = link;
	}
	link_warn_preview(own->utf8, own->length, own->links, (size_t) own->count);
	for (int i = 0; i < own->count; i++)
		own->warnings |= own->links[i].warnings;
}

char *
own_text_render(const OwnText *own, LinkDomain *domain, int32 code_length,
				int64 message_id, size_t *length)
{
	size_t code_bytes = (size_t) code_length;
	char *rendered = palloc(own->length + 1 +
							(size_t) own->count * (domain->base_length + code_bytes));
	char *out = rendered;
	size_t from = 0;

	for (int i = 0; i < own->count; i++)
	{
		const Link *link = &own->links[i];

		memcpy(out, own->utf8 + from, link->start - from);
		out += link->start - from;
		memcpy(out, domain->base, domain->base_length);
		out += domain->base_length;
		domain_write_code(domain, code_length, message_id, i, out);
		out += code_bytes;
		from = link->start + link->length;
	}
	memcpy(out, own->utf8 + from, own->length - from);
	out += own->length - from;
	*out = '\0';
	*length = (size_t) (out - rendered);
	return rendered;
}

ArrayType *
own_text_targets(const OwnText *own)
{
	Datum urls[LINK_POSITIONS];

	if (own->count == 0)
		return NULL;
	for (int i = 0; i < own->count; i++)
		urls[i] = PointerGetDatum(
			body_text(own->utf8 + own->links[i].start, own->links[i].length));
	return construct_array(urls, own->count, TEXTOID, -1, false, TYPALIGN_INT);
}
