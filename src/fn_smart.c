/*
 * fn_smart.c: smart encoding in SQL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "storage/shmem.h"
#include "utils/builtins.h"

#include "body.h"
#include "core/link.h"
#include "core/segment.h"
#include "core/smart.h"
#include "core/utf8.h"
#include "link_settings.h"

#define REPLACEMENT_COLUMNS 4

PG_FUNCTION_INFO_V1(smstrack_smart);
PG_FUNCTION_INFO_V1(smstrack_smart_info);

/* Protects the links of a body, those that are not trackable too. */
static void
protect_links(const char *body, size_t length, SmartOptions *options)
{
	size_t room = LINK_POSITIONS;
	SmartRange *ranges = palloc(room * sizeof(SmartRange));
	size_t count = 0;
	LinkScan scan;
	Link link;

	link_scan_begin(&scan, body, length, link_settings_options());
	while (link_scan_next(&scan, &link))
	{
		if (count == room)
		{
			room *= 2;
			ranges = repalloc_huge(ranges, mul_size(room, sizeof(SmartRange)));
		}
		ranges[count].start = link.start;
		ranges[count++].length = link.length;
	}
	options->ranges = ranges;
	options->range_count = count;
}

/*
 * Tells whether two bodies have the same links, tracked or not: what is put beside a link
 * must not run into it, as the hyphen for the dash in https://example.com/a—today would.
 */
static bool
same_links(const char *body, size_t length, const char *encoded, size_t encoded_length)
{
	LinkScan before;
	LinkScan after;
	Link link;
	Link kept;

	link_scan_begin(&before, body, length, link_settings_options());
	link_scan_begin(&after, encoded, encoded_length, link_settings_options());
	while (link_scan_next(&before, &link))
		if (!link_scan_next(&after, &kept) || kept.trackable != link.trackable ||
			kept.length != link.length ||
			memcmp(encoded + kept.start, body + link.start, link.length) != 0)
			return false;
	return !link_scan_next(&after, &kept);
}

/*
 * Makes a body GSM-7; returns false if that is impossible, lowers no segments, or would
 * change a link. Adds its links to the options.
 */
static bool
encode(const char *body, size_t length, SmartOptions *options, StringInfo encoded)
{
	SegmentCount before;
	SegmentCount after;
	SmartScan scan;
	SmartPiece piece;
	SmartStep step;

	segment_count_polled(body, length, body_poll, &before);
	/* one segment cannot become less */
	if (before.encoding == SEGMENT_GSM7 || before.segments == 1)
		return false;
	protect_links(body, length, options);
	initStringInfo(encoded);
	smart_begin(&scan, body, length, options);
	while ((step = smart_next(&scan, &piece)) <= SMART_REPLACED)
	{
		body_poll();
		appendBinaryStringInfo(encoded, piece.text, (int) piece.text_length);
	}
	if (step == SMART_IMPOSSIBLE)
		return false;
	segment_count_polled(encoded->data, (size_t) encoded->len, body_poll, &after);
	return after.segments < before.segments &&
		   same_links(body, length, encoded->data, (size_t) encoded->len);
}

/* smstrack_smart(body, fold_accents, greek) */
Datum
smstrack_smart(PG_FUNCTION_ARGS)
{
	text *given = PG_GETARG_TEXT_PP(0);
	size_t length;
	const char *body = body_utf8(given, &length);
	SmartOptions options = {.fold_accents = PG_GETARG_BOOL(1),
							.greek = PG_GETARG_BOOL(2)};
	StringInfoData encoded;

	if (!encode(body, length, &options, &encoded))
		PG_RETURN_TEXT_P(given);
	PG_RETURN_TEXT_P(body_text(encoded.data, (size_t) encoded.len));
}

/* Counts the characters of a piece; lists their code points where asked. */
static int32
read_characters(const char *utf8, size_t length, StringInfo code_points)
{
	int32 characters = 0;

	for (size_t at = 0; at < length; characters++)
	{
		uint32_t code_point;

		at += utf8_decode(utf8 + at, length - at, &code_point);
		if (code_points != NULL)
			appendStringInfo(code_points, "%sU+%04X", characters > 0 ? " " : "",
							 code_point);
	}
	return characters;
}

/* Puts out one replacement; returns the characters replaced. */
static int32
put_replacement(ReturnSetInfo *result, const char *body, const SmartPiece *piece,
				int32 start)
{
	Datum values[REPLACEMENT_COLUMNS];
	bool nulls[REPLACEMENT_COLUMNS] = {false};
	StringInfoData code_points;
	int32 characters;

	initStringInfo(&code_points);
	characters = read_characters(body + piece->start, piece->length, &code_points);
	values[0] = Int32GetDatum(start);
	values[1] = PointerGetDatum(body_text(body + piece->start, piece->length));
	values[2] = CStringGetTextDatum(code_points.data);
	values[3] = PointerGetDatum(body_text(piece->text, piece->text_length));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	for (int i = 1; i < REPLACEMENT_COLUMNS; i++)
		pfree(DatumGetPointer(values[i]));
	pfree(code_points.data);
	return characters;
}

/* smstrack_smart_info(body, fold_accents, greek) */
Datum
smstrack_smart_info(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	SmartOptions options = {.fold_accents = PG_GETARG_BOOL(1),
							.greek = PG_GETARG_BOOL(2)};
	StringInfoData encoded;
	SmartScan scan;
	SmartPiece piece;
	SmartStep step;
	int32 characters = 0;

	InitMaterializedSRF(fcinfo, 0);
	if (!encode(body, length, &options, &encoded))
		return (Datum) 0;
	smart_begin(&scan, body, length, &options);
	while ((step = smart_next(&scan, &piece)) <= SMART_REPLACED)
	{
		body_poll();
		if (step == SMART_REPLACED)
			characters += put_replacement(result, body, &piece, characters + 1);
		else
			characters += read_characters(piece.text, piece.text_length, NULL);
	}
	return (Datum) 0;
}
