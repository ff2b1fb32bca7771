/*
 * db.c: connecting, preparing, sending and reading without ever waiting. A task is done
 * when the sync behind it is back: only then has its transaction been committed.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "log.h"

#define BACK_OFF_FIRST INT64_C(50000)
#define BACK_OFF_MOST  INT64_C(2000000)
#define CONNECT_MOST   INT64_C(15000000)

/* Parameters that have an item for each host. */
#define HOST_LISTS 3
static const char *const host_lists[HOST_LISTS] = {"host", "hostaddr", "port"};

void
db_init(Db *db)
{
	db->state = DB_DOWN;
	db->last = &db->first;
	db->back_off = BACK_OFF_FIRST;
}

static void
enter(Db *db, DbState state, int64_t now)
{
	db->state = state;
	db->since = now;
}

/* Gives up the connection; what was under way is told so, oldest first. */
static void
lose(Db *db, int64_t now, const char *why)
{
	DbTask *task = db->first;

	log_line("database-lost", "connection=%s state=%d in_flight=%d reason=\"%s\"", db->name,
			 (int) db->state, db->in_flight, why);
	if (db->state == DB_READY)
		db->losses++;
	PQfinish(db->conn);
	db->conn = NULL;
	db->first = NULL;
	db->last = &db->first;
	db->in_flight = 0;
	db->available = 0;
	enter(db, DB_DOWN, now);
	/* some jitter, so that many redirectors do not come back in step */
	db->retry_at = now + db->back_off / 2 + (int64_t) rand() % db->back_off;
	db->back_off = db->back_off * 2 < BACK_OFF_MOST ? db->back_off * 2 : BACK_OFF_MOST;
	while (task != NULL)
	{
		DbTask *next = task->next;

		PQclear(task->result);
		task->result = NULL;
		task->done(task, DB_CUT, NULL);
		task = next;
	}
}

/* Gives up the connection; the next one is sought at the next host first. */
static void
lose_host(Db *db, int64_t now, const char *why)
{
	db->turn++;
	lose(db, now, why);
}

/* Gives up the connection without being asked by the server. */
void
db_reconnect(Db *db)
{
	db->back_off = BACK_OFF_FIRST;
	if (db->conn != NULL)
		lose(db, clock_now(), "reload");
}

void
db_close(Db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	db->state = DB_DOWN;
	db->retry_at = INT64_MAX;
}

/* Gives the first line of libpq's message: the lines behind it are about hosts. */
static const char *
first_line(const Db *db)
{
	static char line[256];

	snprintf(line, sizeof(line), "%.*s", (int) strcspn(PQerrorMessage(db->conn), "\n"),
			 PQerrorMessage(db->conn));
	return line;
}

/* Drops notices: they would go to standard error beside the log. */
static void
ignore_notice(void *context, const PGresult *result)
{
	(void) context;
	(void) result;
}

/* Gives a copy of a list with commas that begins at another item; NULL for NULL. */
static char *
turn_list(const char *list, unsigned turn)
{
	const char *begin = list;
	unsigned items = 1;
	char *turned;

	if (list == NULL)
		return NULL;
	for (const char *c = list; *c != '\0'; c++)
		items += *c == ',';
	for (turn %= items; turn > 0; turn--)
		begin = strchr(begin, ',') + 1;
	if (begin == list)
		return strdup(list);
	return asprintf(&turned, "%s,%.*s", begin, (int) (begin - 1 - list), list) < 0
			   ? NULL
			   : turned;
}

/*
 * Gives the lists of hosts as they are to be tried now; NULL: as they stand. libpq begins
 * with the first one, and goes on to the next only from a host that refuses: never from one
 * that is silent, nor from one that turns out to be a standby.
 */
static void
turn_hosts(const Db *db, char *turned[HOST_LISTS])
{
	PQconninfoOption *given = db->turn == 0 ? NULL : PQconninfoParse(db->conninfo, NULL);

	for (int i = 0; i < HOST_LISTS; i++)
	{
		turned[i] = NULL;
		for (const PQconninfoOption *option = given;
			 option != NULL && option->keyword != NULL; option++)
			if (strcmp(option->keyword, host_lists[i]) == 0)
				turned[i] = turn_list(option->val, db->turn);
	}
	PQconninfoFree(given);
}

