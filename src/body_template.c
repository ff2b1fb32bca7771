/*
 * body_template.c: reads templates with the options of the settings, and says what is
 * wrong with them.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "body.h"
#include "body_template.h"
#include "domain.h"
#include "link_settings.h"

void
body_check_length(text *body)
{
	if (VARSIZE_ANY_EXHDR(body) > BODY_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("message body is too long"),
						errdetail("The body has %zu bytes, the limit is %d.",
								  (size_t) VARSIZE_ANY_EXHDR(body), BODY_MAX),
						errhint("An SMS has at most 255 segments, which is about 39,000 "
								"characters.")));
}

void
body_check_rendered(size_t length)
{
	if (length >= MaxAllocSize - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("message body is too long"),
						errdetail("With its merge fields it has %zu bytes.", length),
						errhint("Look for long values of the merge fields.")));
}

Template *
body_parse_template(text *body, bool track)
{
	LinkOptions options = *link_settings_options();
	Template *parsed = palloc(sizeof(Template));
	size_t length;
	const char *utf8;
	char *mask;

	body_check_length(body);
	utf8 = body_utf8(body, &length);
	mask = palloc(length + 1);
	if (track)
		options.own_hosts = domain_hosts();
	template_parse(utf8, length, track, &options, mask, parsed);
	pfree(mask);
	return parsed;
}

/* Tells whether a browser may be sent to a target. */
static bool
is_target(const char *url, size_t bytes)
{
	char written[LINK_TARGET_WRITTEN_MAX];
	size_t length;

	return link_target_write(url, bytes, link_settings_options()->host.idna, written,
							 sizeof(written), &length) == LINK_TARGET_WRITTEN;
}

BodyTarget
body_target(const Template *parsed, const TemplateValue *values, int position,
			char url[LINK_TARGET_MAX], size_t *bytes)
{
	*bytes = template_render_link(parsed, values, position, url, LINK_TARGET_MAX);
	if (*bytes > LINK_TARGET_MAX)
		return BODY_TARGET_TOO_LONG;
	/* in a path any value is valid, as it is percent-encoded */
	return parsed->personal_host[position] && !is_target(url, *bytes)
			   ? BODY_TARGET_INVALID
			   : BODY_TARGET_VALID;
}

void
body_check_template(const Template *parsed)
{
	for (int bit = 0; bit < TEMPLATE_WARNING_COUNT; bit++)
		if (parsed->warnings & (1u << bit))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid template: %s", template_warning_name(bit)),
					 errdetail("A merge field is {{column}} or {{column|default}}, at "
							   "most %d bytes long, and a body has at most %d of them.",
							   TEMPLATE_FIELD_BYTES, TEMPLATE_FIELDS_MAX),
					 errhint("Write \\{{ where brackets are meant.")));
}
