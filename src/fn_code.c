/*
 * fn_code.c: link codes by number, and the odds of a guess.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "domain.h"
#include "message.h"
#include "owner_query.h"
#include "settings.h"

PG_FUNCTION_INFO_V1(smstrack_code);
PG_FUNCTION_INFO_V1(smstrack_guess_odds);

static void
check_link(int64 message_id, int32 position)
{
	if (message_id <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid message id " INT64_FORMAT, message_id),
						errdetail("Message ids count from 1.")));
	if (position < 0 || position >= CODE_POSITIONS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid link position %d", position),
						errdetail("Positions count from 0 to %d.", CODE_POSITIONS - 1)));
}

/* Gives the link domain where it is the account's: a code opens what is behind it. */
static LinkDomain *
own_domain(LinkDomain *domain)
{
	return domain != NULL && strcmp(domain->account, setting_account) == 0 ? domain : NULL;
}

/* Finds the link domain and the code length of a message. */
static LinkDomain *
domain_of_message(int64 message_id, int32 *code_length)
{
	FoundMessage found;
	LinkDomain *domain = NULL;

	if (message_find(message_id, GetActiveSnapshot(), &found))
		domain = own_domain(domain_by_id(found.link_domain));
	if (domain == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("message " INT64_FORMAT " does not exist", message_id)));
	*code_length = found.code_length;
	return domain;
}

/* Finds a link domain that is named, or the default one. */
static LinkDomain *
existing_domain(const char *host)
{
	LinkDomain *domain = own_domain(domain_for_resolving(host));

	if (domain == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						host == NULL ? errmsg("short link domain is not set")
									 : errmsg("unknown link domain \"%s\"", host),
						errhint("Create it: SELECT smstrack_domain('go.example.com').")));
	return domain;
}

/* smstrack_code(message_id, position, link_domain) */
Datum
smstrack_code(PG_FUNCTION_ARGS)
{
	LinkDomain *domain;
	int64 message_id;
	int32 position;
	int32 length;
	text *code;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	message_id = PG_GETARG_INT64(0);
	position = PG_GETARG_INT32(1);
	check_link(message_id, position);
	if (PG_ARGISNULL(2))
		domain = domain_of_message(message_id, &length);
	else
	{
		domain = existing_domain(text_to_cstring(PG_GETARG_TEXT_PP(2)));
		length = domain->code_length;
	}
	code = palloc(VARHDRSZ + (Size) length);
	SET_VARSIZE(code, VARHDRSZ + (Size) length);
	domain_write_code(domain, length, message_id, position, VARDATA(code));
	PG_RETURN_TEXT_P(code);
}

/* smstrack_guess_odds(link_domain) */
Datum
smstrack_guess_odds(PG_FUNCTION_ARGS)
{
	char *host = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	LinkDomain *domain = existing_domain(host);
	double capacity = (double) code_capacity((uint32) domain->code_length);
	Oid types[] = {INT4OID};
	Datum values[] = {Int32GetDatum(domain->id)};
	int64 live = owner_query_bigint("SELECT sum(links) FROM smstrack.message "
									"WHERE link_domain = $1 AND code_length > 0",
									1, types, values);

	PG_RETURN_FLOAT8((double) live / capacity);
}
