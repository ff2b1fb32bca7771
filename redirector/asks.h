/*
 * asks.h: requests that ask the database one by one: conversions, opting out, hosts.
 */
#ifndef REDIRECTOR_ASKS_H
#define REDIRECTOR_ASKS_H

#include "db.h"
#include "request.h"

extern const DbStatement asks_statements[];
extern const int asks_statement_count;

extern const RequestKind asks_convert;
extern const RequestKind asks_host;
extern const RequestKind asks_opt_out;
extern const RequestKind asks_postback;

extern bool asks_send(Db *db, DbTask *task, Request *const *requests, int count);

#endif
