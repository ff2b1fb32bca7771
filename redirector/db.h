/*
 * db.h: one connection to the database in pipeline mode, which comes back by itself.
 */
#ifndef REDIRECTOR_DB_H
#define REDIRECTOR_DB_H

#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define DB_PARAMETERS_MAX 16

typedef enum DbState
{
	DB_DOWN, /* until the back-off is over */
	DB_CONNECTING,
	DB_PREPARING,
	DB_READY
} DbState;

typedef enum DbOutcome
{
	DB_COMMITTED,
	DB_REFUSED, /* the server says that it never will */
	DB_FAILED,	/* rolled back; may work later */
	DB_CUT		/* nobody knows: the connection was lost */
} DbOutcome;

typedef struct DbStatement
{
	const char *name;
	const char *function; /* with its parameters, behind the schema */
} DbStatement;

typedef struct DbParameters
{
	int count;
	const char *values[DB_PARAMETERS_MAX];
	int lengths[DB_PARAMETERS_MAX];
	int formats[DB_PARAMETERS_MAX];
} DbParameters;

/* One transaction under way; its owner embeds it. */
typedef struct DbTask
{
	struct DbTask *next;
	int64_t sent_at;
	PGresult *result;
	void (*done)(struct DbTask *task, DbOutcome outcome, const PGresult *result);
} DbTask;

typedef struct Db
{
	const char *name;
	const char *conninfo;
	const char *schema;
	const DbStatement *statements;
	int statement_count;
	int stuck_ms; /* a connection that is silent for longer is given up */

	DbState state;
	PGconn *conn;
	PostgresPollingStatusType polling;
	int64_t since; /* when the state was entered */
	int64_t retry_at;
	int64_t back_off;
	unsigned turn;		   /* so many hosts of the list are passed over at first */
	int prepared;		   /* answers to the statements so far */
	bool may_call;		   /* the function of the statement that is being prepared */
	int available;		   /* statements that are there */
	DbTask *first, **last; /* under way, oldest first */
	int in_flight;
	uint64_t connects;
	uint64_t losses;
} Db;

extern void db_init(Db *db);
extern void db_close(Db *db);
extern void db_reconnect(Db *db);
extern short db_events(const Db *db, int *fd);
extern void db_run(Db *db, int64_t now, short events);
extern bool db_send(Db *db, DbTask *task, int statement, const DbParameters *parameters);

#endif
