/*
 * fn_link.c: smstrack_links, smstrack_link_count and smstrack.is_target_url.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "body.h"
#include "core/link.h"
#include "core/link_target.h"
#include "domain.h"
#include "link_settings.h"

#define LINK_COLUMNS 9

PG_FUNCTION_INFO_V1(smstrack_links);
PG_FUNCTION_INFO_V1(smstrack_link_count);
PG_FUNCTION_INFO_V1(smstrack_is_target_url);

/* A body in UTF-8, and what was found in it. */
typedef struct FoundLinks
{
	const char *body;
	size_t length;
	Link *links;
	size_t count;
	size_t room;
} FoundLinks;

/* Counts characters. */
static int32
utf8_characters(const char *utf8, size_t length)
{
	int32 characters = 0;

	for (size_t i = 0; i < length; i++)
		characters += ((unsigned char) utf8[i] & 0xC0) != 0x80;
	return characters;
}

/* Finds all the links of a body. */
static void
find_links(text *body, FoundLinks *found)
{
	LinkOptions options = *link_settings_options();
	LinkScan scan;

	found->body = body_utf8(body, &found->length);
	found->count = 0;
	found->room = LINK_POSITIONS;
	found->links = palloc(found->room * sizeof(Link));
	options.own_hosts = domain_hosts();
	link_scan_begin(&scan, found->body, found->length, &options);
	while (link_scan_next(&scan, &found->links[found->count]))
	{
		if (++found->count < found->room)
			continue;
		found->room *= 2;
		found->links = repalloc_huge(found->links, mul_size(found->room, sizeof(Link)));
	}
	link_warn_preview(found->body, found->length, found->links, found->count);
}

/* Writes what the recipient's browser requests; NULL where nothing may be requested. */
static text *
target_text(const char *url, size_t length)
{
	char written[LINK_TARGET_WRITTEN_MAX];
	size_t bytes;

	if (link_target_write(url, length, link_settings_options()->host.idna, written,
						  sizeof(written), &bytes) != LINK_TARGET_WRITTEN)
		return NULL;
	return body_text(written, bytes);
}

static text *
warning_text(uint32 warnings)
{
	StringInfoData names;

	if (warnings == 0)
		return NULL;
	initStringInfo(&names);
	for (int bit = 0; bit < LINK_WARNING_COUNT; bit++)
		if (warnings & (1u << bit))
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
							 link_warning_name(bit));
	return cstring_to_text_with_len(names.data, names.len);
}

/* Sets a column that may be NULL. */
static void
set_text(Datum *values, bool *nulls, int column, text *value)
{
	nulls[column] = value == NULL;
	if (value != NULL)
		values[column] = PointerGetDatum(value);
}

/* Fills in the row of one link, which starts behind so many characters. */
static void
make_row(const FoundLinks *found, size_t number, int characters, Datum *values,
		 bool *nulls)
{
	const Link *link = &found->links[number];
	const char *url = found->body + link->start;

	memset(nulls, 0, LINK_COLUMNS * sizeof(bool));
	values[0] = Int32GetDatum((int32) number + 1);
	values[1] = Int32GetDatum(link->position);
	nulls[1] = !link->trackable;
	values[2] = PointerGetDatum(body_text(url, link->length));
	values[3] = Int32GetDatum(characters + 1);
	values[4] = Int32GetDatum(utf8_characters(url, link->length));
	values[5] = CStringGetTextDatum(link_kind_name(link->kind));
	set_text(values, nulls, 6, target_text(url, link->length));
	values[7] = BoolGetDatum(link->trackable);
	set_text(values, nulls, 8, warning_text(link->warnings));
}

/* smstrack_links(body) */
Datum
smstrack_links(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext row_context = AllocSetContextCreate(
		CurrentMemoryContext, "smstrack link", ALLOCSET_DEFAULT_SIZES);
	FoundLinks found;
	int characters = 0;
	size_t counted = 0;

	InitMaterializedSRF(fcinfo, 0);
	find_links(PG_GETARG_TEXT_PP(0), &found);
	for (size_t i = 0; i < found.count; i++)
	{
		Datum values[LINK_COLUMNS];
		bool nulls[LINK_COLUMNS];

		MemoryContext caller = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		characters +=
			utf8_characters(found.body + counted, found.links[i].start - counted);
		counted = found.links[i].start;
		make_row(&found, i, characters, values, nulls);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(row_context);
	}
	MemoryContextDelete(row_context);
	PG_RETURN_NULL();
}

/* smstrack_link_count(body) */
Datum
smstrack_link_count(PG_FUNCTION_ARGS)
{
	LinkOptions options = *link_settings_options();
	LinkScan scan;
	Link link;
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);

	options.own_hosts = domain_hosts();
	link_scan_begin(&scan, body, length, &options);
	while (link_scan_next(&scan, &link))
		;
	PG_RETURN_INT32(scan.tracked);
}

/* smstrack.is_target_url(url): with a scheme, which the links of a body may lack. */
Datum
smstrack_is_target_url(PG_FUNCTION_ARGS)
{
	size_t length;
	const char *url = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	char written[LINK_TARGET_WRITTEN_MAX];
	size_t bytes;

	PG_RETURN_BOOL(length > 4 && pg_strncasecmp(url, "http", 4) == 0 &&
				   strncmp(url + strcspn(url, ":/?#"), "://", 3) == 0 &&
				   link_target_write(url, length, link_settings_options()->host.idna,
									 written, sizeof(written),
									 &bytes) == LINK_TARGET_WRITTEN);
}
