/*
 * store_run.h: the files store_*.c among themselves.
 */
#ifndef SMSTRACK_STORE_RUN_H
#define SMSTRACK_STORE_RUN_H

#include "postgres.h"

#include "executor/spi.h"

/* A statement of the owner's, prepared once a backend. */
typedef struct StoreStatement
{
	const char *query;
	int arguments;
	Oid types[24];
	SPIPlanPtr plan;
} StoreStatement;

/* How statements are planned, until the owner's role is left: once and by index, or anew
 * for each call. */
extern void store_plan_by_index(void);
extern void store_plan_anew(void);

extern uint64 store_run(StoreStatement *statement, Datum *values, const char *nulls);
extern uint64 store_run_latest(StoreStatement *statement, Datum *values,
							   const char *nulls);

#endif