/* Starts to connect. What stands before dbname is a default, what stands behind is not. */
static void
start(Db *db, int64_t now)
{
	const char *names[] = {
		"fallback_application_name", "tcp_user_timeout", "keepalives_idle", "options",
		"dbname", "client_encoding", host_lists[0], host_lists[1], host_lists[2], NULL};
	char timeout[64];
	char *hosts[HOST_LISTS];

	turn_hosts(db, hosts);
	snprintf(timeout, sizeof(timeout), "-c statement_timeout=%d", db->stuck_ms);
	db->conn = PQconnectStartParams(
		names,
		(const char *[]){"smstrack-redirector", "5000", "10", timeout, db->conninfo, "UTF8",
						 hosts[0], hosts[1], hosts[2], NULL},
		1);
	for (int i = 0; i < HOST_LISTS; i++)
		free(hosts[i]);
	db->polling = PGRES_POLLING_WRITING;
	enter(db, DB_CONNECTING, now);
	if (db->conn == NULL || PQstatus(db->conn) == CONNECTION_BAD)
		lose(db, now, db->conn == NULL ? "out of memory" : first_line(db));
	else
		PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
}

/* Asks whether a function may be called: to prepare a statement does not. */
static bool
ask_right(Db *db, const char *schema, const char *function)
{
	char name[512];
	const char *value = name;

	snprintf(name, sizeof(name), "%s.%.*s", schema, (int) strcspn(function, "("), function);
	return PQsendQueryParams(db->conn,
							 "SELECT pg_catalog.has_function_privilege("
							 "pg_catalog.to_regproc($1::text), 'EXECUTE')",
							 1, NULL, &value, NULL, NULL, 0) == 1;
}

/* Sends all statements to be prepared, a sync behind each: one that fails stands alone. */
static void
start_preparing(Db *db, int64_t now)
{
	char *schema = PQescapeIdentifier(db->conn, db->schema, strlen(db->schema));
	bool sent = schema != NULL && PQsetnonblocking(db->conn, 1) == 0 &&
				PQenterPipelineMode(db->conn) == 1;

	for (int i = 0; sent && i < db->statement_count; i++)
	{
		char query[512];

		snprintf(query, sizeof(query), "SELECT * FROM %s.%s", schema,
				 db->statements[i].function);
		sent = ask_right(db, schema, db->statements[i].function) &&
			   PQsendPrepare(db->conn, db->statements[i].name, query, 0, NULL) == 1 &&
			   PQpipelineSync(db->conn) == 1;
	}
	PQfreemem(schema);
	db->prepared = 0;
	enter(db, DB_PREPARING, now);
	if (!sent)
		lose(db, now, first_line(db));
}

static void
run_connecting(Db *db, int64_t now)
{
	db->polling = PQconnectPoll(db->conn);
	if (db->polling == PGRES_POLLING_OK)
		start_preparing(db, now);
	else if (db->polling == PGRES_POLLING_FAILED)
		lose(db, now, first_line(db));
}

static void
log_missing(const Db *db, const char *state)
{
	log_line("statement-missing", "connection=%s statement=%s sqlstate=%s", db->name,
			 db->statements[db->prepared].name, state);
}

/* Takes an answer to preparing; true when it was the last one. */
static bool
take_prepared(Db *db, const PGresult *result)
{
	switch (PQresultStatus(result))
	{
		case PGRES_TUPLES_OK: /* NULL: preparing says what is wrong with it */
			db->may_call = PQgetvalue(result, 0, 0)[0] != 'f';
			if (!db->may_call)
				log_missing(db, "42501");
			break;
		case PGRES_COMMAND_OK:
			db->available += db->may_call;
			break;
		case PGRES_PIPELINE_SYNC:
			return ++db->prepared == db->statement_count;
		case PGRES_PIPELINE_ABORTED: /* the error before it was logged */
			break;
		default:
			log_missing(db, PQresultErrorField(result, PG_DIAG_SQLSTATE));
			break;
	}
	return false;
}

/* Judges a failure: some will pass, and may be tried again as they are. */
static DbOutcome
outcome_of(const PGresult *result)
{
	/* rolled back by chance, out of resources, being stopped, a standby */
	static const char *const passing[] = {"40", "53", "55", "57", "58", "25", "08"};
	const char *state;

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return DB_COMMITTED;
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	for (size_t i = 0; state != NULL && i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strncmp(state, passing[i], 2) == 0)
			return DB_FAILED;
	return state == NULL ? DB_FAILED : DB_REFUSED;
}

