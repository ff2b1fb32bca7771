/*
 * store_nodes.h: the files store_*.c among themselves: what messages that Citus has spread
 * over nodes need beyond the statements that do where they are here.
 */
#ifndef SMSTRACK_STORE_NODES_H
#define SMSTRACK_STORE_NODES_H

#include "postgres.h"

/* How strongly messages are locked. */
typedef enum StoreLock
{
	STORE_LOCK_NO_KEY_UPDATE,
	STORE_LOCK_UPDATE
} StoreLock;

/*
 * Makes the transaction one on all nodes, before anything is written: SPI is connected.
 * Does nothing where messages are here.
 */
extern void store_on_all_nodes(void);

/*
 * Locks messages, given as an array of ids, in the one order that everybody locks them in;
 * gives how many there are, and their ids, sorted. SPI is connected.
 */
extern int store_lock_messages(Datum ids, StoreLock lock, int64 **locked);

/*
 * Parts an array of ids by the shards that they are on: arrays, each sorted, in the order
 * of the shards. One array where messages are here.
 */
extern Datum *store_by_shard(Datum ids, int *parts);

#endif
