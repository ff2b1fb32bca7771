/*
 * hit_partition.c: finds a month's partition of smstrack.hit without planning a
 * statement.
 */
#include "postgres.h"

#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/partcache.h"
#include "utils/timestamp.h"

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
