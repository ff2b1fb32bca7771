/*
 * record.c: resolves the codes of requests, judges each request, has the hits stored, and
 * makes the answers.
 */
#include "postgres.h"

#include <sys/socket.h>

#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/inet.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "core/clean.h"
#include "core/country.h"
#include "core/link_target.h"
#include "core/token.h"
#include "hit_settings.h"
#include "hit_source.h"
#include "known_agent.h"
#include "record.h"
#include "store.h"

#define REFERRER_MAX 512

/* A clock may be so far off, in either direction, before its time is not believed. */
#define CLOCK_TOLERANCE (USECS_PER_DAY)

/*
 * Says whether a time cannot be right: in the future, or before the message was made, or
 * sent by what the provider says.
 */
static bool
is_wrong_clock(const FoundMessage *message, TimestampTz at, TimestampTz now)
{
	TimestampTz begin;

	if (message == NULL)
		return at > now + CLOCK_TOLERANCE;
	begin = message->sent_at == 0 ? message->created_at
								  : Min(message->created_at, message->sent_at);
	return at > now + CLOCK_TOLERANCE || at < begin - CLOCK_TOLERANCE;
}

/* Cuts an address as the setting says: what is stored by default names no person. */
static bool
cut_address(Datum *address)
{
	int bits = ip_family(DatumGetInetPP(*address)) == PGSQL_AF_INET ? 24 : 48;

	if (setting_hit_address == ADDRESS_TRUNCATED)
	{
		if (ip_bits(DatumGetInetPP(*address)) > bits)
			*address =
				DirectFunctionCall2(inet_set_masklen, *address, Int32GetDatum(bits));
		*address = DirectFunctionCall1(network_network, *address);
	}
	return setting_hit_address != ADDRESS_NONE;
}

/* Cleans a referrer, in the database's encoding; NULL where none was sent. */
static text *
clean_referrer(HitText referrer)
{
	char cleaned[REFERRER_MAX + 1];
	size_t length;

	if (referrer.text == NULL)
		return NULL;
	length = clean_text(referrer.text, referrer.length, cleaned, REFERRER_MAX);
	cleaned[length] = '\0';
	return cstring_to_text(pg_any_to_server(cleaned, (int) length, PG_UTF8));
}

/* Judges the user agent; it is to be stored unless it is known to be. */
static const KnownAgent *
judge_agent(HitText text, NewHit *hit)
{
	char cleaned[AGENT_TEXT_MAX + 1];
	size_t length = text.text == NULL ? 0 : agent_clean(text.text, text.length, cleaned);
	const KnownAgent *agent = known_agent(cleaned, length);

	hit->os = (int16) agent->facts.os;
	hit->device = (int16) agent->facts.device;
	hit->has_user_agent = text.text != NULL;
	hit->user_agent_id = (int64) agent->id;
	if (hit->has_user_agent && !agent->stored)
	{
		cleaned[length] = '\0';
		hit->user_agent =
			cstring_to_text(pg_any_to_server(cleaned, (int) length, PG_UTF8));
	}
	return agent;
}

static Country
country_of(const FoundMessage *message)
{
	return message->recipient == NULL
			   ? 0
			   : country_of_number(VARDATA_ANY(message->recipient),
								   VARSIZE_ANY_EXHDR(message->recipient));
}

/*
 * Judges a request for a link that was found. Where its time cannot be right, it counts
 * as made when it is recorded, and is marked: a first click must not lie before its
 * message, nor a timeline have a year's gap.
 */
static void
judge(const HitRequest *request, const ResolvedLink *link, TimestampTz now, NewHit *hit)
{
	bool wrong_clock = is_wrong_clock(&link->message, request->at, now);
	const KnownAgent *agent = judge_agent(request->user_agent, hit);
	HitFacts facts = {.agent = agent->facts,
					  .method = request->method,
					  .purpose = request->purpose,
					  .referrer = request->referrer,
					  .fetch_mode = request->fetch_mode,
					  .fetch_dest = request->fetch_dest};
	HitVerdict verdict;

	facts.before_sent =
		link->message.sent_at != 0 && !wrong_clock && request->at < link->message.sent_at;
	facts.own_class =
		known_agent_own_class(agent, request->has_address, request->address);
	hit_classify(&facts, &verdict);
	hit->position = link->position;
	hit->at = wrong_clock ? now : request->at;
	hit->hit_class = "?vcb"[verdict.class];
	hit->rule = (int16) verdict.rule;
	hit->confidence = (int16) verdict.confidence;
	hit->signs = (int16) (hit_signs(&facts) | (verdict.person ? HIT_SIGN_PERSON : 0) |
						  (wrong_clock ? HIT_SIGN_WRONG_CLOCK : 0));
	hit->country = country_of(&link->message);
	hit->referrer = clean_referrer(request->referrer);
	hit->has_request_id = request->has_request_id;
	hit->request_id = request->request_id;
	hit->has_source = request->has_address && !message_is_alias(&link->message) &&
					  hit_source_matters(&verdict);
	hit->may_burst = !verdict.person || !facts.agent.mobile_browser;
	if (hit->has_source)
		hit->source = hit_source(request->address, hit->user_agent_id);
	hit->has_address = request->has_address;
	hit->address = request->address;
	if (hit->has_address)
		hit->has_address = cut_address(&hit->address);
}

/* Signs which link was clicked when; NUL behind it. */
static void
make_token(const ResolvedLink *link, TimestampTz at, char token_text[TOKEN_LENGTH + 1])
{
	Token token = {.link_domain = (uint32) link->domain->id,
				   .number = (uint64) link->message.message_id * CODE_POSITIONS +
							 (uint64) link->position,
				   .clicked_s = (uint64) timestamptz_to_time_t(at)};

	if (!token_write(&token, link->domain->keys.token, token_text))
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not compute an HMAC with libcrypto")));
	token_text[TOKEN_LENGTH] = '\0';
}