/* Ends the oldest task: its sync is back. */
static void
finish_task(Db *db)
{
	DbTask *task = db->first;
	PGresult *result = task->result;

	db->first = task->next;
	if (db->first == NULL)
		db->last = &db->first;
	db->in_flight--;
	task->result = NULL;
	if (result == NULL || PQresultStatus(result) != PGRES_TUPLES_OK)
		log_line("transaction-failed", "connection=%s sqlstate=%s", db->name,
				 result == NULL ? "none" : PQresultErrorField(result, PG_DIAG_SQLSTATE));
	task->done(task, result == NULL ? DB_FAILED : outcome_of(result), result);
	PQclear(result);
}

/* Keeps a result until its sync; an error of the commit replaces the rows. */
static void
keep_result(Db *db, PGresult *result)
{
	DbTask *task = db->first;

	if (task->result != NULL && PQresultStatus(result) == PGRES_TUPLES_OK)
	{
		PQclear(result);
		return;
	}
	PQclear(task->result);
	task->result = result;
}

static void
prepared_all(Db *db, int64_t now)
{
	if (db->available == 0)
	{
		lose(db, now, "no function may be called");
		return;
	}
	enter(db, DB_READY, now);
	db->back_off = BACK_OFF_FIRST;
	db->connects++;
	log_line("database-ready", "connection=%s", db->name);
}

/* A standby that was promoted over: connect anew, to find the primary. */
static bool
must_reconnect(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, "25006") == 0;
}

static void
run_open(Db *db, int64_t now)
{
	bool wrong_server = false;

	if (PQconsumeInput(db->conn) == 0)
	{
		lose(db, now, first_line(db));
		return;
	}
	while ((db->state == DB_PREPARING || db->first != NULL) && !PQisBusy(db->conn))
	{
		PGresult *result = PQgetResult(db->conn);

		if (PQstatus(db->conn) == CONNECTION_BAD)
		{
			PQclear(result);
			lose(db, now, first_line(db));
			return;
		}
		if (result == NULL)
			continue;
		if (db->state == DB_PREPARING)
		{
			if (take_prepared(db, result))
				prepared_all(db, now);
			PQclear(result);
			if (db->state == DB_DOWN)
				return;
		}
		else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
		{
			PQclear(result);
			finish_task(db);
		}
		else
		{
			wrong_server = wrong_server || must_reconnect(result);
			keep_result(db, result);
		}
	}
	if (wrong_server)
		lose_host(db, now, "this server cannot do it");
	else if (PQflush(db->conn) < 0)
		lose(db, now, first_line(db));
}

static bool
is_stuck(const Db *db, int64_t now)
{
	if (db->state == DB_READY)
		return db->first != NULL &&
			   now - db->first->sent_at > (int64_t) db->stuck_ms * 2000;
	return now - db->since > CONNECT_MOST;
}

/* Does what can be done at once. */
void
db_run(Db *db, int64_t now, short events)
{
	if (db->state == DB_DOWN)
	{
		if (now >= db->retry_at)
			start(db, now);
	}
	else if (is_stuck(db, now))
		lose_host(db, now, "no answer in time");
	else if (events == 0)
		return;
	else if (db->state == DB_CONNECTING)
		run_connecting(db, now);
	else
		run_open(db, now);
}

/* Gives what to wait for, and where; 0 for nothing. */
short
db_events(const Db *db, int *fd)
{
	if (db->conn == NULL || (*fd = PQsocket(db->conn)) < 0)
		return 0;
	if (db->state == DB_CONNECTING)
		return db->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
	return (short) (POLLIN | (PQflush(db->conn) == 1 ? POLLOUT : 0));
}

/* Sends a transaction; false if the connection is not ready, or was lost by it. */
bool
db_send(Db *db, DbTask *task, int statement, const DbParameters *parameters)
{
	if (db->state != DB_READY)
		return false;
	if (PQsendQueryPrepared(db->conn, db->statements[statement].name, parameters->count,
							parameters->values, parameters->lengths, parameters->formats,
							0) != 1 ||
		PQpipelineSync(db->conn) != 1)
	{
		lose(db, clock_now(), first_line(db));
		return false;
	}
	task->next = NULL;
	task->result = NULL;
	task->sent_at = clock_now();
	*db->last = task;
	db->last = &task->next;
	db->in_flight++;
	return true;
}
