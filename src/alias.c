/*
 * alias.c: reads smstrack.link_alias. Writes nothing, so that it works on a standby.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "alias.h"
#include "catalog.h"

#define ALIAS_MAX 100

static SPIPlanPtr
plan_query(void)
{
	static SPIPlanPtr plan;

	if (plan == NULL)
	{
		Oid types[] = {TEXTOID, TEXTOID};
		SPIPlanPtr made =
			SPI_prepare("SELECT target_url, alias_id FROM smstrack.link_alias "
						"WHERE host = $1 AND code = $2",
						2, types);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare the look-up of an alias");
		plan = made;
	}
	return plan;
}

/* Finds an alias of a link domain; false if there is none. */
bool
alias_find(const LinkDomain *domain, const char *code, Size length, LinkAlias *alias)
{
	MemoryContext context = CurrentMemoryContext;
	CatalogUser caller;
	Datum values[2];
	bool found;

	if (length == 0 || length > ALIAS_MAX)
		return false;
	values[0] = CStringGetTextDatum(domain->host);
	values[1] = PointerGetDatum(cstring_to_text_with_len(code, (int) length));
	caller = catalog_become_owner();
	SPI_connect();
	if (SPI_execute_plan(plan_query(), values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look up an alias");
	found = SPI_processed > 0;
	if (found)
	{
		char *url = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
		bool null;

		alias->target_url = MemoryContextStrdup(
			context, pg_server_to_any(url, (int) strlen(url), PG_UTF8));
		alias->id = DatumGetInt64(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &null));
	}
	SPI_finish();
	catalog_become_caller(caller);
	return found;
}
