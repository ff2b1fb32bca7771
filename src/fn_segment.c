/*
 * fn_segment.c: encodings, segments and parts in SQL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/segment.h"

PG_FUNCTION_INFO_V1(smstrack_encoding);
PG_FUNCTION_INFO_V1(smstrack_segments);

/* Lets a query be cancelled while a long body is read. */
static void
poll_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Returns the body as UTF-8; it is copied only if the database has another encoding. */
static const char *
body_utf8(const text *body, size_t *length)
{
	char *bytes = VARDATA_ANY(body);
	char *utf8 = pg_server_to_any(bytes, (int) VARSIZE_ANY_EXHDR(body), PG_UTF8);

	*length = utf8 == bytes ? VARSIZE_ANY_EXHDR(body) : strlen(utf8);
	return utf8;
}

/* Returns the encoding a body is sent in: GSM-7 or UCS-2. */
Datum
smstrack_encoding(PG_FUNCTION_ARGS)
{
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	SegmentEncoding encoding = segment_encoding(body, length, poll_interrupts);

	PG_RETURN_TEXT_P(cstring_to_text(segment_encoding_name(encoding)));
}

/* Returns the number of SMS a body takes. */
Datum
smstrack_segments(PG_FUNCTION_ARGS)
{
	size_t length;
	const char *body = body_utf8(PG_GETARG_TEXT_PP(0), &length);
	SegmentCount count;

	segment_count_polled(body, length, poll_interrupts, &count);
	PG_RETURN_INT32(count.segments);
}
