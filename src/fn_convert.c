/*
 * fn_convert.c: smstrack_convert, smstrack_convert_recipient, smstrack_convert_click,
 * smstrack_reverse, smstrack.verify_token and smstrack.is_currency.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "conversion.h"
#include "conversion_item.h"
#include "core/currency.h"
#include "settings.h"

PG_FUNCTION_INFO_V1(smstrack_convert);
PG_FUNCTION_INFO_V1(smstrack_convert_recipient);
PG_FUNCTION_INFO_V1(smstrack_convert_click);
PG_FUNCTION_INFO_V1(smstrack_reverse);
PG_FUNCTION_INFO_V1(smstrack_verify_token);
PG_FUNCTION_INFO_V1(smstrack_is_currency);

/* Arguments of what converts. */
enum
{
	ARG_CLICK,
	ARG_GOAL,
	ARG_ORDER_ID,
	ARG_VALUE,
	ARG_CURRENCY,
	ARG_AT
};

static text *
optional_text(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_TEXT_PP(argument);
}

static void
read_names(FunctionCallInfo fcinfo, Conversion *conversion)
{
	conversion->goal = optional_text(fcinfo, ARG_GOAL);
	conversion->order_id = optional_text(fcinfo, ARG_ORDER_ID);
	conversion->currency = optional_text(fcinfo, ARG_CURRENCY);
}

/* Records a server's conversion, or complains. */
static Datum
convert(FunctionCallInfo fcinfo, Conversion *conversion)
{
	read_names(fcinfo, conversion);
	conversion->has_value = !PG_ARGISNULL(ARG_VALUE);
	if (conversion->has_value)
		conversion->value = NumericGetDatum(PG_GETARG_NUMERIC(ARG_VALUE));
	conversion->has_at = !PG_ARGISNULL(ARG_AT);
	if (conversion->has_at)
		conversion->at = PG_GETARG_TIMESTAMPTZ(ARG_AT);
	store_conversions(conversion, 1);
	conversion_raise(conversion);
	if (conversion->status == CONVERSION_NO_CLICK ||
		conversion->status == CONVERSION_LATE)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(conversion->status == CONVERSION_COUNTED);
}

/* smstrack_convert(token, goal, order_id, value, currency, at) */
Datum
smstrack_convert(PG_FUNCTION_ARGS)
{
	Conversion conversion = {.token = optional_text(fcinfo, ARG_CLICK)};

	return convert(fcinfo, &conversion);
}

/* smstrack_convert_recipient(recipient, goal, order_id, value, currency, at) */
Datum
smstrack_convert_recipient(PG_FUNCTION_ARGS)
{
	Conversion conversion = {.by_recipient = true,
							 .recipient = optional_text(fcinfo, ARG_CLICK)};

	return convert(fcinfo, &conversion);
}

/* smstrack_convert_click(token, goal, order_id, value, currency, by_cookie) */
Datum
smstrack_convert_click(PG_FUNCTION_ARGS)
{
	Conversion conversion = {.client = true, .token = optional_text(fcinfo, ARG_CLICK)};
	text *value = optional_text(fcinfo, ARG_VALUE);

	read_names(fcinfo, &conversion);
	conversion.by_cookie = !PG_ARGISNULL(ARG_AT) && PG_GETARG_BOOL(ARG_AT);
	if (value != NULL)
		conversion_item_value(&conversion, VARDATA_ANY(value),
							  (int) VARSIZE_ANY_EXHDR(value));
	store_conversions(&conversion, 1);
	PG_RETURN_BOOL(conversion.status == CONVERSION_COUNTED);
}

/* smstrack_reverse(goal, order_id, value, reversal_id, at) */
Datum
smstrack_reverse(PG_FUNCTION_ARGS)
{
	Reversal reversal = {.account = setting_account,
						 .goal = optional_text(fcinfo, 0),
						 .order_id = optional_text(fcinfo, 1),
						 .has_value = !PG_ARGISNULL(2),
						 .reversal_id = optional_text(fcinfo, 3)};

	if (reversal.has_value)
		reversal.value = NumericGetDatum(PG_GETARG_NUMERIC(2));
	reversal.at = PG_ARGISNULL(4) ? GetCurrentTimestamp() : PG_GETARG_TIMESTAMPTZ(4);
	store_reversals(&reversal, 1);
	reversal_raise(&reversal);
	PG_RETURN_BOOL(reversal.status == REVERSAL_DONE);
}

/* smstrack.verify_token(token) */
Datum
smstrack_verify_token(PG_FUNCTION_ARGS)
{
	Token token;

	PG_RETURN_BOOL(conversion_token_domain(PG_GETARG_TEXT_PP(0), &token) != NULL);
}

/* smstrack.is_currency(currency) */
Datum
smstrack_is_currency(PG_FUNCTION_ARGS)
{
	text *currency = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(currency_known(VARDATA_ANY(currency), VARSIZE_ANY_EXHDR(currency)));
}
