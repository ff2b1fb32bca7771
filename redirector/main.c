/*
 * main.c: the loop: one thread waits for sockets, the database and signals.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "asks.h"
#include "clock.h"
#include "connection.h"
#include "hits.h"
#include "http.h"
#include "limits.h"
#include "log.h"
#include "route.h"
#include "server.h"

/* How often slow senders are looked for. */
#define SWEEP INT64_C(100000)

Server server;

/* All connections, in one list. */
static Db *databases[OPTION_DATABASE_CONNECTIONS_MAX + 1];
static int database_count;

static Http public_http = {
	.route = route_public, .start = route_public_start, .is_public = true};
static Http admin_http = {.route = admin_route, .start = admin_start};

/* Lets the parts know the options, at the start and when they were read again. */
static void
configure(void)
{
	const Options *options = &server.options;

	for (int i = 0; i < database_count; i++)
	{
		databases[i]->conninfo = options->database;
		databases[i]->schema = options->schema;
		databases[i]->stuck_ms = options->wait_limit_ms;
	}
	server.hits.batch_size = options->batch_size;
	server.hits.batch_wait_ms = options->batch_wait_ms;
	hits_configure(options);
}

/* Makes the connections and the lanes that use them. */
static void
init_databases(void)
{
	static const char *const names[OPTION_DATABASE_CONNECTIONS_MAX] = {
		"hits", "hits-2", "hits-3", "hits-4", "hits-5", "hits-6", "hits-7", "hits-8"};

	database_count = server.options.database_connections + 1;
	server.asks_db = (Db){.name = "asks",
						  .statements = asks_statements,
						  .statement_count = asks_statement_count};
	databases[0] = &server.asks_db;
	for (int i = 0; i < server.options.database_connections; i++)
	{
		server.hits_dbs[i] = (Db){.name = names[i],
								  .statements = hits_statements,
								  .statement_count = hits_statement_count};
		databases[i + 1] = &server.hits_dbs[i];
	}
	for (int i = 0; i < database_count; i++)
		db_init(databases[i]);
	lane_init(&server.hits, server.hits_dbs, server.options.database_connections);
	lane_init(&server.asks, &server.asks_db, 1);
	server.hits.send = hits_send;
	server.asks.send = asks_send;
	server.asks.batch_size = 1;
}

static bool
start(void)
{
	init_databases();
	configure();

	public_http.listen = server.options.listen;
	public_http.connections = server.options.connections;
	admin_http.listen = server.options.admin_listen;
	admin_http.connections = server.options.connections / 4;
	return page_init(server.options.token_name, server.options.cookie_name) &&
		   limits_init((size_t) server.options.connections) &&
		   connection_init(&server.options) && http_start(&public_http) &&
		   (*admin_http.listen == '\0' || http_start(&admin_http));
}

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static void
swap(char **a, char **b)
{
	char *kept = *a;

	*a = *b;
	*b = kept;
}

/* What takes a restart stays as it was at the start. */
static void
keep_started(Options *options, Options *old)
{
	swap(&options->listen, &old->listen);
	swap(&options->admin_listen, &old->admin_listen);
	options->connections = old->connections;
	options->database_connections = old->database_connections;
	options->header_size = old->header_size;
	options->body_size = old->body_size;
	options->idle_timeout_s = old->idle_timeout_s;
}

/* Takes new options, but for what a listening socket or a table's size hangs on. */
static void
reload(int argc, char **argv)
{
	Options new_options;
	Options old = server.options;
	bool reconnect;

	if (options_read(argc, argv, &new_options) == OPTIONS_WRONG)
	{
		log_line("reload-refused", "reason=\"see the line above\"");
		options_free(&new_options);
		return;
	}
	if (!same(old.listen, new_options.listen) ||
		!same(old.admin_listen, new_options.admin_listen) ||
		old.connections != new_options.connections ||
		old.database_connections != new_options.database_connections ||
		old.header_size != new_options.header_size || old.body_size != new_options.body_size ||
		old.idle_timeout_s != new_options.idle_timeout_s)
		log_line("reload-partial", "reason=\"listen, admin-listen, connections, "
								   "database-connections, header-size, body-size and "
								   "idle-timeout take a restart\"");
	keep_started(&new_options, &old);
	reconnect =
		!same(old.database, new_options.database) || !same(old.schema, new_options.schema);
	server.options = new_options;
	configure();
	if (!page_init(new_options.token_name, new_options.cookie_name))
		log_line("reload-partial", "reason=\"out of memory\"");
	for (int i = 0; reconnect && i < database_count; i++)
		db_reconnect(databases[i]);
	options_free(&old);
	log_line("reloaded", "config=%s", server.options.config);
}

