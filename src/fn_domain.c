/*
 * fn_domain.c: the current account, secrets of link domains, and what tells other sessions of
 * a change.
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
#include "message_id.h"
#include "settings.h"

PG_FUNCTION_INFO_V1(smstrack_current_account);
PG_FUNCTION_INFO_V1(smstrack_make_secret);
PG_FUNCTION_INFO_V1(smstrack_check_value);
PG_FUNCTION_INFO_V1(smstrack_invalidate);

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

/* Writes a link domain's secret. */
static void
insert_secret(Datum link_domain, Datum key, Datum check_value)
{
	Oid types[] = {INT4OID, BYTEAOID, BYTEAOID};
	Datum values[] = {link_domain, key, check_value};
	CatalogUser caller = catalog_become_owner();

	SPI_connect();
	if (SPI_execute_with_args("INSERT INTO smstrack.secret (link_domain, key, check_value) "
							  "VALUES ($1, $2, $3)",
							  3, types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not write a secret");
	SPI_finish();
	catalog_become_caller(caller);
}

/*
 * smstrack.make_secret(link_domain): a random secret; a second one for the same link
 * domain violates the key, so that no code that is out can change its meaning.
 */
Datum
smstrack_make_secret(PG_FUNCTION_ARGS)
{
	unsigned char secret[SECRET_BYTES];
	Datum check_value;
	Keys keys;

	/* a dump that holds a secret holds the epoch too: a copy of it will know itself */
	message_id_check_epoch();
	if (!pg_strong_random(secret, sizeof(secret)) || !keys_derive(secret, &keys))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not generate a secret")));
	check_value = make_bytea(keys.check, sizeof(keys.check));
	insert_secret(PG_GETARG_DATUM(0), make_bytea(secret, sizeof(secret)), check_value);
	PG_RETURN_DATUM(check_value);
}

/* smstrack.check_value(key) */
Datum
smstrack_check_value(PG_FUNCTION_ARGS)
{
	bytea *key = PG_GETARG_BYTEA_PP(0);
	Keys keys;

	if (VARSIZE_ANY_EXHDR(key) != SECRET_BYTES ||
		!keys_derive((const unsigned char *) VARDATA_ANY(key), &keys))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid secret of a link domain"),
						errdetail("A secret has %d bytes.", SECRET_BYTES)));
	PG_RETURN_DATUM(make_bytea(keys.check, sizeof(keys.check)));
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
