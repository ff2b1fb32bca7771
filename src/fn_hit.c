/*
 * fn_hit.c: smstrack_resolve and smstrack_hit.
 */
#include "postgres.h"

#include <sys/socket.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/timestamp.h"

#include "core/agent.h"
#include "core/clean.h"
#include "core/hit.h"
#include "core/token.h"
#include "resolve.h"
#include "store.h"

PG_FUNCTION_INFO_V1(smstrack_resolve);
PG_FUNCTION_INFO_V1(smstrack_hit);

#define REFERRER_MAX 512

static char *
optional_cstring(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

/* smstrack_resolve(code, host) */
Datum
smstrack_resolve(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char *code;
	ResolvedLink link;
	ResolveStatus status;
	Datum values[4];
	bool nulls[4] = {false, true, true, true};

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	code = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!resolve_is_code(code, strlen(code)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid link code \"%s\"", code),
						errdetail("A link code has %d to %d characters of 0-9, A-Z and a-z.",
								  CODE_LENGTH_MIN, CODE_LENGTH_MAX),
						errhint("Give what follows the last slash of a short link.")));
	status = resolve_code(code, strlen(code), optional_cstring(fcinfo, 1),
						  GetCurrentTimestamp(), &link);
	values[0] = CStringGetTextDatum(resolve_status_name(status));
	if (status == RESOLVE_FOUND)
	{
		values[1] = PointerGetDatum(link.target_url);
		values[2] = Int64GetDatum(link.message.message_id);
		values[3] = Int32GetDatum(link.position);
		memset(nulls, false, sizeof(nulls));
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}

/* Cuts an address to its network, /24 or /48: what is stored names no person. */
static Datum
truncate_address(Datum address)
{
	int bits = ip_family(DatumGetInetPP(address)) == PGSQL_AF_INET ? 24 : 48;

	address = DirectFunctionCall2(inet_set_masklen, address, Int32GetDatum(bits));
	return DirectFunctionCall1(network_network, address);
}

/* Arguments of smstrack_hit. */
enum
{
	ARG_CODE,
	ARG_AT,
	ARG_ADDRESS,
	ARG_USER_AGENT,
	ARG_REFERRER,
	ARG_METHOD,
	ARG_PURPOSE,
	ARG_HOST,
	ARG_REQUEST_ID
};

static HitText
hit_text(FunctionCallInfo fcinfo, int argument)
{
	HitText text = {optional_cstring(fcinfo, argument), 0};

	text.length = text.text == NULL ? 0 : strlen(text.text);
	return text;
}

static void
classify(FunctionCallInfo fcinfo, const ResolvedLink *link, TimestampTz at,
		 HitText user_agent, HitFacts *facts, HitVerdict *verdict)
{
	memset(facts, 0, sizeof(*facts));
	agent_parse(user_agent.text == NULL ? "" : user_agent.text, user_agent.length,
				&facts->agent);
	facts->method = hit_text(fcinfo, ARG_METHOD);
	facts->purpose = hit_text(fcinfo, ARG_PURPOSE);
	facts->referrer = hit_text(fcinfo, ARG_REFERRER);
	facts->before_sent = link->message.sent_at != 0 && at < link->message.sent_at;
	hit_classify(facts, verdict);
}

static void
record(FunctionCallInfo fcinfo, const ResolvedLink *link, TimestampTz at, HitText user_agent,
	   const HitFacts *facts, const HitVerdict *verdict)
{
	NewHit hit = {.message_id = link->message.message_id,
				  .position = link->position,
				  .at = at,
				  .hit_class = "?vcb"[verdict->class],
				  .rule = (int32) verdict->rule,
				  .confidence = (int32) verdict->confidence,
				  .os = agent_os_name(facts->agent.os),
				  .device = agent_device_name(facts->agent.device)};

	if (user_agent.text != NULL)
	{
		char cleaned[AGENT_TEXT_MAX];
		size_t length = agent_clean(user_agent.text, user_agent.length, cleaned);

		hit.user_agent = cstring_to_text_with_len(cleaned, (int) length);
		hit.user_agent_id = (int64) agent_hash(cleaned, length);
	}
	if (facts->referrer.text != NULL)
	{
		char cleaned[REFERRER_MAX];
		size_t length = clean_text(facts->referrer.text, facts->referrer.length, cleaned,
								   sizeof(cleaned));

		hit.referrer = cstring_to_text_with_len(cleaned, (int) length);
	}
	hit.has_address = !PG_ARGISNULL(ARG_ADDRESS);
	if (hit.has_address)
		hit.address = truncate_address(PG_GETARG_DATUM(ARG_ADDRESS));
	hit.has_request_id = !PG_ARGISNULL(ARG_REQUEST_ID);
	if (hit.has_request_id)
		hit.request_id = PG_GETARG_DATUM(ARG_REQUEST_ID);
	store_hit(&hit);
}

/* Signs which link was clicked when. */
static text *
make_token(const ResolvedLink *link, TimestampTz at)
{
	Token token = {.link_domain = (uint32) link->domain->id,
				   .number = (uint64) link->message.message_id * CODE_POSITIONS +
							 (uint64) link->position,
				   .clicked_s = (uint64) timestamptz_to_time_t(at)};
	text *signed_text = palloc(VARHDRSZ + TOKEN_LENGTH);

	SET_VARSIZE(signed_text, VARHDRSZ + TOKEN_LENGTH);
	if (!token_write(&token, link->domain->keys.token, VARDATA(signed_text)))
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not compute an HMAC with libcrypto")));
	return signed_text;
}

/* smstrack_hit(code, at, address, user_agent, referrer, method, purpose, host, request_id) */
Datum
smstrack_hit(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HitText code = hit_text(fcinfo, ARG_CODE);
	HitText user_agent = hit_text(fcinfo, ARG_USER_AGENT);
	TimestampTz at =
		PG_ARGISNULL(ARG_AT) ? GetCurrentTimestamp() : PG_GETARG_TIMESTAMPTZ(ARG_AT);
	ResolvedLink link;
	ResolveStatus status = RESOLVE_NOT_FOUND;
	Datum values[4];
	bool nulls[4] = {false, true, true, true};

	InitMaterializedSRF(fcinfo, 0);
	if (code.text != NULL)
		status = resolve_code(code.text, code.length, optional_cstring(fcinfo, ARG_HOST), at,
							  &link);
	values[0] = CStringGetTextDatum(resolve_status_name(status));
	if (status == RESOLVE_FOUND)
	{
		HitFacts facts;
		HitVerdict verdict;

		classify(fcinfo, &link, at, user_agent, &facts, &verdict);
		if (verdict.class == HIT_CLASS_CLICK)
		{
			values[3] = PointerGetDatum(make_token(&link, at));
			nulls[3] = false;
		}
		record(fcinfo, &link, at, user_agent, &facts, &verdict);
		values[1] = PointerGetDatum(link.target_url);
		values[2] = CStringGetTextDatum(hit_class_name(verdict.class));
		nulls[1] = nulls[2] = false;
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}
