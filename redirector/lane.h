/*
 * lane.h: requests that wait for the database, the transactions they go in, and what
 * happens when one fails.
 */
#ifndef REDIRECTOR_LANE_H
#define REDIRECTOR_LANE_H

#include "db.h"
#include "request.h"

typedef struct LaneBatch LaneBatch;

typedef struct Lane
{
	Db *dbs; /* any of them will do */
	int db_count;
	int batch_size;
	int batch_wait_ms;
	bool (*send)(Db *db, DbTask *task, Request *const *requests, int count);
	Request *first, **last; /* waiting, in the order of their arrival */
	int waiting;
	int under_way;		  /* requests that were sent */
	int64_t not_before;	  /* a failed transaction is not repeated at once */
	int64_t gather_until; /* the next batch may still grow */
	LaneBatch *batches; /* under way */
} Lane;

extern void lane_init(Lane *lane, Db *dbs, int db_count);
extern bool lane_is_ready(const Lane *lane);
extern void lane_add(Lane *lane, Request *request);
extern void lane_run(Lane *lane, int64_t now);
extern void lane_give_up(Lane *lane);

/* Gives the microseconds until lane_run has something to do without the database's help. */
extern int64_t lane_timeout(const Lane *lane, int64_t now);

#endif
