/*
 * prepare.c: one body and one recipient become one message: links are found, get codes,
 * and are replaced; segments are counted before and after; the message is stored.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

#include <openssl/evp.h>

#include "body.h"
#include "body_template.h"
#include "core/link.h"
#include "core/link_target.h"
#include "core/segment.h"
#include "domain.h"
#include "link_settings.h"
#include "message.h"
#include "message_id.h"
#include "prepare.h"
#include "recipient.h"
#include "store.h"

#define RECIPIENT_MAX 256
#define LABEL_MAX	  256
#define KEY_MAX		  256

/* A body in UTF-8 with its tracked links. */
typedef struct ParsedBody
{
	const char *utf8;
	size_t length;
	Link links[LINK_POSITIONS];
	int count;
	uint32 warnings;
} ParsedBody;

static void
check_request(const PrepareRequest *request)
{
	if (request->body == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("message body is null"),
						errhint("Give the text of the SMS; it may be empty.")));
	if (request->recipient == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("recipient is null"),
						errhint("Give the recipient's number, or an identifier of your own.")));
	if (VARSIZE_ANY_EXHDR(request->recipient) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("recipient is empty"),
				 errhint("Give the recipient's number, or an identifier of your own.")));
	if (VARSIZE_ANY_EXHDR(request->recipient) > RECIPIENT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("recipient is too long"),
				 errdetail("A recipient may have %d bytes.", RECIPIENT_MAX)));
	body_check_length(request->body);
	if (request->label != NULL && VARSIZE_ANY_EXHDR(request->label) > LABEL_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("label is too long"),
						errdetail("A label may have %d bytes.", LABEL_MAX)));
	if (request->idempotency_key != NULL &&
		VARSIZE_ANY_EXHDR(request->idempotency_key) > KEY_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("idempotency key is too long"),
						errdetail("A key may have %d bytes.", KEY_MAX)));
}

/* Finds the links that are to be tracked. */
static void
parse_body(text *body, bool track, ParsedBody *parsed)
{
	LinkOptions options = *link_settings_options();
	LinkScan scan;
	Link link;

	parsed->utf8 = body_utf8(body, &parsed->length);
	parsed->count = 0;
	parsed->warnings = 0;
	if (!track)
		return;

	options.own_hosts = domain_hosts();
	link_scan_begin(&scan, parsed->utf8, parsed->length, &options);
	while (link_scan_next(&scan, &link))
	{
		parsed->warnings |= link.warnings;
		if (link.trackable)
			parsed->links[parsed->count++] = link;
	}
	link_warn_preview(parsed->utf8, parsed->length, parsed->links, (size_t) parsed->count);
	for (int i = 0; i < parsed->count; i++)
		parsed->warnings |= parsed->links[i].warnings;
}

/* Splices the short links into the body; gives it in UTF-8 with its length. */
static char *
render(const ParsedBody *parsed, LinkDomain *domain, int32 code_length, int64 message_id,
	   size_t *length)
{
	size_t code_bytes = (size_t) code_length;
	char *rendered = palloc(parsed->length + 1 +
							(size_t) parsed->count * (domain->base_length + code_bytes));
	char *out = rendered;
	size_t from = 0;

	for (int i = 0; i < parsed->count; i++)
	{
		const Link *link = &parsed->links[i];

		memcpy(out, parsed->utf8 + from, link->start - from);
		out += link->start - from;
		memcpy(out, domain->base, domain->base_length);
		out += domain->base_length;
		domain_write_code(domain, code_length, message_id, i, out);
		out += code_bytes;
		from = link->start + link->length;
	}
	memcpy(out, parsed->utf8 + from, parsed->length - from);
	out += parsed->length - from;
	*out = '\0';
	*length = (size_t) (out - rendered);
	return rendered;
}

/* Gives the links' target URLs, exactly as they stood in the body; NULL for none. */
static ArrayType *
target_urls(const ParsedBody *parsed)
{
	Datum urls[LINK_POSITIONS];

	if (parsed->count == 0)
		return NULL;
	for (int i = 0; i < parsed->count; i++)
		urls[i] = PointerGetDatum(body_text(parsed->utf8 + parsed->links[i].start,
											   parsed->links[i].length));
	return construct_array(urls, parsed->count, TEXTOID, -1, false, TYPALIGN_INT);
}

/* Digests what was asked for: the same key must come with the same request. */
static bytea *
fingerprint(const PrepareRequest *request)
{
	text *parts[] = {request->body, request->recipient, request->label};
	bytea *digest = palloc(VARHDRSZ + 32);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	for (int i = 0; i < (int) lengthof(parts); i++)
	{
		uint64 bytes = parts[i] == NULL ? PG_UINT64_MAX : VARSIZE_ANY_EXHDR(parts[i]);

		done = done && EVP_DigestUpdate(context, &bytes, sizeof(bytes)) == 1;
		if (parts[i] != NULL)
			done = done && EVP_DigestUpdate(context, VARDATA_ANY(parts[i]), bytes) == 1;
	}
	done = done && EVP_DigestUpdate(context, &request->track, sizeof(bool)) == 1 &&
		   EVP_DigestUpdate(context, &request->test, sizeof(bool)) == 1 &&
		   EVP_DigestFinal_ex(context, (unsigned char *) VARDATA(digest), NULL) == 1;
	EVP_MD_CTX_free(context);
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not compute SHA-256 with libcrypto")));
	SET_VARSIZE(digest, VARHDRSZ + 32);
	return digest;
}

/*
 * Claims the key; gives 0 where the message is new, else the id of the one that was
 * prepared for the key before.
 */
