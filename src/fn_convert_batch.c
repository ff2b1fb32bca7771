/*
 * fn_convert_batch.c: smstrack_convert_batch and smstrack_reverse_batch.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "conversion_item.h"
#include "settings.h"

PG_FUNCTION_INFO_V1(smstrack_convert_batch);
PG_FUNCTION_INFO_V1(smstrack_reverse_batch);

/* Writes a row of smstrack.conversion_answer. */
static void
put_answer(ReturnSetInfo *result, int ordinal, const char *status, const char *reason)
{
	Datum values[3] = {Int32GetDatum(ordinal), CStringGetTextDatum(status), (Datum) 0};
	bool nulls[3] = {false, false, reason == NULL};

	if (reason != NULL)
		values[2] = CStringGetTextDatum(reason);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* smstrack_convert_batch(conversions) */
Datum
smstrack_convert_batch(PG_FUNCTION_ARGS)
{
	int count;
	Conversion *conversions = conversion_items_read(PG_GETARG_JSONB_P(0), &count);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < count; i++)
		conversions[i].only_account = setting_account;
	store_conversions(conversions, count);
	for (int i = 0; i < count; i++)
		put_answer((ReturnSetInfo *) fcinfo->resultinfo, i + 1,
				   conversion_status_name(conversions[i].status),
				   conversion_complaint(&conversions[i]));
	return (Datum) 0;
}

/* smstrack_reverse_batch(reversals) */
Datum
smstrack_reverse_batch(PG_FUNCTION_ARGS)
{
	int count;
	Reversal *reversals = reversal_items_read(PG_GETARG_JSONB_P(0), &count);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < count; i++)
		reversals[i].account = setting_account;
	store_reversals(reversals, count);
	for (int i = 0; i < count; i++)
		put_answer((ReturnSetInfo *) fcinfo->resultinfo, i + 1,
				   reversal_status_name(reversals[i].status),
				   reversal_complaint(&reversals[i]));
	return (Datum) 0;
}