/*
 * Adds what a click is answered with: the token, in the target's query too, and a cookie.
 */
static void
answer_click(const ResolvedLink *link, TimestampTz at, HitAnswer *answer)
{
	const LinkDomain *domain = link->domain;
	const char *parameter = domain->token_parameter != NULL ? domain->token_parameter
															: setting_token_parameter;
	Size room = LINK_TARGET_WRITTEN_MAX + TOKEN_LENGTH + strlen(parameter) + 3;
	char token_text[TOKEN_LENGTH + 1];
	char *decorated = palloc(room);
	size_t length;

	make_token(link, at, token_text);
	answer->token = cstring_to_text_with_len(token_text, TOKEN_LENGTH);
	answer->cookie_max_age = link->window;
	if (domain->cookie_domain != NULL)
		answer->cookie_domain = pstrdup(domain->cookie_domain);
	if (link_target_decorate(VARDATA_ANY(link->target_url),
							 VARSIZE_ANY_EXHDR(link->target_url), parameter, token_text,
							 decorated, room, &length) == LINK_TARGET_WRITTEN)
		answer->target_url = cstring_to_text_with_len(decorated, (int) length);
	pfree(decorated);
}

/* Resolves and judges a request; false where there is no hit to be stored. */
static bool
answer_request(const HitRequest *request, TimestampTz now, MessageReader *messages,
			   NewHit *hit, FoundMessage *message, HitAnswer *answer)
{
	/* an expiry is not judged by a clock that is wrong */
	TimestampTz at = is_wrong_clock(NULL, request->at, now) ? now : request->at;
	ResolvedLink link = {0};

	answer->status = RESOLVE_NOT_FOUND;
	if (request->code.text != NULL)
		answer->status = resolve_code(messages, request->code.text, request->code.length,
									  request->host.text, at, &link);
	if (answer->status == RESOLVE_OPT_OUT)
		return false;
	if (answer->status != RESOLVE_FOUND && answer->status != RESOLVE_ALIAS)
	{
		const LinkDomain *domain = domain_for_resolving(request->host.text);

		answer->fallback_url = link.fallback_url;
		if (answer->fallback_url == NULL && domain != NULL)
			answer->fallback_url = resolve_fallback(domain->fallback_url);
		return false;
	}
	answer->target_url = answer->plain_url = link.target_url;
	*message = link.message;
	hit->message = message;
	judge(request, &link, now, hit);
	answer->class = hit->hit_class == 'v'	? HIT_CLASS_VIEW
					: hit->hit_class == 'c' ? HIT_CLASS_CLICK
											: HIT_CLASS_BOT;
	if (answer->class == HIT_CLASS_CLICK && link.conversions)
		answer_click(&link, hit->at, answer);
	return true;
}

/* Takes back what only a person is given, where a click turned out to be a bot's. */
static void
correct_answers(const NewHit *hits, int count, HitAnswer **answers)
{
	for (int i = 0; i < count; i++)
		if (hits[i].hit_class == 'b' && answers[i]->class == HIT_CLASS_CLICK)
		{
			answers[i]->class = HIT_CLASS_BOT;
			answers[i]->target_url = answers[i]->plain_url;
			answers[i]->token = NULL;
			answers[i]->cookie_domain = NULL;
		}
}

/* Remembers which user agents this transaction stores. */
static void
note_user_agents(const NewHit *hits, int count)
{
	for (int i = 0; i < count; i++)
		if (hits[i].stored && hits[i].user_agent != NULL)
			known_agent_storing((uint64) hits[i].user_agent_id);
}

/* Asks for the messages of all requests at once, where they are on other nodes. */
static void
fetch_messages(MessageReader *reader, const HitRequest *requests, int count)
{
	int64 *ids = palloc(sizeof(int64) * (Size) count);
	int n = 0;

	for (int i = 0; i < count; i++)
		if (requests[i].code.text != NULL &&
			resolve_message_id(requests[i].code.text, requests[i].code.length,
							   requests[i].host.text, &ids[n]))
			n++;
	message_reader_fetch(reader, ids, n);
	pfree(ids);
}

/* Records requests, in one go, and answers them in order. */
void
record_hits(const HitRequest *requests, int count, HitAnswer *answers)
{
	TimestampTz now = GetCurrentTimestamp();
	NewHit *hits = palloc0(sizeof(NewHit) * (Size) Max(count, 1));
	FoundMessage *messages = palloc(sizeof(FoundMessage) * (Size) Max(count, 1));
	HitAnswer **stored_answers = palloc(sizeof(HitAnswer *) * (Size) Max(count, 1));
	MessageReader *reader;
	int stored = 0;

	/* what this transaction has changed before must be seen, or rows are locked in vain
	 */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	reader = message_reader_open(GetActiveSnapshot());
	if (count > 1 && message_reader_is_far(reader))
		fetch_messages(reader, requests, count);
	for (int i = 0; i < count; i++)
	{
		memset(&answers[i], 0, sizeof(HitAnswer));
		if (answer_request(&requests[i], now, reader, &hits[stored], &messages[stored],
						   &answers[i]))
			stored_answers[stored++] = &answers[i];
		CHECK_FOR_INTERRUPTS();
	}
	message_reader_close(reader);
	store_hits(hits, stored);
	correct_answers(hits, stored, stored_answers);
	note_user_agents(hits, stored);
	PopActiveSnapshot();
}
