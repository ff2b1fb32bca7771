/*
 * fn_postback.c: smstrack_postback and smstrack_postback_key.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "conversion_item.h"
#include "core/postback.h"
#include "domain.h"

PG_FUNCTION_INFO_V1(smstrack_postback);
PG_FUNCTION_INFO_V1(smstrack_postback_key);

/* smstrack_postback_key(host) */
Datum
smstrack_postback_key(PG_FUNCTION_ARGS)
{
	char *host = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	const LinkDomain *domain = domain_of_account(host);
	char key[2 * POSTBACK_KEY_BYTES + 1];

	for (int i = 0; i < POSTBACK_KEY_BYTES; i++)
		snprintf(key + 2 * i, 3, "%02x", domain->keys.postback[i]);
	PG_RETURN_TEXT_P(cstring_to_text(key));
}

/* Verifies a call; NULL: it is refused. */
static const LinkDomain *
verify(const char *host, const char *timestamp, const char *signature, const char *body)
{
	int32 id = domain_id_by_host(host);
	const LinkDomain *domain = id == 0 ? NULL : domain_by_id(id);
	const char *bytes = pg_server_to_any(body, (int) strlen(body), PG_UTF8);

	if (domain == NULL || domain->status == LINK_DOMAIN_DISABLED ||
		!postback_verify(domain->keys.postback, timestamp, bytes, strlen(bytes),
						 signature,
						 (int64_t) timestamptz_to_time_t(GetCurrentTimestamp())))
		return NULL;
	return domain;
}

/* Writes one answer of a JSON array. */
static void
append_answer(StringInfo answers, const char *status, const char *reason)
{
	appendStringInfo(answers, "%s{\"status\":\"%s\"", answers->len > 1 ? "," : "",
					 status);
	if (reason != NULL)
	{
		appendStringInfoString(answers, ",\"reason\":");
		escape_json(answers, reason);
	}
	appendStringInfoChar(answers, '}');
}

static void
convert(const char *account, Jsonb *items, StringInfo answers)
{
	int count;
	Conversion *conversions = conversion_items_read(items, &count);

	for (int i = 0; i < count; i++)
		conversions[i].only_account = account;
	store_conversions(conversions, count);
	for (int i = 0; i < count; i++)
		append_answer(answers, conversion_status_name(conversions[i].status),
					  conversion_complaint(&conversions[i]));
}

/* A call may come twice: what would take back twice is not taken. */
static void
reverse(const char *account, Jsonb *items, StringInfo answers)
{
	int count;
	Reversal *reversals = reversal_items_read(items, &count);

	for (int i = 0; i < count; i++)
	{
		reversals[i].account = account;
		if (reversals[i].has_value && reversals[i].reversal_id == NULL)
			reversals[i].status = REVERSAL_NO_ID;
	}
	store_reversals(reversals, count);
	for (int i = 0; i < count; i++)
		append_answer(answers, reversal_status_name(reversals[i].status),
					  reversal_complaint(&reversals[i]));
}

/* Gives a member of the body that is an array, or NULL. */
static Jsonb *
array_of(Jsonb *body, const char *key)
{
	JsonbValue *value;

	if (!JB_ROOT_IS_OBJECT(body))
		return NULL;
	value = getKeyJsonValueFromContainer(&body->root, key, (int) strlen(key), NULL);
	return value == NULL ? NULL : JsonbValueToJsonb(value);
}

/* smstrack_postback(host, timestamp, signature, body) */
Datum
smstrack_postback(PG_FUNCTION_ARGS)
{
	const LinkDomain *domain;
	const char *account;
	char *text_of[4];
	StringInfoData answers;
	Jsonb *body;
	Jsonb *conversions;
	Jsonb *reversals;

	for (int i = 0; i < (int) lengthof(text_of); i++)
	{
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
		text_of[i] = text_to_cstring(PG_GETARG_TEXT_PP(i));
	}
	domain = verify(text_of[0], text_of[1], text_of[2], text_of[3]);
	if (domain == NULL)
		PG_RETURN_NULL();
	account = pstrdup(domain->account);
	body = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text_of[3])));
	conversions = array_of(body, "conversions");
	reversals = array_of(body, "reversals");
	if ((conversions == NULL) == (reversals == NULL))
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a postback has conversions or reversals"),
			 errhint("Send an object with one of these keys, and an array under it.")));
	initStringInfo(&answers);
	appendStringInfoChar(&answers, '[');
	if (conversions != NULL)
		convert(account, conversions, &answers);
	else
		reverse(account, reversals, &answers);
	appendStringInfoChar(&answers, ']');
	PG_RETURN_TEXT_P(cstring_to_text_with_len(answers.data, answers.len));
}
