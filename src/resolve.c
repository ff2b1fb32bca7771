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
#include "campaign.h"
#include "core/link_code.h"
#include "core/link_target.h"
#include "hit_settings.h"
#include "link_settings.h"
#include "resolve.h"

/* Tells whether a request can be a code, with what phones append to one. */
bool
resolve_is_code(const char *code, Size length)
{
	Size bare = link_code_length(code, length);

	return bare >= CODE_LENGTH_MIN && bare <= CODE_LENGTH_MAX;
}

/* Tells whether a message's links have expired: by its campaign, or the link domain. */
static bool
is_expired(const LinkDomain *domain, const Variant *variant, const FoundMessage *message,
		   TimestampTz at)
{
	const Interval *expiry = domain->expires ? &domain->expiry : NULL;
	TimestampTz end;

	if (variant != NULL && variant->expires)
		expiry = &variant->expiry;
	if (expiry == NULL)
		return false;
	end = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
												  TimestampTzGetDatum(message->created_at),
												  PointerGetDatum(expiry)));
	return at >= end;
}

/* Gives the target URL that a message has of its own at a position, or NULL. */
static char *
own_target(const FoundMessage *message, int32 position)
{
	Datum *urls;
	bool *nulls;
	int count;

	if (message->target_urls == NULL)
		return NULL;
	deconstruct_array(message->target_urls, TEXTOID, -1, false, TYPALIGN_INT, &urls, &nulls,
					  &count);
	return position >= count || nulls[position] ? NULL : TextDatumGetCString(urls[position]);
}

/*
 * Gives the target URL at a position, in UTF-8; NULL if there is none. The message's own
 * goes before the variant's, unless that was changed since.
 */
static char *
target_at(const FoundMessage *message, const Variant *variant, int32 position)
{
	char *url = NULL;

	if (variant == NULL || (variant->retargeted & (1 << position)) == 0)
		url = own_target(message, position);
	if (url == NULL && variant != NULL && position < variant->target_count)
		url = variant->targets[position];
	return url == NULL ? NULL : pg_server_to_any(url, (int) strlen(url), PG_UTF8);
}

/* Adds the campaign's parameters to a target; those that it has stay as they are. */
static void
add_parameters(ResolvedLink *link, const char *parameters)
{
	size_t room = LINK_TARGET_WRITTEN_MAX + strlen(parameters) + 2;
	char *rest = pstrdup(parameters);
	char *pair;

	while ((pair = strsep(&rest, "&")) != NULL)
	{
		char *value = strchr(pair, '=');
		char *written = palloc(room);
		size_t length;

		if (value == NULL)
			continue;
		*value++ = '\0';
		if (link_target_decorate(VARDATA_ANY(link->target_url),
								 VARSIZE_ANY_EXHDR(link->target_url), pair, value, written,
								 room, &length) == LINK_TARGET_WRITTEN)
			link->target_url = cstring_to_text_with_len(written, (int) length);
	}
}

/* Gives the attribution window, by campaign, link domain or setting, in seconds. */
static int32
attribution_window(const LinkDomain *domain, const Variant *variant)
{
	const Interval *window;
	int64 seconds;

	if (variant == NULL || !variant->has_window)
		return domain->attribution_window != 0 ? domain->attribution_window
											   : setting_attribution_window;
	window = &variant->attribution_window;
	seconds = (int64) window->month * DAYS_PER_MONTH * SECS_PER_DAY +
			  (int64) window->day * SECS_PER_DAY + window->time / USECS_PER_SEC;
	return (int32) Max(1, Min(seconds, PG_INT32_MAX));
}

/* Writes a URL in UTF-8 as a browser requests it; NULL where nobody is to be sent to it. */
static text *
written_target(const char *url)
{
	char *written = palloc(LINK_TARGET_WRITTEN_MAX);
	text *target = NULL;
	size_t length;

	if (link_target_write(url, strlen(url), link_settings_options()->host.idna, written,
						  LINK_TARGET_WRITTEN_MAX, &length) == LINK_TARGET_WRITTEN)
		target = cstring_to_text_with_len(written, (int) length);
	/* kept for each request of a batch, it would be most of the batch's memory */
	pfree(written);
	return target;
}

/* Judges a target once more, and writes it. */
static ResolveStatus
write_target(ResolvedLink *link, const char *url)
{
	if (url == NULL)
		return RESOLVE_NOT_FOUND;
	link->target_url = written_target(url);
	return link->target_url == NULL ? RESOLVE_REFUSED : RESOLVE_FOUND;
}

/* The same for a fallback URL; NULL where there is none. */
char *
resolve_fallback(const char *url)
{
	text *written = url == NULL
						? NULL
						: written_target(pg_server_to_any(url, (int) strlen(url), PG_UTF8));

	return written == NULL ? NULL : text_to_cstring(written);
}

