/*
 * store_decision.c: writes smstrack.decision. Decisions of a campaign wait for each
 * other, and for its launches, at the campaign's row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "settings.h"
#include "store_decision.h"
#include "store_run.h"

bool
store_decision_lock(const char *campaign)
{
	static StoreStatement lock = {.query = "SELECT FROM smstrack.campaign "
										   "WHERE account = $1 AND name = $2 "
										   "FOR NO KEY UPDATE",
								  .arguments = 2,
								  .types = {TEXTOID, TEXTOID}};
	Datum values[] = {CStringGetTextDatum(setting_account),
					  CStringGetTextDatum(campaign)};
	CatalogUser caller = catalog_become_owner();
	bool found = store_run(&lock, values, NULL) > 0;

	catalog_become_caller(caller);
	return found;
}

/*
 * The campaign's row is changed too, not merely locked: at the level REPEATABLE READ, who
 * did not see this decision fails instead of making another one.
 */
void
store_decision(int32 campaign, const char *kind, int32 winner, const char *reason,
			   Datum figures)
{
	static StoreStatement touch = {
		.query = "UPDATE smstrack.campaign SET name = name WHERE id = $1",
		.arguments = 1,
		.types = {INT4OID}};
	static StoreStatement insert = {
		.query =
			"INSERT INTO smstrack.decision (campaign, kind, winner, reason, figures) "
			"VALUES ($1, $2, nullif($3, 0), $4, $5)",
		.arguments = 5,
		.types = {INT4OID, TEXTOID, INT4OID, TEXTOID, JSONBOID}};
	Datum values[] = {Int32GetDatum(campaign), CStringGetTextDatum(kind),
					  Int32GetDatum(winner), CStringGetTextDatum(reason), figures};
	CatalogUser caller = catalog_become_owner();

	store_run(&touch, values, NULL);
	store_run(&insert, values, NULL);
	catalog_become_caller(caller);
}
