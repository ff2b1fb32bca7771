/*
 * server.h: the one server that this process is: what its parts share.
 */
#ifndef REDIRECTOR_SERVER_H
#define REDIRECTOR_SERVER_H

#include <stdbool.h>

#include "db.h"
#include "lane.h"
#include "options.h"

typedef struct Server
{
	Options options;
	Db hits_dbs[OPTION_DATABASE_CONNECTIONS_MAX];
	Db asks_db; /* a slow conversion never holds up a click */
	Lane hits;
	Lane asks;
	bool draining;
	int open_requests;
} Server;

extern Server server;

#endif
