/*
 * main.c: the loop: one thread waits for sockets, the database and signals.
 */
#include <errno.h>
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

static Http public_http = {
	.route = route_public, .start = route_public_start, .is_public = true};
static Http admin_http = {.route = admin_route, .start = admin_start};

/* Lets the parts know the options, at the start and when they were read again. */
static void
configure(void)
{
	const Options *options = &server.options;

	server.hits_db.conninfo = server.asks_db.conninfo = options->database;
	server.hits_db.schema = server.asks_db.schema = options->schema;
	server.hits_db.stuck_ms = server.asks_db.stuck_ms = options->wait_limit_ms;
	server.hits.batch_size = options->batch_size;
	server.hits.batch_wait_ms = options->batch_wait_ms;
	hits_configure(options);
}

static bool
start(void)
{
	server.hits_db.name = "hits";
	server.hits_db.statements = hits_statements;
	server.hits_db.statement_count = hits_statement_count;
	server.asks_db.name = "asks";
	server.asks_db.statements = asks_statements;
	server.asks_db.statement_count = asks_statement_count;
	server.hits.db = &server.hits_db;
	server.hits.send = hits_send;
	server.asks.db = &server.asks_db;
	server.asks.send = asks_send;
	server.asks.batch_size = 1;
	configure();
	db_init(&server.hits_db);
	db_init(&server.asks_db);
	lane_init(&server.hits);
	lane_init(&server.asks);

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

/* Takes new options; what a listening socket or a table's size hangs on stays. */
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
		old.header_size != new_options.header_size || old.body_size != new_options.body_size ||
		old.idle_timeout_s != new_options.idle_timeout_s)
		log_line("reload-partial", "reason=\"listen, admin-listen, connections, header-size, "
								   "body-size and idle-timeout take a restart\"");
	new_options.connections = old.connections;
	new_options.header_size = old.header_size;
	new_options.body_size = old.body_size;
	reconnect =
		!same(old.database, new_options.database) || !same(old.schema, new_options.schema);
	server.options = new_options;
	configure();
	public_http.listen = new_options.listen;
	admin_http.listen = new_options.admin_listen;
	if (!page_init(new_options.token_name, new_options.cookie_name))
		log_line("reload-partial", "reason=\"out of memory\"");
	if (reconnect)
	{
		db_reconnect(&server.hits_db);
		db_reconnect(&server.asks_db);
	}
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

static int
least(int a, int b)
{
	return a < b ? a : b;
}

static int
timeout_now(int64_t now)
{
	int timeout = least(http_timeout(&public_http), http_timeout(&admin_http));

	timeout = least(timeout, lane_timeout(&server.hits, now));
	timeout = least(timeout, lane_timeout(&server.asks, now));
	return least(timeout, (int) (SWEEP / 1000));
}

/* Waits for something to happen, and lets every part do what it can at once. */
static void
turn(int signals, int argc, char **argv)
{
	struct pollfd fds[5] = {{.fd = signals, .events = POLLIN},
							{.fd = http_events(&public_http), .events = POLLIN},
							{.fd = http_events(&admin_http), .events = POLLIN},
							{.fd = -1},
							{.fd = -1}};

	fds[3].events = db_events(&server.hits_db, &fds[3].fd);
	fds[4].events = db_events(&server.asks_db, &fds[4].fd);
	if (poll(fds, 5, timeout_now(clock_now())) < 0 && errno != EINTR)
		abort();
	if (fds[0].revents != 0)
		take_signals(signals, argc, argv);
	/* answers first: then their connections' next requests go in the next batch */
	db_run(&server.hits_db, clock_now(), fds[3].revents);
	db_run(&server.asks_db, clock_now(), fds[4].revents);
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
	db_close(&server.hits_db);
	db_close(&server.asks_db);
	log_line("stopped", "open_requests=%d", server.open_requests);
	options_free(&server.options);
	return EXIT_SUCCESS;
}
