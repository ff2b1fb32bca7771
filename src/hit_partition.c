/*
 * hit_partition.c: finds a month's partition of smstrack.hit without planning a
 * statement, and tells whether rows of the parent fit it as they are.
 */
#include "postgres.h"

#include "access/table.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/partcache.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "hit_partition.h"

/* Gives the partition that a time belongs to; the DEFAULT partition does not count. */
Oid
hit_partition_at(Relation parent, TimestampTz at)
{
	PartitionDesc partitions = RelationGetPartitionDesc(parent, true);
	PartitionKey key = RelationGetPartitionKey(parent);
	PartitionBoundInfo bounds = partitions->boundinfo;
	Datum value = TimestampTzGetDatum(at);
	bool equal;
	int offset;
	int index;

	if (bounds == NULL || key->partnatts != 1 ||
		key->strategy != PARTITION_STRATEGY_RANGE)
		return InvalidOid;
	offset = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, bounds,
										   1, &value, &equal);
	index = bounds->indexes[offset + 1];
	return index < 0 || !partitions->is_leaf[index] ? InvalidOid
													: partitions->oids[index];
}

/* Tells whether a partition has its columns in the parent's order: one that was attached
 * may have them in another. */
bool
hit_partition_is_alike(Relation partition)
{
	Relation parent = table_open(catalog_relation(CATALOG_HIT), AccessShareLock);
	TupleDesc ours = RelationGetDescr(parent);
	TupleDesc theirs = RelationGetDescr(partition);
	bool alike = ours->natts == theirs->natts;

	for (int i = 0; alike && i < ours->natts; i++)
		alike = strcmp(NameStr(TupleDescAttr(ours, i)->attname),
					   NameStr(TupleDescAttr(theirs, i)->attname)) == 0;
	table_close(parent, AccessShareLock);
	return alike;
}