static int
open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Stops to accept; the requests that are under way are still answered. */
static void
drain(void)
{
	if (server.draining)
		return;
	server.draining = true;
	log_line("draining", "open_requests=%d", server.open_requests);
	http_quiesce(&public_http);
}

static void
take_signals(int fd, int argc, char **argv)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == (ssize_t) sizeof(info))
		if (info.ssi_signo == SIGHUP)
			reload(argc, argv);
		else
			drain();
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Gives the time until something has to be done even if nothing happens. */
static struct timespec
timeout_now(int64_t now)
{
	int64_t timeout = SWEEP;

	timeout = least(timeout, http_timeout(&public_http) * INT64_C(1000));
	timeout = least(timeout, http_timeout(&admin_http) * INT64_C(1000));
	timeout = least(timeout, lane_timeout(&server.hits, now));
	timeout = least(timeout, lane_timeout(&server.asks, now));
	return (struct timespec){.tv_sec = timeout / 1000000,
							 .tv_nsec = timeout % 1000000 * 1000};
}

/* Waits for something to happen, and lets every part do what it can at once. */
static void
turn(int signals, int argc, char **argv)
{
	enum
	{
		OTHERS = 3
	};
	struct pollfd fds[OTHERS + OPTION_DATABASE_CONNECTIONS_MAX + 1] = {
		{.fd = signals, .events = POLLIN},
		{.fd = http_events(&public_http), .events = POLLIN},
		{.fd = http_events(&admin_http), .events = POLLIN}};
	struct timespec timeout;

	for (int i = 0; i < database_count; i++)
	{
		struct pollfd *fd = &fds[OTHERS + i];

		fd->fd = -1;
		fd->events = db_events(databases[i], &fd->fd);
	}
	timeout = timeout_now(clock_now());
	if (ppoll(fds, (nfds_t) (OTHERS + database_count), &timeout, NULL) < 0 &&
		errno != EINTR)
		abort();
	if (fds[0].revents != 0)
		take_signals(signals, argc, argv);
	/* answers first: then their connections' next requests go in the next batch */
	for (int i = 0; i < database_count; i++)
		db_run(databases[i], clock_now(), fds[OTHERS + i].revents);
	http_run(&public_http);
	http_run(&admin_http);
	lane_run(&server.hits, clock_now());
	lane_run(&server.asks, clock_now());
}

/* Answers what is still waiting with 503, and sends it. */
static void
give_up(void)
{
	lane_give_up(&server.hits);
	lane_give_up(&server.asks);
	for (int i = 0; i < 3; i++)
	{
		http_run(&public_http);
		http_run(&admin_http);
	}
}

static void
serve(int signals, int argc, char **argv)
{
	int64_t swept = clock_now();
	int64_t drain_end = INT64_MAX;

	while (!server.draining || (server.open_requests > 0 && clock_now() < drain_end))
	{
		turn(signals, argc, argv);
		if (server.draining && drain_end == INT64_MAX)
			drain_end = clock_now() + (int64_t) server.options.drain_timeout_ms * 1000;
		if (clock_now() - swept < SWEEP)
			continue;
		swept = clock_now();
		connection_cut_slow(swept);
	}
	give_up();
}

int
main(int argc, char **argv)
{
	OptionsOutcome outcome = options_read(argc, argv, &server.options);
	int signals;

	if (outcome != OPTIONS_RUN)
		return outcome == OPTIONS_EXIT ? EXIT_SUCCESS : EXIT_FAILURE;
	signals = open_signals();
	srand((unsigned) (clock_now() ^ getpid()));
	if (signals < 0 || !start())
		return EXIT_FAILURE;
	log_line("started", "version=%s listen=%s admin=%s", SMSTRACK_VERSION,
			 server.options.listen, server.options.admin_listen);
	serve(signals, argc, argv);
	http_stop(&public_http);
	http_stop(&admin_http);
	for (int i = 0; i < database_count; i++)
		db_close(databases[i]);
	log_line("stopped", "open_requests=%d", server.open_requests);
	options_free(&server.options);
	return EXIT_SUCCESS;
}
