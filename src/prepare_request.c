/*
 * prepare_request.c: what a request for a message must be like. Writes and reads nothing.
 */
#include "postgres.h"

#include "body_template.h"
#include "prepare.h"

#define RECIPIENT_MAX 256
#define LABEL_MAX	  256
#define KEY_MAX		  256

static void
check_parts(const PrepareRequest *request)
{
	if (request->body == NULL && request->campaign == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("message body is null"),
				 errhint("Give the text of the SMS, which may be empty, or the "
						 "campaign whose text it is.")));
	if (request->recipient == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("recipient is null"),
				 errhint("Give the recipient's number, or an identifier of your own.")));
	if (VARSIZE_ANY_EXHDR(request->recipient) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("recipient is empty"),
				 errhint("Give the recipient's number, or an identifier of your own.")));
	if (VARSIZE_ANY_EXHDR(request->recipient) > RECIPIENT_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("recipient is too long"),
						errdetail("A recipient may have %d bytes.", RECIPIENT_MAX)));
	if (request->body != NULL)
		body_check_length(request->body);
	if (request->label != NULL && VARSIZE_ANY_EXHDR(request->label) > LABEL_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("label is too long"),
				 errdetail("A label may have %d bytes.", LABEL_MAX)));
	if (request->idempotency_key != NULL &&
		VARSIZE_ANY_EXHDR(request->idempotency_key) > KEY_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("idempotency key is too long"),
						errdetail("A key may have %d bytes.", KEY_MAX)));
}

/* Complains about what does not go together. */
static void
check_campaign(const PrepareRequest *request)
{
	if (request->fields != NULL && request->body != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("merge fields were given for a text of your own"),
						errdetail("Only a campaign's text has merge fields."),
						errhint("Give NULL as the body, and the campaign.")));
	if (request->fields != NULL && !JB_ROOT_IS_OBJECT(request->fields))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("merge fields are no JSON object"),
						errhint("Give them as {\"name\": \"Ana\"}, or a row as "
								"to_jsonb(t).")));
	if (request->campaign != NULL && request->link_domain != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("link domain was given beside a campaign"),
				 errdetail("A campaign's messages have the campaign's link domain."),
				 errhint("Set smstrack.campaign.link_domain.")));
}

void
prepare_check(const PrepareRequest *request)
{
	check_parts(request);
	check_campaign(request);
}
