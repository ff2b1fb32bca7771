/*
 * fn_opt_out.c: smstrack_opt_out, smstrack_opt_outs, smstrack_opt_out_link and
 * smstrack_opt_in.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "recipient.h"
#include "resolve.h"
#include "settings.h"
#include "store_message_tally.h"
#include "store_opt_out.h"

PG_FUNCTION_INFO_V1(smstrack_opt_out);
PG_FUNCTION_INFO_V1(smstrack_opt_outs);
PG_FUNCTION_INFO_V1(smstrack_opt_out_link);
PG_FUNCTION_INFO_V1(smstrack_opt_in);

static text *
required_recipient(FunctionCallInfo fcinfo)
{
	text *recipient;
	bool valid = false;

	if (!PG_ARGISNULL(0))
	{
		recipient = recipient_normalise(PG_GETARG_TEXT_PP(0), &valid);
		if (valid)
			return recipient;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid recipient"),
			 errhint("Give a number in E.164 such as +4915112345678, or an identifier "
					 "of your own; for national numbers set "
					 "smstrack.calling_code.")));
	return NULL;
}

/* smstrack_opt_out(recipient, source) */
Datum
smstrack_opt_out(PG_FUNCTION_ARGS)
{
	Datum recipient = PointerGetDatum(required_recipient(fcinfo));
	const char *source =
		PG_ARGISNULL(1) ? "request" : text_to_cstring(PG_GETARG_TEXT_PP(1));

	PG_RETURN_BOOL(store_opt_outs(setting_account, &recipient, 1, source, 0) > 0);
}

/* smstrack_opt_outs(recipients, source): those that are no recipients are left out. */
Datum
smstrack_opt_outs(PG_FUNCTION_ARGS)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
	Datum *recipients;
	bool *nulls;
	int count;
	int valid_count = 0;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &recipients, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		bool valid = false;
		text *recipient = NULL;

		CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			recipient = recipient_normalise(DatumGetTextPP(recipients[i]), &valid);
		if (valid)
			recipients[valid_count++] = PointerGetDatum(recipient);
	}
	PG_RETURN_INT64(store_opt_outs(setting_account, recipients, valid_count,
								   text_to_cstring(PG_GETARG_TEXT_PP(1)), 0));
}

/*
 * smstrack_opt_out_link(code, host): what the recipient's confirmation does. True where
 * the link is one, whether it is used for the first time or not.
 */
Datum
smstrack_opt_out_link(PG_FUNCTION_ARGS)
{
	char *code = PG_ARGISNULL(0) ? pstrdup("") : text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *host = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	ResolvedLink link;
	Datum recipient;

	if (resolve_one_code(code, host, GetCurrentTimestamp(), &link) != RESOLVE_OPT_OUT ||
		link.message.recipient == NULL)
		PG_RETURN_BOOL(false);
	recipient = PointerGetDatum(link.message.recipient);
	if (store_opt_outs(link.domain->account, &recipient, 1, "link",
					   link.message.campaign) > 0)
		store_message_opt_out(link.message.message_id);
	PG_RETURN_BOOL(true);
}

/* smstrack_opt_in(recipient) */
Datum
smstrack_opt_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(store_opt_in(setting_account, required_recipient(fcinfo)));
}
