/*
 * citus.h: where the rows of a table are, by what Citus has noted.
 */
#ifndef SMSTRACK_CITUS_H
#define SMSTRACK_CITUS_H

#include "postgres.h"

typedef enum CitusPlace
{
	CITUS_HERE,	  /* the table is as any other */
	CITUS_SPREAD, /* on other nodes, and this is their coordinator */
	CITUS_WORKER  /* on the nodes, of which this is one */
} CitusPlace;

extern CitusPlace citus_place(Oid relid);

#endif
