/*
 * store_insert.h: the files store_*.c among themselves: new rows straight into their
 * table.
 */
#ifndef SMSTRACK_STORE_INSERT_H
#define SMSTRACK_STORE_INSERT_H

#include "postgres.h"

#include "executor/tuptable.h"

/* Gives the columns of row i; is called once a row. */
typedef void (*InsertRow)(void *rows, int i, Datum *values, bool *nulls);

/* Inserts row i by a plan that passes over what is there already. */
typedef void (*InsertByPlan)(void *rows, int i);

extern bool store_insert_rows(Oid table, int columns, TupleTableSlot **slots, void *rows,
							  int count, InsertByPlan by_plan, bool *inserted);
extern bool store_insert_hits(void *rows, int count, InsertRow row, InsertByPlan by_plan,
							  bool *inserted);

#endif