/* Writes the target of a message, with what the campaign adds to it. */
static ResolveStatus
write_message_target(ResolvedLink *link, const Variant *variant)
{
	bool plain = variant != NULL && (variant->plain & (1 << link->position)) != 0;
	ResolveStatus status =
		write_target(link, target_at(&link->message, variant, link->position));

	if (status != RESOLVE_FOUND)
		return status;
	link->window = attribution_window(link->domain, variant);
	link->conversions = !plain && (variant == NULL || variant->conversions);
	if (variant != NULL && variant->utm != NULL && !plain)
		add_parameters(link, variant->utm);
	return RESOLVE_FOUND;
}

/* Judges a message that was found: its campaign may be over, or the link be of its own kind. */
static ResolveStatus
judge_message(ResolvedLink *link, TimestampTz at)
{
	const Variant *variant = NULL;

	if (link->message.campaign != 0)
	{
		variant = variant_of_message(link->message.campaign, link->message.variant);
		if (variant == NULL)
			return RESOLVE_NOT_FOUND;
	}
	/* opting out works as long as the message is there */
	if (variant != NULL && variant->opt_out && link->position == TEMPLATE_OPT_OUT_POSITION)
		return RESOLVE_OPT_OUT;
	if (link->position >= link->message.links)
		return RESOLVE_NOT_FOUND;
	if ((variant != NULL && !variant->active) ||
		is_expired(link->domain, variant, &link->message, at))
	{
		if (variant != NULL)
			link->fallback_url = resolve_fallback(variant->fallback_url);
		return RESOLVE_NOT_FOUND;
	}
	return write_message_target(link, variant);
}

/* Leaves out dashes, which a body may have behind a link: a code has none, an alias may. */
static Size
without_dashes(const char *code, Size length)
{
	while (length > 0 && code[length - 1] == '-')
		length--;
	return length;
}

/* Deciphers a code of a link domain, and finds the message behind it. */
static ResolveStatus
resolve_message(MessageReader *messages, const char *code, Size length, TimestampTz at,
				ResolvedLink *link)
{
	const CodeCipher *cipher;
	uint64 number;

	cipher = domain_cipher(link->domain, (int32) length);
	if (cipher == NULL || !code_to_number(cipher, code, &number))
		return RESOLVE_NOT_FOUND;
	link->position = (int32) (number % CODE_POSITIONS);
	if (!message_reader_find(messages, (int64) (number / CODE_POSITIONS),
							 &link->message) ||
		link->message.link_domain != link->domain->id ||
		link->message.code_length != (int16) length)
		return RESOLVE_NOT_FOUND;
	return judge_message(link, at);
}

/* Looks for a vanity or imported link; its hits are those of a message that is none. */
static ResolveStatus
resolve_alias(const char *code, Size length, ResolvedLink *link)
{
	LinkAlias alias;
	ResolveStatus status;

	memset(&link->message, 0, sizeof(link->message));
	link->position = 0;
	if (!alias_find(link->domain, code, length, &alias))
		return RESOLVE_NOT_FOUND;
	link->message.message_id = -alias.id;
	link->message.link_domain = link->domain->id;
	status = write_target(link, alias.target_url);
	return status == RESOLVE_FOUND ? RESOLVE_ALIAS : status;
}

/* Resolves a code that was requested from a host (NULL: the default link domain). */
ResolveStatus
resolve_code(MessageReader *messages, const char *code, Size length, const char *host,
			 TimestampTz at, ResolvedLink *link)
{
	ResolveStatus status;

	memset(link, 0, sizeof(*link));
	length = link_code_length(code, length);
	link->domain = domain_for_resolving(host);
	if (link->domain == NULL || link->domain->status != LINK_DOMAIN_ACTIVE)
		return RESOLVE_NOT_FOUND;
	status = resolve_message(messages, code, without_dashes(code, length), at, link);
	if (status != RESOLVE_NOT_FOUND)
		return status;
	/* asked for every code without a message: no kind of them takes another time */
	return resolve_alias(code, length, link);
}

/* Gives the id of the message that a code leads to, if there is one; false: to none. */
bool
resolve_message_id(const char *code, Size length, const char *host, int64 *message_id)
{
	LinkDomain *domain = domain_for_resolving(host);
	const CodeCipher *cipher = NULL;
	uint64 number;

	length = without_dashes(code, link_code_length(code, length));
	if (domain != NULL)
		cipher = domain_cipher(domain, (int32) length);
	if (cipher == NULL || !code_to_number(cipher, code, &number))
		return false;
	*message_id = (int64) (number / CODE_POSITIONS);
	return true;
}

/* Resolves one code as the active snapshot shows it. */
ResolveStatus
resolve_one_code(const char *code, const char *host, TimestampTz at, ResolvedLink *link)
{
	MessageReader *messages = message_reader_open(GetActiveSnapshot());
	ResolveStatus status = resolve_code(messages, code, strlen(code), host, at, link);

	message_reader_close(messages);
	return status;
}

const char *
resolve_status_name(ResolveStatus status)
{
	static const char *const names[] = {"found", "not found", "refused target",
										"opt out", "found"};

	return names[status];
}
