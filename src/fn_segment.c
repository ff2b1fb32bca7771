/*
 * fn_segment.c: encodings, segments and parts in SQL.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/bitmapset.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>

#include "body.h"
#include "core/national.h"
#include "core/segment.h"
#include "core/utf8.h"

#define INFO_COLUMNS 11
#define PART_COLUMNS 3

PG_FUNCTION_INFO_V1(smstrack_encoding);
PG_FUNCTION_INFO_V1(smstrack_segments);
PG_FUNCTION_INFO_V1(smstrack_segment_info);
PG_FUNCTION_INFO_V1(smstrack_parts);

/* Returns the encoding a body is sent in. */
Datum
smstrack_encoding(PG_FUNCTION_ARGS)
{
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	SegmentEncoding encoding = segment_encoding(body, length, body_poll);

	PG_RETURN_TEXT_P(cstring_to_text(segment_encoding_name(encoding)));
}

/* Returns the number of SMS a body takes. */
Datum
smstrack_segments(PG_FUNCTION_ARGS)
{
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	SegmentCount count;

	segment_count_polled(body, length, body_poll, &count);
	PG_RETURN_INT32(count.segments);
}

/* Returns ICU's iterator over grapheme clusters, opened once in a backend. */
static UBreakIterator *
cluster_iterator(void)
{
	static UBreakIterator *iterator = NULL;
	UErrorCode status = U_ZERO_ERROR;

	if (iterator != NULL)
		return iterator;
	/* the root locale: clusters do not depend on a language */
	iterator = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &status);
	if (U_FAILURE(status))
		ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not open the iterator of ICU: %s", u_errorName(status)));
	return iterator;
}

/* Complains about a language that has no tables, and names those that have. */
static void
unknown_language(const char *code)
{
	StringInfoData known;

	initStringInfo(&known);
	for (int i = 1; i < NATIONAL_LANGUAGES; i++)
		appendStringInfo(&known, "%s%s (%s)", i > 1 ? ", " : "",
						 national_languages[i].code, national_languages[i].name);
	ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("no national language shift table for \"%s\"", code),
			errhint("Known languages are %s.", known.data));
}

/* Reads an array of language codes into a set of identifiers. */
static uint32
read_languages(ArrayType *array)
{
	Datum *codes;
	bool *nulls;
	int count;
	uint32 languages = 0;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &codes, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char *code;
		int language;

		if (nulls[i])
			ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("languages must not contain nulls"));
		code = TextDatumGetCString(codes[i]);
		language = national_find(code, strlen(code));
		if (language == 0)
			unknown_language(code);
		languages |= (uint32) 1 << language;
	}
	return languages;
}

/* Reads the arguments behind the body, which segment_info and parts share. */
static SegmentOptions
read_options(FunctionCallInfo fcinfo)
{
	SegmentOptions options = {.reference_bits = PG_GETARG_INT32(1),
							  .keep_clusters = PG_GETARG_BOOL(2),
							  .languages = read_languages(PG_GETARG_ARRAYTYPE_P(3)),
							  .clusters = cluster_iterator(),
							  .poll = body_poll};

	if (options.reference_bits != 8 && options.reference_bits != 16)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("no reference number of %d bits", options.reference_bits),
				errdetail("The parts of a long SMS carry a reference number of 8 or of "
						  "16 bits."));
	return options;
}

/* Writes a character and its code point, or the latter alone if nothing would be seen. */
static void
append_character(StringInfo list, uint32 code_point)
{
	/* marks would sit on what stands before them */
	const uint32 invisible = U_GC_C_MASK | U_GC_Z_MASK | U_GC_M_MASK;
	char utf8[4];
	int bytes = (int) utf8_encode(code_point, utf8);

	if (list->len > 0)
		appendStringInfoString(list, ", ");
	if ((U_GET_GC_MASK((UChar32) code_point) & invisible) == 0)
	{
		appendBinaryStringInfo(list, utf8, bytes);
		appendStringInfoChar(list, ' ');
	}
	appendStringInfo(list, "U+%04X", code_point);
}

