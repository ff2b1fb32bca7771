/*
 * store_plain.h: whether a table is as the extension made it, so that rows may go
 * straight to its heap and indexes.
 */
#ifndef SMSTRACK_STORE_PLAIN_H
#define SMSTRACK_STORE_PLAIN_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "utils/rel.h"

extern bool store_is_plain(Relation relation);
extern bool store_index_is_simple(Relation index);
extern bool store_indexes_are_simple(Relation relation);
extern bool store_row_fits(Relation relation, TupleTableSlot *row);

#endif
