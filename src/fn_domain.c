/*
 * fn_domain.c: secrets of link domains, codes by number, odds of a guess.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "catalog.h"
#include "core/keys.h"
#include "domain.h"
#include "message.h"
#include "message_id.h"
#include "settings.h"

PG_FUNCTION_INFO_V1(smstrack_current_account);
PG_FUNCTION_INFO_V1(smstrack_make_secret);
PG_FUNCTION_INFO_V1(smstrack_invalidate);
PG_FUNCTION_INFO_V1(smstrack_next_message_id);
PG_FUNCTION_INFO_V1(smstrack_jump_message_ids);
PG_FUNCTION_INFO_V1(smstrack_code);
PG_FUNCTION_INFO_V1(smstrack_guess_odds);

/* smstrack.current_account() */
Datum
smstrack_current_account(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(setting_account));
}

static Datum
make_bytea(const void *bytes, Size length)
{
	bytea *made = palloc(VARHDRSZ + length);

	SET_VARSIZE(made, VARHDRSZ + length);
	memcpy(VARDATA(made), bytes, length);
	return PointerGetDatum(made);
}

/* Runs a statement of the owner's that gives at most one bigint; 0 for none or NULL. */
static int64
owner_bigint(const char *query, bool read_only, int arguments, Oid *types, Datum *values)
{
	CatalogUser caller = catalog_become_owner();
	int64 result = 0;
	bool null = true;

	SPI_connect();
	if (SPI_execute_with_args(query, arguments, types, values, NULL, read_only, 0) < 0)
		elog(ERROR, "query failed: %s", query);
	if (SPI_tuptable != NULL && SPI_processed > 0)
		result = DatumGetInt64(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
	SPI_finish();
	catalog_become_caller(caller);
	return null ? 0 : result;
}

/*
 * smstrack.make_secret(link_domain): a random secret; a second one for the same link
 * domain violates the key, so that no code that is out can change its meaning.
 */
Datum
smstrack_make_secret(PG_FUNCTION_ARGS)
{
	unsigned char secret[SECRET_BYTES];
	Oid types[] = {INT4OID, BYTEAOID, BYTEAOID};
	Datum values[3];
	Keys keys;

	/* a dump that holds a secret holds the epoch too: a copy of it will know itself */
	message_id_check_epoch();
	if (!pg_strong_random(secret, sizeof(secret)) || !keys_derive(secret, &keys))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not generate a secret")));
	values[0] = PG_GETARG_DATUM(0);
	values[1] = make_bytea(secret, sizeof(secret));
	values[2] = make_bytea(keys.check, sizeof(keys.check));
	owner_bigint("INSERT INTO smstrack.secret (link_domain, key, check_value) "
				 "VALUES ($1, $2, $3)",
				 false, 3, types, values);
	PG_RETURN_DATUM(values[2]);
}

/* smstrack.invalidate(): a changed row alone would tell no other session. */
Datum
smstrack_invalidate(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("smstrack.invalidate must be called as a trigger")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	return PointerGetDatum(NULL);
}

/* smstrack.next_message_id(): default of smstrack.message.message_id */
Datum
smstrack_next_message_id(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(message_id_next());
}

/* smstrack.jump_message_ids() */
Datum
smstrack_jump_message_ids(PG_FUNCTION_ARGS)
{
	message_id_jump();
	PG_RETURN_VOID();
}

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

/* Finds the link domain and the code length of a message. */
static LinkDomain *
domain_of_message(int64 message_id, int32 *code_length)
{
	FoundMessage found;
	LinkDomain *domain = NULL;

	if (message_find(message_id, GetActiveSnapshot(), &found))
		domain = domain_by_id(found.link_domain);
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
	LinkDomain *domain = domain_for_resolving(host);

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
	int64 live = owner_bigint("SELECT sum(links) FROM smstrack.message "
							  "WHERE link_domain = $1 AND code_length > 0",
							  true, 1, types, values);

	PG_RETURN_FLOAT8((double) live / capacity);
}
