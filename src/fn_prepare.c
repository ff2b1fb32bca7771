/*
 * fn_prepare.c: smstrack_rewrite and smstrack_prepare.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "core/link.h"
#include "prepare.h"

PG_FUNCTION_INFO_V1(smstrack_rewrite);
PG_FUNCTION_INFO_V1(smstrack_prepare);

#define ARG_TEXT(n)	   (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))
#define ARG_CSTRING(n) (PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n)))
#define ARG_JSONB(n)   (PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n))
#define ARG_BOOL(n)	   (!PG_ARGISNULL(n) && PG_GETARG_BOOL(n))

/*
 * smstrack_rewrite(body, recipient, link_domain, label, campaign, fields, skip): NULL for
 * a recipient that is left out.
 */
Datum
smstrack_rewrite(PG_FUNCTION_ARGS)
{
	PrepareRequest request = {.body = ARG_TEXT(0),
							  .recipient = ARG_TEXT(1),
							  .link_domain = ARG_CSTRING(2),
							  .label = ARG_TEXT(3),
							  .campaign = ARG_TEXT(4),
							  .fields = ARG_JSONB(5),
							  .skip = ARG_BOOL(6),
							  .track = true};
	PreparedMessage prepared;

	if (!prepare_message(&request, &prepared))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(prepared.body);
}

/* Makes the text array of the warnings. */
static Datum
warning_names(const PreparedMessage *prepared)
{
	Datum names[LINK_WARNING_COUNT + 4];
	int count = 0;

	for (int bit = 0; bit < LINK_WARNING_COUNT; bit++)
		if (prepared->link_warnings & (1u << bit))
			names[count++] = CStringGetTextDatum(link_warning_name(bit));
	if (prepared->after.segments > prepared->before.segments)
		names[count++] = CStringGetTextDatum("more segments than the original");
	if (prepared->after.segments > SEGMENT_MAX)
		names[count++] = CStringGetTextDatum("more segments than a phone takes");
	if (prepared->merge_field)
		names[count++] = CStringGetTextDatum("merge field stays as it is");
	if (!prepared->valid_recipient)
		names[count++] = CStringGetTextDatum("recipient is no possible number");
	return PointerGetDatum(
		construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * smstrack_prepare(body, recipient, idempotency_key, label, track, link_domain, keep_body,
 * test, campaign, fields, skip): no row for a recipient that is left out.
 * A set of one row, so that (smstrack_prepare(...)).* does not prepare once a column.
 */
Datum
smstrack_prepare(PG_FUNCTION_ARGS)
{
	PrepareRequest request = {.body = ARG_TEXT(0),
							  .recipient = ARG_TEXT(1),
							  .idempotency_key = ARG_TEXT(2),
							  .label = ARG_TEXT(3),
							  .track = PG_ARGISNULL(4) || PG_GETARG_BOOL(4),
							  .link_domain = ARG_CSTRING(5),
							  .keep_body = ARG_BOOL(6),
							  .test = ARG_BOOL(7),
							  .campaign = ARG_TEXT(8),
							  .fields = ARG_JSONB(9),
							  .skip = ARG_BOOL(10)};
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	PreparedMessage prepared;
	Datum values[10] = {0};
	bool nulls[10] = {false};

	InitMaterializedSRF(fcinfo, 0);
	if (!prepare_message(&request, &prepared))
		return (Datum) 0;
	values[0] = Int64GetDatum(prepared.message_id);
	values[1] = PointerGetDatum(prepared.body);
	values[2] = Int32GetDatum(prepared.links);
	values[3] = CStringGetTextDatum(segment_encoding_name(prepared.before.encoding));
	values[4] = CStringGetTextDatum(segment_encoding_name(prepared.after.encoding));
	values[5] = Int32GetDatum(prepared.before.segments);
	values[6] = Int32GetDatum(prepared.after.segments);
	values[7] = warning_names(&prepared);
	nulls[8] = nulls[9] = prepared.price == NULL;
	if (prepared.price != NULL)
	{
		values[8] = price_cost(prepared.price, prepared.after.segments);
		values[9] = PointerGetDatum(prepared.price->currency);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}