static int64
claim_key(const PrepareRequest *request, const char *account, int64 message_id)
{
	bool same;
	int64 holder = store_idempotency_key(account, request->idempotency_key,
										 fingerprint(request), message_id, &same);

	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("idempotency key \"%s\" was used for another message",
						text_to_cstring(request->idempotency_key)),
				 errdetail("It came with another body, recipient or label."),
				 errhint("Use a new key for each message.")));
	return holder == message_id ? 0 : holder;
}

/*
 * Makes sure that a body has the links that it had when the key was first used: settings
 * and link domains may have changed since, and a code must not stand for another link.
 */
static void
check_same_links(const PrepareRequest *request, const ParsedBody *parsed,
				 const FoundMessage *found)
{
	ArrayType *now = target_urls(parsed);
	bool same = (now == NULL) == (found->target_urls == NULL);

	if (same && now != NULL)
		same = DatumGetBool(OidFunctionCall2Coll(F_ARRAY_EQ, C_COLLATION_OID,
												 PointerGetDatum(now),
												 PointerGetDatum(found->target_urls)));
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("idempotency key \"%s\" was used when the body had other links",
						text_to_cstring(request->idempotency_key)),
				 errdetail("Link domains or settings have changed since, so that other links "
						   "are found."),
				 errhint("Use a new key to send it again.")));
}

/* Finds the message that was prepared before, in the link domain that it has. */
static LinkDomain *
find_prepared(const PrepareRequest *request, const ParsedBody *parsed, int64 message_id,
			  int32 *code_length)
{
	Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
	FoundMessage found;
	LinkDomain *domain;
	bool exists = message_find(message_id, snapshot, &found);

	UnregisterSnapshot(snapshot);
	domain = exists ? domain_by_id(found.link_domain) : NULL;
	if (domain == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("message " INT64_FORMAT " of this idempotency key does not exist",
						message_id),
				 errdetail("It was erased since."),
				 errhint("Use a new key to send it again.")));
	check_same_links(request, parsed, &found);
	*code_length = found.code_length;
	return domain;
}

static void
store(const PrepareRequest *request, const ParsedBody *parsed, const LinkDomain *domain,
	  const PreparedMessage *prepared)
{
	NewMessage message = {
		.message_id = prepared->message_id,
		.link_domain = domain->id,
		.links = (int16) prepared->links,
		.code_length = (int16) domain->code_length,
		.recipient = prepared->recipient,
		.test = request->test,
		.target_urls = target_urls(parsed),
		.label = request->label,
		.body = request->keep_body ? prepared->body : NULL,
		.segment_price = prepared->price != NULL ? prepared->price->segment_price : NULL,
		.currency = prepared->price != NULL ? prepared->price->currency : NULL,
	};

	message_set_segments(&message, &prepared->before, &prepared->after);
	message_set_country(&message, prepared->recipient);
	store_message(&message);
}

/* Finds what the recipient is called, and what a segment to it costs. */
static void
find_price(const PrepareRequest *request, const char *account, PreparedMessage *prepared)
{
	PriceList *list = price_list_current(account);
	int found;

	/* what is no possible number is kept as it is, with a warning */
	prepared->recipient =
		recipient_normalise(request->recipient, &prepared->valid_recipient);
	found = price_find(list, VARDATA_ANY(prepared->recipient),
					   VARSIZE_ANY_EXHDR(prepared->recipient));
	prepared->price = found < 0 ? NULL : &list->prices[found];
}

/* Complains about a recipient that the account was told to forget. */
static void
check_not_forgotten(const char *account, const text *recipient)
{
	if (recipient_is_forgotten(account, recipient))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("recipient was forgotten"),
				 errdetail("Account \"%s\" has erased him, and is not to write to him again.",
						   account),
				 errhint("If he wants messages again: SELECT smstrack_opt_in(...).")));
}

/* Warns once a statement that tracking makes a message dearer. */
static void
warn_dearer(const PreparedMessage *prepared)
{
	static TimestampTz warned;

	if (prepared->after.segments <= prepared->before.segments ||
		warned == GetCurrentStatementStartTimestamp())
		return;
	warned = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_WARNING), errmsg("short links make the message longer"),
			 errdetail("The body to send needs %d segments, the body as given needs %d.",
					   prepared->after.segments, prepared->before.segments),
			 errhint("Shorten the text, or use a shorter link domain.")));
}

/* Prepares a message; everything it gives is in the current memory context. */
void
prepare_message(const PrepareRequest *request, PreparedMessage *prepared)
{
	ParsedBody parsed;
	LinkDomain *domain;
	int32 code_length;
	int64 earlier = 0;
	char *rendered;
	size_t length;

	check_request(request);
	parse_body(request->body, request->track, &parsed);
	domain = domain_for_preparing(request->link_domain);
	code_length = domain->code_length;
	prepared->message_id = message_id_next();
	if (request->idempotency_key != NULL)
		earlier = claim_key(request, domain->account, prepared->message_id);
	if (earlier != 0)
	{
		prepared->message_id = earlier;
		domain = find_prepared(request, &parsed, earlier, &code_length);
	}

	rendered = render(&parsed, domain, code_length, prepared->message_id, &length);
	prepared->body = body_text(rendered, length);
	prepared->links = parsed.count;
	prepared->link_warnings = parsed.warnings;
	segment_count(parsed.utf8, parsed.length, &prepared->before);
	segment_count(rendered, length, &prepared->after);
	find_price(request, domain->account, prepared);
	check_not_forgotten(domain->account, prepared->recipient);
	if (earlier == 0)
		store(request, &parsed, domain, prepared);
	warn_dearer(prepared);
}
