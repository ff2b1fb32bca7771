/*
 * fn_launch.c: smstrack_launch and smstrack_estimate.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "audience.h"
#include "campaign.h"
#include "launch.h"
#include "recipient.h"

PG_FUNCTION_INFO_V1(smstrack_launch);
PG_FUNCTION_INFO_V1(smstrack_estimate);
PG_FUNCTION_INFO_V1(smstrack_audience_key);
PG_FUNCTION_INFO_V1(smstrack_audience_order);

/*
 * Makes the key of a recipient behind some room. Invalid ones get a mark in front, which
 * audience.c takes away.
 */
static text *
make_key(text *recipient, text *calling_code, size_t room)
{
	char code[8] = "";
	char normalised[E164_RECIPIENT_MAX];
	const char *bytes = normalised;
	size_t written;
	bool valid;
	text *key;

	memcpy(code, VARDATA_ANY(calling_code),
		   Min(VARSIZE_ANY_EXHDR(calling_code), sizeof(code) - 1));
	valid = recipient_e164(recipient, code, normalised, &written) != E164_INVALID &&
			normalised[0] != AUDIENCE_INVALID_MARK;
	if (!valid)
	{
		bytes = VARDATA_ANY(recipient);
		written = VARSIZE_ANY_EXHDR(recipient);
	}
	key = palloc(VARHDRSZ + room + 1 + written);
	SET_VARSIZE(key, VARHDRSZ + room + !valid + written);
	VARDATA(key)[room] = AUDIENCE_INVALID_MARK;
	memcpy(VARDATA(key) + room + !valid, bytes, written);
	return key;
}

/* smstrack.audience_key(recipient, calling_code) */
Datum
smstrack_audience_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(make_key(PG_GETARG_TEXT_PP(0), PG_GETARG_TEXT_PP(1), 0));
}

/* smstrack.audience_order(recipient, calling_code) */
Datum
smstrack_audience_order(PG_FUNCTION_ARGS)
{
	text *key = make_key(PG_GETARG_TEXT_PP(0), PG_GETARG_TEXT_PP(1), AUDIENCE_ORDER_BYTES);
	uint64 order = pg_hton64(e164_order(VARDATA(key) + AUDIENCE_ORDER_BYTES,
										VARSIZE(key) - VARHDRSZ - AUDIENCE_ORDER_BYTES));

	memcpy(VARDATA(key), &order, AUDIENCE_ORDER_BYTES);
	PG_RETURN_BYTEA_P(key);
}

static Oid
required_audience(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("audience is null"),
				 errhint("Give a table or view with a column \"recipient\".")));
	return PG_GETARG_OID(1);
}

/* Gives the cost of segments in a currency, or NULL where no price was found for any. */
static Numeric
currency_cost(const LaunchResult *result, const char *currency, bool after)
{
	Datum sum = (Datum) 0;

	for (int v = 0; v < result->variant_count; v++)
		for (int p = 0; p < result->prices->count; p++)
		{
			const Price *price = &result->prices->prices[p];
			const LaunchTally *tally = launch_tally(result, v, p);
			Datum cost;

			if (tally->outcomes[LAUNCH_PREPARED] == 0 ||
				strcmp(price->currency_name, currency) != 0)
				continue;
			cost =
				price_cost(price, after ? tally->segments_after : tally->segments_before);
			sum = sum == (Datum) 0 ? cost : DirectFunctionCall2(numeric_add, sum, cost);
		}
	return sum == (Datum) 0 ? NULL : DatumGetNumeric(sum);
}

/* Gives the cost by currency as jsonb, such as {"EUR": 75.00}. */
static Datum
cost_by_currency(const LaunchResult *result, bool after)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (int p = 0; p < result->prices->count; p++)
	{
		const char *currency = result->prices->prices[p].currency_name;
		Numeric cost;
		bool seen = false;

		for (int q = 0; q < p; q++)
			seen = seen || strcmp(result->prices->prices[q].currency_name, currency) == 0;
		cost = seen ? NULL : currency_cost(result, currency, after);
		if (cost != NULL)
			appendStringInfo(
				&json, "%s\"%s\": %s", json.len > 1 ? ", " : "", currency,
				DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(cost))));
	}
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

