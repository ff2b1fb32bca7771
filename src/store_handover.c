/*
 * store_handover.c: the statement of taking. Ids of rows to be changed are an array where
 * a join would be planned by what a table held an hour ago.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "settings.h"
#include "store_handover.h"
#include "store_run.h"

uint64
store_take(text *campaign, int32 count, Datum lease)
{
	static StoreStatement take = {
		.query =
			"WITH picked AS MATERIALIZED ("
			"  SELECT q.message_id FROM smstrack.campaign AS c CROSS JOIN LATERAL ("
			"    SELECT o.message_id FROM smstrack.outbox AS o"
			"    WHERE o.campaign = c.id AND o.leased_until <= statement_timestamp()"
			"    ORDER BY o.leased_until, o.message_id LIMIT $3 FOR UPDATE SKIP LOCKED) AS q"
			"  WHERE c.account = $1 AND c.status = 'active' AND c.name = coalesce($2, c.name)"
			"  LIMIT $3), "
			"taken AS ("
			"UPDATE smstrack.outbox AS o "
			"SET leased_until = clock_timestamp() + $4, takes = o.takes + 1 "
			"WHERE o.message_id = ANY (ARRAY(SELECT p.message_id FROM picked AS p)) "
			"RETURNING o.*) "
			"SELECT t.message_id, t.recipient, t.body, c.name, m.segments_after::integer,"
			"  m.test, t.leased_until, t.takes "
			"FROM taken AS t JOIN smstrack.campaign AS c ON c.id = t.campaign"
			"  LEFT JOIN smstrack.message AS m ON m.message_id = t.message_id",
		.arguments = 4,
		.types = {TEXTOID, TEXTOID, INT4OID, INTERVALOID}};
	Datum values[] = {CStringGetTextDatum(setting_account), PointerGetDatum(campaign),
					  Int32GetDatum(count), lease};
	CatalogUser caller = catalog_become_owner();
	uint64 rows;

	store_plan_by_index();
	rows = store_run(&take, values, campaign == NULL ? " n  " : NULL);
	catalog_become_caller(caller);
	return rows;
}
