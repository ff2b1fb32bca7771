/*
 * citus.c: asks Citus's own tables where the rows of a table are. Knows nothing of Citus
 * but these tables' names and first columns: nothing is linked against it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_namespace_d.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "citus.h"

/* Finds a table of Citus's; InvalidOid where Citus is not installed. */
static Oid
citus_table(const char *name)
{
	return get_relname_relid(name, PG_CATALOG_NAMESPACE);
}

/* Tells whether a table is among those that Citus keeps. */
static bool
is_kept(Oid tables, Oid relid)
{
	Relation relation = table_open(tables, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool found;

	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(relation, InvalidOid, false, NULL, 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return found;
}

/* Tells whether this node is the coordinator: its group has the number 0. */
static bool
is_coordinator(void)
{
	Oid groups = citus_table("pg_dist_local_group");
	Relation relation;
	SysScanDesc scan;
	HeapTuple row;
	bool null;
	int32 group = 0;

	if (!OidIsValid(groups))
		return true;
	relation = table_open(groups, AccessShareLock);
	scan = systable_beginscan(relation, InvalidOid, false, NULL, 0, NULL);
	row = systable_getnext(scan);
	if (HeapTupleIsValid(row))
		group = DatumGetInt32(heap_getattr(row, 1, RelationGetDescr(relation), &null));
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return group == 0;
}

CitusPlace
citus_place(Oid relid)
{
	Oid tables = citus_table("pg_dist_partition");

	if (!OidIsValid(tables) || !is_kept(tables, relid))
		return CITUS_HERE;
	return is_coordinator() ? CITUS_SPREAD : CITUS_WORKER;
}