/* Counts prepared messages whose recipient no price is for. */
static int64
count_unpriced(const LaunchResult *result)
{
	int64 count = 0;

	for (int v = 0; v < result->variant_count; v++)
		count += launch_tally(result, v, -1)->outcomes[LAUNCH_PREPARED];
	return count;
}

/* smstrack_launch(campaign, audience, max_recipients, share, test) */
Datum
smstrack_launch(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	LaunchRequest request = {.campaign = campaign_argument(fcinfo),
							 .audience = required_audience(fcinfo),
							 .max_recipients = PG_ARGISNULL(2) ? -1 : PG_GETARG_INT64(2),
							 .share = PG_ARGISNULL(3) ? 1 : PG_GETARG_FLOAT8(3),
							 .test = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4),
							 .write = true};
	LaunchResult result;
	LaunchTally total;
	Datum values[LAUNCH_OUTCOMES + 6];
	bool nulls[LAUNCH_OUTCOMES + 6] = {false};
	int column = 0;

	if (request.max_recipients == -1 && !PG_ARGISNULL(2))
		request.max_recipients = -2; /* a negative maximum is a mistake */
	InitMaterializedSRF(fcinfo, 0);
	launch_run(&request, &result);
	total = launch_total(&result);
	values[column++] = Int64GetDatum(result.launch);
	for (int i = 0; i < LAUNCH_OUTCOMES; i++)
		values[column++] = Int64GetDatum(total.outcomes[i]);
	values[column++] = Int64GetDatum(total.segments_before);
	values[column++] = Int64GetDatum(total.segments_after);
	values[column++] = cost_by_currency(&result, false);
	values[column++] = cost_by_currency(&result, true);
	values[column++] = Int64GetDatum(count_unpriced(&result));
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	return (Datum) 0;
}

/* Puts one row of an estimate: a variant (NULL: none) and what its segments cost. */
static void
put_estimate(ReturnSetInfo *set, const char *variant, const Price *price,
			 const LaunchTally *tally)
{
	Datum values[14] = {0};
	bool nulls[14] = {false};
	int column = 3;

	nulls[0] = variant == NULL;
	if (variant != NULL)
		values[0] = CStringGetTextDatum(variant);
	nulls[1] = nulls[2] = nulls[11] = nulls[12] = nulls[13] = price == NULL;
	for (int i = LAUNCH_PREPARED; i <= LAUNCH_ALREADY; i++)
		values[column++] = Int64GetDatum(tally->outcomes[i]);
	values[column++] = Int64GetDatum(tally->segments_before);
	values[column++] = Int64GetDatum(tally->segments_after);
	values[column++] = Int64GetDatum(tally->segments_after - tally->segments_before);
	if (price != NULL)
	{
		values[1] = CStringGetTextDatum(price->prefix);
		values[2] = PointerGetDatum(price->currency);
		values[11] = price_cost(price, tally->segments_before);
		values[12] = price_cost(price, tally->segments_after);
		values[13] = price_cost(price, tally->segments_after - tally->segments_before);
	}
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

static bool
is_empty(const LaunchTally *tally)
{
	for (int i = 0; i < LAUNCH_OUTCOMES; i++)
		if (tally->outcomes[i] > 0)
			return false;
	return true;
}

/* smstrack_estimate(campaign, audience) */
Datum
smstrack_estimate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	LaunchRequest request = {.campaign = campaign_argument(fcinfo),
							 .audience = required_audience(fcinfo),
							 .max_recipients = -1,
							 .share = 1};
	LaunchResult result;

	InitMaterializedSRF(fcinfo, 0);
	launch_run(&request, &result);
	for (int v = 0; v < result.variant_count; v++)
		for (int p = -1; p < result.prices->count; p++)
			if (!is_empty(launch_tally(&result, v, p)))
				put_estimate(set, result.variants[v],
							 p < 0 ? NULL : &result.prices->prices[p],
							 launch_tally(&result, v, p));
	if (!is_empty(&result.rest))
		put_estimate(set, NULL, NULL, &result.rest);
	return (Datum) 0;
}
