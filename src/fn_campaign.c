/*
 * fn_campaign.c: what a variant's body says: smstrack.template_targets and
 * template_fields; the normaliser of recipients, smstrack_e164; and
 * smstrack.forget_written.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "body.h"
#include "body_template.h"
#include "recipient.h"
#include "settings.h"
#include "store_launch.h"

PG_FUNCTION_INFO_V1(smstrack_template_targets);
PG_FUNCTION_INFO_V1(smstrack_template_fields);
PG_FUNCTION_INFO_V1(smstrack_e164);
PG_FUNCTION_INFO_V1(smstrack_forget_written);

static Datum
span_array(const Template *parsed, const TemplateSpan *spans, int count, bool opt_out)
{
	Datum *texts = palloc(sizeof(Datum) * (Size) (count + 1));

	for (int i = 0; i < count; i++)
		texts[i] =
			PointerGetDatum(body_text(parsed->body + spans[i].start, spans[i].length));
	if (opt_out)
		texts[count++] = CStringGetTextDatum("opt_out");
	return PointerGetDatum(
		construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* smstrack.template_targets(body) */
Datum
smstrack_template_targets(PG_FUNCTION_ARGS)
{
	Template *parsed = body_parse_template(PG_GETARG_TEXT_PP(0), true);

	body_check_template(parsed);
	PG_RETURN_DATUM(span_array(parsed, parsed->links, parsed->link_count, false));
}

/* smstrack.template_fields(body) */
Datum
smstrack_template_fields(PG_FUNCTION_ARGS)
{
	Template *parsed = body_parse_template(PG_GETARG_TEXT_PP(0), false);

	PG_RETURN_DATUM(
		span_array(parsed, parsed->fields, parsed->field_count, parsed->opt_out));
}

/* Gives the calling code of the call, else that of the session. */
static const char *
calling_code_argument(FunctionCallInfo fcinfo)
{
	char *given;

	if (PG_ARGISNULL(1))
		return setting_calling_code;
	given = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (!setting_is_calling_code(given))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid calling code \"%s\"", given),
						errdetail(CALLING_CODE_DETAIL)));
	return given;
}

/* smstrack_e164(recipient, calling_code): NULL for what is no recipient. */
Datum
smstrack_e164(PG_FUNCTION_ARGS)
{
	char out[E164_RECIPIENT_MAX];
	size_t length;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (recipient_e164(PG_GETARG_TEXT_PP(0), calling_code_argument(fcinfo), out,
					   &length) == E164_INVALID)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out, (int) length));
}

/* smstrack.forget_written(campaign) */
Datum
smstrack_forget_written(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("forgetting whom a campaign has written to");
	store_launch_forget(PG_GETARG_INT32(0));
	PG_RETURN_VOID();
}
