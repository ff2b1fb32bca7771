/*
 * hits.h: requests for short links: recorded many at a time, answered one by one.
 */
#ifndef REDIRECTOR_HITS_H
#define REDIRECTOR_HITS_H

#include "db.h"
#include "options.h"
#include "request.h"

extern const DbStatement hits_statements[];
extern const int hits_statement_count;
extern const RequestKind hits_kind;

extern void hits_configure(const Options *options);
extern bool hits_send(Db *db, DbTask *task, Request *const *requests, int count);

#endif
