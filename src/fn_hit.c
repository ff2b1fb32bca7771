/*
 * fn_hit.c: smstrack_resolve, smstrack_hit and smstrack_hit_batch.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "record.h"
#include "resolve.h"

PG_FUNCTION_INFO_V1(smstrack_resolve);
PG_FUNCTION_INFO_V1(smstrack_hit);
PG_FUNCTION_INFO_V1(smstrack_hit_batch);

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
	status = resolve_one_code(code, optional_cstring(fcinfo, 1),
							  GetCurrentStatementStartTimestamp(), &link);
	if (status == RESOLVE_NOT_FOUND && !resolve_is_code(code, strlen(code)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid link code \"%s\"", code),
						errdetail("A link code has %d to %d characters of 0-9, A-Z and a-z.",
								  CODE_LENGTH_MIN, CODE_LENGTH_MAX),
						errhint("Give what follows the last slash of a short link.")));
	values[0] = CStringGetTextDatum(resolve_status_name(status));
	if (status == RESOLVE_FOUND)
	{
		values[1] = PointerGetDatum(link.target_url);
		values[2] = Int64GetDatum(link.message.message_id);
		values[3] = Int32GetDatum(link.position);
		memset(nulls, false, sizeof(nulls));
	}
	else if (status == RESOLVE_ALIAS)
	{
		values[1] = PointerGetDatum(link.target_url);
		nulls[1] = false;
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}

/* Parts of a request; each function has them in an order of its own. */
typedef enum RequestPart
{
	PART_CODE,
	PART_HOST,
	PART_AT,
	PART_ADDRESS,
	PART_USER_AGENT,
	PART_REFERRER,
	PART_METHOD,
	PART_PURPOSE,
	PART_FETCH_MODE,
	PART_FETCH_DEST,
	PART_REQUEST_ID,
	PARTS
} RequestPart;

/* Where a part of a request is kept that is a text; 0 for the others. */
static const size_t text_offsets[PARTS] = {
	[PART_CODE] = offsetof(HitRequest, code),
	[PART_HOST] = offsetof(HitRequest, host),
	[PART_USER_AGENT] = offsetof(HitRequest, user_agent),
	[PART_REFERRER] = offsetof(HitRequest, referrer),
	[PART_METHOD] = offsetof(HitRequest, method),
	[PART_PURPOSE] = offsetof(HitRequest, purpose),
	[PART_FETCH_MODE] = offsetof(HitRequest, fetch_mode),
	[PART_FETCH_DEST] = offsetof(HitRequest, fetch_dest)};

/* Takes over a part of a request that is not NULL. */
static void
set_part(HitRequest *request, RequestPart part, Datum value)
{
	HitText *target = (HitText *) ((char *) request + text_offsets[part]);
	char *chars;

	switch (part)
	{
		case PART_AT:
			request->at = DatumGetTimestampTz(value);
			break;
		case PART_ADDRESS:
			request->has_address = true;
			request->address = value;
			break;
		case PART_REQUEST_ID:
			request->has_request_id = true;
			request->request_id = value;
			break;
		default:
			chars = TextDatumGetCString(value);
			target->text = pg_server_to_any(chars, (int) strlen(chars), PG_UTF8);
			target->length = strlen(target->text);
	}
}

/* Writes an answer as a row of smstrack.answer. */
static void
put_answer(ReturnSetInfo *result, int ordinal, const HitAnswer *answer)
{
	Datum values[8];
	bool nulls[8];

	values[0] = Int32GetDatum(ordinal);
	values[1] = CStringGetTextDatum(resolve_status_name(answer->status));
	values[2] = PointerGetDatum(answer->target_url);
	values[3] = CStringGetTextDatum(hit_class_name(answer->class));
	values[4] = PointerGetDatum(answer->token);
	values[6] = Int32GetDatum(answer->cookie_max_age);
	memset(nulls, false, sizeof(nulls));
	nulls[2] = answer->target_url == NULL;
	nulls[3] = answer->class == HIT_CLASS_NONE;
	nulls[4] = answer->token == NULL;
	nulls[5] = answer->cookie_domain == NULL;
	if (!nulls[5])
		values[5] = CStringGetTextDatum(answer->cookie_domain);
	nulls[6] = answer->token == NULL;
	nulls[7] = answer->fallback_url == NULL;
	if (!nulls[7])
		values[7] = CStringGetTextDatum(answer->fallback_url);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Records requests, and writes their answers in order. */
static void
record_and_answer(ReturnSetInfo *result, const HitRequest *requests, int count)
{
	HitAnswer *answers = palloc(sizeof(HitAnswer) * (Size) Max(count, 1));

	record_hits(requests, count, answers);
	for (int i = 0; i < count; i++)
		put_answer(result, i + 1, &answers[i]);
}

/*
 * smstrack_hit(code, at, address, user_agent, referrer, method, purpose, host, request_id,
 * fetch_mode, fetch_dest)
 */
Datum
smstrack_hit(PG_FUNCTION_ARGS)
{
	static const RequestPart parts[] = {
		PART_CODE,	  PART_AT,	 PART_ADDRESS,	  PART_USER_AGENT, PART_REFERRER,  PART_METHOD,
		PART_PURPOSE, PART_HOST, PART_REQUEST_ID, PART_FETCH_MODE, PART_FETCH_DEST};
	HitRequest request = {.at = GetCurrentTimestamp()};

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < Min(PG_NARGS(), (int) lengthof(parts)); i++)
		if (!PG_ARGISNULL(i))
			set_part(&request, parts[i], PG_GETARG_DATUM(i));
	record_and_answer((ReturnSetInfo *) fcinfo->resultinfo, &request, 1);
	return (Datum) 0;
}

/* Takes over an array's elements, one a request. */
static void
set_parts(HitRequest *requests, int count, RequestPart part, ArrayType *array)
{
	Datum *values;
	bool *nulls;
	int elements;
	Oid type = ARR_ELEMTYPE(array);
	int16 length;
	bool by_value;
	char align;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(array, type, length, by_value, align, &values, &nulls, &elements);
	if (elements != count)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("arrays of a batch of hits have different lengths"),
						errdetail("There are %d codes, and %d elements in argument %d.",
								  count, elements, (int) part + 1),
						errhint("Give an array NULL, or one element for each code.")));
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			set_part(&requests[i], part, values[i]);
}

/*
 * smstrack_hit_batch(codes, hosts, at, addresses, user_agents, referrers, methods,
 * purposes, fetch_modes, fetch_dests, request_ids)
 */
Datum
smstrack_hit_batch(PG_FUNCTION_ARGS)
{
	HitRequest *requests;
	TimestampTz now = GetCurrentTimestamp();
	ArrayType *codes;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(PART_CODE))
		return (Datum) 0;
	codes = PG_GETARG_ARRAYTYPE_P(PART_CODE);
	count = ArrayGetNItems(ARR_NDIM(codes), ARR_DIMS(codes));
	requests = palloc0(mul_size(sizeof(HitRequest), (Size) Max(count, 1)));
	for (int i = 0; i < count; i++)
		requests[i].at = now;
	for (int part = 0; part < PARTS; part++)
		if (!PG_ARGISNULL(part))
			set_parts(requests, count, (RequestPart) part, PG_GETARG_ARRAYTYPE_P(part));
	record_and_answer((ReturnSetInfo *) fcinfo->resultinfo, requests, count);
	return (Datum) 0;
}