/* Lists the distinct characters that force UCS-2, in the body's order. */
static text *
forcing_text(const char *body, size_t length, SegmentOptions options,
			 const SegmentInfo *info)
{
	StringInfoData list;
	Bitmapset *seen = NULL;
	uint32_t code_point;
	int64_t characters = 0;
	size_t at = 0;

	initStringInfo(&list);
	options.languages = info->forcing_languages;
	while (segment_forcing_next(body, length, &options, &at, &characters, &code_point))
	{
		body_poll();
		if (bms_is_member((int) code_point, seen))
			continue;
		seen = bms_add_member(seen, (int) code_point);
		append_character(&list, code_point);
	}
	return body_text(list.data, (size_t) list.len);
}

/* Says which national tables are in use; NULL for none. */
static text *
language_text(const SegmentAlphabet *alphabet)
{
	StringInfoData tables;

	if (alphabet->locking == 0 && alphabet->single == 0)
		return NULL;
	initStringInfo(&tables);
	if (alphabet->locking != 0)
		appendStringInfo(&tables, "%s locking shift",
						 national_languages[alphabet->locking].code);
	if (alphabet->single != 0)
		appendStringInfo(&tables, "%s%s single shift", tables.len > 0 ? ", " : "",
						 national_languages[alphabet->single].code);
	return cstring_to_text_with_len(tables.data, tables.len);
}

/* smstrack_segment_info(body, reference_bits, keep_clusters, languages) */
Datum
smstrack_segment_info(PG_FUNCTION_ARGS)
{
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	SegmentOptions options = read_options(fcinfo);
	SegmentInfo info;
	TupleDesc descriptor;
	Datum values[INFO_COLUMNS];
	bool nulls[INFO_COLUMNS] = {false};
	text *language;
	bool forced;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	segment_measure(body, length, &options, &info);
	forced = info.alphabet.encoding == SEGMENT_UCS2;
	language = language_text(&info.alphabet);

	values[0] = CStringGetTextDatum(segment_encoding_name(info.alphabet.encoding));
	values[1] = Int32GetDatum(info.segments);
	/* a body has less than 2^30 bytes, so that two septets each fit */
	values[2] = Int32GetDatum((int32) info.units);
	values[3] = Int32GetDatum((int32) info.units_left);
	values[4] = Int32GetDatum((int32) info.unit_limit);
	values[5] = Int32GetDatum((int32) info.characters);
	nulls[6] = nulls[7] = !forced;
	values[6] = forced ? PointerGetDatum(forcing_text(body, length, options, &info)) : 0;
	values[7] = Int32GetDatum((int32) info.forcing_at);
	nulls[8] = language == NULL;
	values[8] = PointerGetDatum(language);
	nulls[9] = info.cluster_segments == info.segments;
	values[9] = Int32GetDatum(info.cluster_segments);
	values[10] = BoolGetDatum(info.segments <= SEGMENT_MAX);
	PG_RETURN_DATUM(
		HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

/* smstrack_parts(body, reference_bits, keep_clusters, languages) */
Datum
smstrack_parts(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	SegmentOptions options = read_options(fcinfo);
	SegmentParts parts;
	SegmentPart part;
	int32 number = 0;

	InitMaterializedSRF(fcinfo, 0);
	segment_parts_begin(&parts, body, length, &options);
	while (segment_parts_next(&parts, &part))
	{
		Datum values[PART_COLUMNS];
		bool nulls[PART_COLUMNS] = {false};
		text *content = body_text(body + part.start, part.length);

		values[0] = Int32GetDatum(++number);
		values[1] = PointerGetDatum(content);
		values[2] = Int32GetDatum((int32) part.units);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		pfree(content);
		body_poll();
	}
	return (Datum) 0;
}
