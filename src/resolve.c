/*
 * resolve.c: deciphers a code, and reads what is behind it. Writes nothing, so that it
 * works on a standby.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "alias.h"
#include "core/link_code.h"
#include "core/link_target.h"
#include "link_settings.h"
#include "resolve.h"

/* Tells whether a request can be a code, with what phones append to one. */
bool
resolve_is_code(const char *code, Size length)
{
	Size bare = link_code_length(code, length);

	return bare >= CODE_LENGTH_MIN && bare <= CODE_LENGTH_MAX;
}

static bool
is_expired(const LinkDomain *domain, const FoundMessage *message, TimestampTz at)
{
	TimestampTz end;

	if (!domain->expires)
		return false;
	end = DatumGetTimestampTz(
		DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(message->created_at),
							PointerGetDatum(&domain->expiry)));
	return at >= end;
}

/* Gives the target URL at a position, in UTF-8; NULL if there is none. */
static char *
target_at(const FoundMessage *message, int32 position)
{
	Datum *urls;
	bool *nulls;
	int count;
	char *url;

	if (message->target_urls == NULL)
		return NULL;
	deconstruct_array(message->target_urls, TEXTOID, -1, false, TYPALIGN_INT, &urls, &nulls,
					  &count);
	if (position >= count || nulls[position])
		return NULL;
	url = TextDatumGetCString(urls[position]);
	return pg_server_to_any(url, (int) strlen(url), PG_UTF8);
}

/* Judges a target once more, and writes it as a browser requests it. */
static ResolveStatus
write_target(ResolvedLink *link, const char *url)
{
	char *written;
	size_t length;

	if (url == NULL)
		return RESOLVE_NOT_FOUND;
	written = palloc(LINK_TARGET_WRITTEN_MAX);
	if (!link_target_allowed(url, strlen(url)) ||
		link_target_write(url, strlen(url), link_settings_options()->host.idna, written,
						  LINK_TARGET_WRITTEN_MAX, &length) != LINK_TARGET_WRITTEN)
		return RESOLVE_REFUSED;
	link->target_url = cstring_to_text_with_len(written, (int) length);
	return RESOLVE_FOUND;
}

/* Deciphers a code of a link domain, and finds the message behind it. */
static ResolveStatus
resolve_message(const char *code, Size length, TimestampTz at, ResolvedLink *link)
{
	const CodeCipher *cipher;
	uint64 number;

	cipher = domain_cipher(link->domain, (int32) length);
	if (cipher == NULL || !code_to_number(cipher, code, &number))
		return RESOLVE_NOT_FOUND;
	link->position = (int32) (number % CODE_POSITIONS);
	if (!message_find((int64) (number / CODE_POSITIONS), GetActiveSnapshot(),
					  &link->message) ||
		link->message.link_domain != link->domain->id ||
		link->message.code_length != (int16) length || link->position >= link->message.links ||
		is_expired(link->domain, &link->message, at))
		return RESOLVE_NOT_FOUND;
	return write_target(link, target_at(&link->message, link->position));
}

/* Resolves a code that was requested from a host (NULL: the default link domain). */
ResolveStatus
resolve_code(const char *code, Size length, const char *host, TimestampTz at,
			 ResolvedLink *link)
{
	ResolveStatus status;

	memset(link, 0, sizeof(*link));
	length = link_code_length(code, length);
	link->domain = domain_for_resolving(host);
	if (link->domain == NULL || link->domain->status != LINK_DOMAIN_ACTIVE)
		return RESOLVE_NOT_FOUND;
	status = resolve_message(code, length, at, link);
	if (status != RESOLVE_NOT_FOUND)
		return status;
	/* asked for every code without a message: no kind of them takes another time */
	status = write_target(link, alias_target(link->domain, code, length));
	return status == RESOLVE_FOUND ? RESOLVE_ALIAS : status;
}

const char *
resolve_status_name(ResolveStatus status)
{
	static const char *const names[] = {"found", "not found", "refused target", "found"};

	return names[status];
}
