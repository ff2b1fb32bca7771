/*
 * rendering.c: a variant's template with a recipient's values and codes: the body to
 * send, its segments, and the targets that are the recipient's own. Writes nothing.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "body.h"
#include "body_template.h"
#include "core/link_target.h"
#include "rendering.h"

/* An anonymous campaign's links are the same for all. */
static void
check_anonymous(const ReadyVariant *variant)
{
	if (variant->parsed->opt_out)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an anonymous campaign cannot have opt-out links"),
				 errdetail("Variant \"%s\" has {{opt_out}}, and no recipient is kept.",
						   variant->row.name),
				 errhint("Name a word to answer with instead, such as STOP.")));
	if (variant->personal)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an anonymous campaign cannot have merge fields in links"),
				 errdetail("Variant \"%s\" has one, and there is one code a link for "
						   "all recipients.",
						   variant->row.name),
				 errhint("Take it out, or set tracking to full or none.")));
}

/* Tells whether a template's link is the one that the variant has at its position. */
static bool
is_same_link(const Template *parsed, int position, Datum url, bool changed)
{
	text *link = body_text(parsed->body + parsed->links[position].start,
						   parsed->links[position].length);

	return changed || DatumGetBool(DirectFunctionCall2Coll(texteq, C_COLLATION_OID,
														   PointerGetDatum(link), url));
}

/*
 * Makes sure that the links found now are those that the variant's targets were read
 * from: settings and hosts of link domains decide, and may have changed since.
 */
static void
check_links(const LaunchRow *row, const Template *parsed)
{
	Datum *urls = NULL;
	bool *changed = NULL;
	int count = 0;
	bool same;

	if (row->targets != NULL)
		deconstruct_array(row->targets, TEXTOID, -1, false, TYPALIGN_INT, &urls, &changed,
						  &count);
	same = count == parsed->link_count;
	for (int i = 0; same && i < count; i++)
		same = is_same_link(parsed, i, urls[i], changed[i]);
	if (!same)
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("variant \"%s\" has other links now than when it was stored",
					row->name),
			 errdetail("Then %d were found, now %d: link domains or settings such as "
					   "smstrack.bare_hosts differ.",
					   count, parsed->link_count),
			 errhint("Set them as they were, or store the text as another variant and "
					 "give this one the weight 0.")));
}

void
rendering_ready(const LaunchRow *row, char tracking, ReadyVariant *variant)
{
	Template *parsed = body_parse_template(row->body, tracking != 'n');

	body_check_template(parsed);
	if (tracking != 'n')
		check_links(row, parsed);
	variant->row = *row;
	variant->parsed = parsed;
	variant->personal = false;
	for (int i = 0; i < parsed->link_count; i++)
		variant->personal = variant->personal || parsed->personal[i];
	if (tracking == 'a')
		check_anonymous(variant);
}

char *
rendering_field_name(const ReadyVariant *variant, int field)
{
	const Template *parsed = variant->parsed;

	return text_to_cstring(body_text(parsed->body + parsed->fields[field].start,
									 parsed->fields[field].length));
}

void
rendering_init(Rendering *rendering, const LinkDomain *domain)
{
	memset(rendering, 0, sizeof(*rendering));
	rendering->room = 4096;
	rendering->body = palloc(rendering->room);
	rendering->codes.code_length = (size_t) domain->code_length;
	memset(rendering->code_bytes, '0', sizeof(rendering->code_bytes));
	for (int i = 0; i < LINK_POSITIONS; i++)
		rendering->codes.codes[i] = rendering->code_bytes[i];
}

void
rendering_make_codes(Rendering *rendering, const ReadyVariant *variant,
					 LinkDomain *domain, int32 length, int64 message_id)
{
	rendering->codes.code_length = (size_t) length;
	for (int i = 0; i < variant->parsed->link_count; i++)
		domain_write_code(domain, length, message_id, i, rendering->code_bytes[i]);
	if (variant->parsed->opt_out)
		domain_write_code(domain, length, message_id, TEMPLATE_OPT_OUT_POSITION,
						  rendering->code_bytes[TEMPLATE_OPT_OUT_POSITION]);
}

void
rendering_share_codes(Rendering *rendering, const ReadyVariant *variant)
{
	rendering->codes.code_length = (size_t) variant->shared_code_length;
	memcpy(rendering->code_bytes, variant->shared_codes, sizeof(rendering->code_bytes));
}

/* Renders into the room, which grows. */
static void
render(Rendering *rendering, const Template *parsed, bool shorten)
{
	rendering->length = template_render(parsed, rendering->values, &rendering->codes,
										shorten, rendering->body, rendering->room);
	if (rendering->length > rendering->room)
	{
		body_check_rendered(rendering->length);
		rendering->room = rendering->length * 2;
		rendering->body = repalloc_huge(rendering->body, rendering->room);
		template_render(parsed, rendering->values, &rendering->codes, shorten,
						rendering->body, rendering->room);
	}
}

void
rendering_run(Rendering *rendering, const ReadyVariant *variant, const LinkDomain *domain)
{
	const Template *parsed = variant->parsed;

	rendering->codes.base = domain->base;
	rendering->codes.base_length = domain->base_length;
	if (parsed->link_count > 0)
	{
		render(rendering, parsed, false);
		segment_count(rendering->body, rendering->length, &rendering->before);
	}
	render(rendering, parsed, true);
	segment_count(rendering->body, rendering->length, &rendering->after);
	if (parsed->link_count == 0)
		rendering->before = rendering->after;
}

/* Renders a target that merge fields made; gives its length. */
static size_t
render_target(const Rendering *rendering, const ReadyVariant *variant, int position,
			  char url[LINK_TARGET_MAX])
{
	size_t bytes;
	BodyTarget target =
		body_target(variant->parsed, rendering->values, position, url, &bytes);

	if (target == BODY_TARGET_TOO_LONG)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("target URL of a recipient is too long"),
				 errdetail("The link at position %d of variant \"%s\" has %zu bytes with "
						   "its merge fields, the limit is %d.",
						   position, variant->row.name, bytes, LINK_TARGET_MAX),
				 errhint("Look for long values of the merge fields in the link.")));
	if (target == BODY_TARGET_INVALID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target URL of a recipient is invalid"),
				 errdetail("The link at position %d of variant \"%s\" is \"%s\" with its "
						   "merge fields.",
						   position, variant->row.name,
						   text_to_cstring(body_text(url, bytes))),
				 errhint("Look for values that are empty or no part of a host: in a "
						 "link they are percent-encoded, a slash too.")));
	return bytes;
}

void
rendering_check_targets(const Rendering *rendering, const ReadyVariant *variant)
{
	char url[LINK_TARGET_MAX];

	for (int i = 0; variant->personal && i < variant->parsed->link_count; i++)
		if (variant->parsed->personal[i])
			(void) render_target(rendering, variant, i, url);
}

ArrayType *
rendering_targets(const Rendering *rendering, const ReadyVariant *variant)
{
	Datum urls[LINK_POSITIONS];
	bool nulls[LINK_POSITIONS];
	int count = variant->parsed->link_count;
	int lower = 1;

	if (!variant->personal)
		return NULL;
	for (int i = 0; i < count; i++)
	{
		char url[LINK_TARGET_MAX];

		nulls[i] = !variant->parsed->personal[i];
		urls[i] = nulls[i] ? (Datum) 0
						   : PointerGetDatum(body_text(
								 url, render_target(rendering, variant, i, url)));
	}
	return construct_md_array(urls, nulls, 1, &count, &lower, TEXTOID, -1, false,
							  TYPALIGN_INT);
}
