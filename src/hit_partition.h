/*
 * hit_partition.h: which partition of smstrack.hit a time belongs to.
 */
#ifndef SMSTRACK_HIT_PARTITION_H
#define SMSTRACK_HIT_PARTITION_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/rel.h"

extern Oid hit_partition_at(Relation parent, TimestampTz at);
extern bool hit_partition_is_alike(Relation partition);

#endif
