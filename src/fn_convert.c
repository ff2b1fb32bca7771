/*
 * fn_convert.c: smstrack_convert.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include <unicode/ucurr.h>

#include "core/token.h"
#include "domain.h"
#include "message.h"
#include "store.h"

PG_FUNCTION_INFO_V1(smstrack_convert);

#define NAME_MAX_BYTES 256

/* Arguments of smstrack_convert. */
enum
{
	ARG_TOKEN,
	ARG_GOAL,
	ARG_ORDER_ID,
	ARG_VALUE,
	ARG_CURRENCY,
	ARG_AT
};

/* Reads and verifies a token; gives the link domain whose key has signed it. */
static LinkDomain *
verify_token(text *argument, Token *token)
{
	const char *chars = VARDATA_ANY(argument);
	LinkDomain *domain = NULL;

	if (token_read(chars, VARSIZE_ANY_EXHDR(argument), token) &&
		token->link_domain <= PG_INT32_MAX)
		domain = domain_by_id((int32) token->link_domain);
	if (domain == NULL || !token_verify(chars, domain->keys.token))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid click token"),
				 errdetail("It is forged, altered, or of another database."),
				 errhint("Pass the token exactly as the click gave it.")));
	return domain;
}

/* Gives a text that is neither NULL, empty nor too long. */
static text *
required_name(FunctionCallInfo fcinfo, int argument, const char *what)
{
	text *name = PG_ARGISNULL(argument) ? NULL : PG_GETARG_TEXT_PP(argument);

	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s is null", what)));
	if (VARSIZE_ANY_EXHDR(name) == 0 || VARSIZE_ANY_EXHDR(name) > NAME_MAX_BYTES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s is empty or too long", what),
						errdetail("It may have 1 to %d bytes.", NAME_MAX_BYTES)));
	return name;
}

/* Tells whether a code is a currency of ISO 4217 that is in use. */
static bool
is_currency(const char *code)
{
	UErrorCode status = U_ZERO_ERROR;
	UDate now = (UDate) timestamptz_to_time_t(GetCurrentTimestamp()) * 1000.0;
	UChar wide[4] = {0};

	if (strlen(code) != 3)
		return false;
	for (int i = 0; i < 3; i++)
	{
		if (code[i] < 'A' || code[i] > 'Z')
			return false;
		wide[i] = (UChar) code[i];
	}
	return ucurr_isAvailable(wide, now, now, &status) && U_SUCCESS(status);
}

/* Checks that a value is a sum of money that somebody can have paid. */
static void
check_value(NewConversion *conversion)
{
	if (conversion->has_value != (conversion->currency != NULL))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("value and currency of a conversion go together"),
						errhint("Give both, or neither.")));
	if (!conversion->has_value)
		return;
	if (numeric_is_nan(DatumGetNumeric(conversion->value)) ||
		numeric_is_inf(DatumGetNumeric(conversion->value)) ||
		DatumGetBool(DirectFunctionCall2(
			numeric_lt, conversion->value,
			DirectFunctionCall1(int4_numeric, Int32GetDatum(0)))))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("value of a conversion is negative or not a number"),
						errhint("Record a refund as a reversal.")));
	if (!is_currency(text_to_cstring(conversion->currency)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown currency \"%s\"",
							   text_to_cstring(conversion->currency)),
						errhint("Give the ISO 4217 code in capitals, such as EUR.")));
}

/* Checks that the conversion can have followed the click; clocks differ by minutes. */
static void
check_time(const NewConversion *conversion)
{
	if (TIMESTAMP_NOT_FINITE(conversion->at) ||
		conversion->at < conversion->clicked_at - USECS_PER_HOUR ||
		conversion->at > GetCurrentTimestamp() + USECS_PER_DAY)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("time of a conversion is out of range"),
						errdetail("A conversion follows its click, and is not in the "
								  "future.")));
}

/* Complains where the click's message is not there any more. */
static void
check_message(int64 message_id)
{
	FoundMessage found;

	if (!message_find(message_id, GetActiveSnapshot(), &found))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("message of the click token does not exist"),
						errdetail("It was erased since the click.")));
}

/* smstrack_convert(token, goal, order_id, value, currency, at) */
Datum
smstrack_convert(PG_FUNCTION_ARGS)
{
	NewConversion conversion = {.source = "server"};
	Token token;
	text *argument = required_name(fcinfo, ARG_TOKEN, "click token");

	conversion.account = verify_token(argument, &token)->account;
	conversion.message_id = (int64) (token.number / CODE_POSITIONS);
	conversion.position = (int32) (token.number % CODE_POSITIONS);
	conversion.clicked_at = time_t_to_timestamptz((pg_time_t) token.clicked_s);
	conversion.goal = required_name(fcinfo, ARG_GOAL, "goal");
	if (!PG_ARGISNULL(ARG_ORDER_ID))
		conversion.order_id = required_name(fcinfo, ARG_ORDER_ID, "order id");
	conversion.has_value = !PG_ARGISNULL(ARG_VALUE);
	if (conversion.has_value)
		conversion.value = PG_GETARG_DATUM(ARG_VALUE);
	if (!PG_ARGISNULL(ARG_CURRENCY))
		conversion.currency = PG_GETARG_TEXT_PP(ARG_CURRENCY);
	conversion.at =
		PG_ARGISNULL(ARG_AT) ? GetCurrentTimestamp() : PG_GETARG_TIMESTAMPTZ(ARG_AT);
	check_time(&conversion);
	check_value(&conversion);
	check_message(conversion.message_id);
	PG_RETURN_BOOL(store_conversion(&conversion));
}
