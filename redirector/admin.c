/*
 * admin.c: the admin port: whether the process is well, what it has counted, and whether
 * a host is one of ours. It shows nothing about any person.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/core/ascii.h"
#include "asks.h"
#include "form.h"
#include "http.h"
#include "route.h"
#include "server.h"

static void
answer_text(Request *request, unsigned status, char *text, size_t length)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);

	if (response == NULL)
		free(text);
	else
		(void) MHD_add_response_header(response, "Content-Type",
									   "text/plain; version=0.0.4; charset=utf-8");
	request_answer(request, status, response);
}

/* Prints to new memory, and answers with it. */
static void
answer_printed(Request *request, unsigned status, void (*print)(FILE *))
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out != NULL)
	{
		print(out);
		fclose(out);
	}
	answer_text(request, status, text, text == NULL ? 0 : length);
}

static void
print_health(FILE *out)
{
	fprintf(out, "%s\n",
			server.draining				  ? "draining"
			: lane_is_ready(&server.hits) ? "ok"
										  : "database away");
}

static void
print_connection(FILE *out, const Db *db)
{
	fprintf(out,
			"smstrack_database_up{connection=\"%s\"} %d\n"
			"smstrack_database_connects_total{connection=\"%s\"} %llu\n"
			"smstrack_database_losses_total{connection=\"%s\"} %llu\n"
			"smstrack_in_flight{connection=\"%s\"} %d\n",
			db->name, db->state == DB_READY, db->name, (unsigned long long) db->connects,
			db->name, (unsigned long long) db->losses, db->name, db->in_flight);
}

static void
print_metrics(FILE *out)
{
	metrics_write(out);
	fprintf(out, "# HELP smstrack_database_up Whether the database answers.\n"
				 "# TYPE smstrack_database_up gauge\n"
				 "# TYPE smstrack_database_connects_total counter\n"
				 "# TYPE smstrack_database_losses_total counter\n"
				 "# TYPE smstrack_in_flight gauge\n");
	for (int i = 0; i < server.hits.db_count; i++)
		print_connection(out, &server.hits_dbs[i]);
	print_connection(out, &server.asks_db);
	fprintf(out,
			"# HELP smstrack_waiting Requests that were not sent to the database yet.\n"
			"# TYPE smstrack_waiting gauge\n"
			"smstrack_waiting{lane=\"hits\"} %d\nsmstrack_waiting{lane=\"asks\"} %d\n",
			server.hits.waiting, server.asks.waiting);
}

/* Asks whether a host is ours: ?domain= is what Caddy sends. */
static void
start_host(Request *request)
{
	char *host = (char *) (uintptr_t) MHD_lookup_connection_value(
		request->connection, MHD_GET_ARGUMENT_KIND, "domain");

	request->page = PAGE_NO_CONTENT;
	request->kind = &asks_host;
	if (host == NULL || !form_decode(host))
	{
		http_page(request, PAGE_NOT_FOUND);
		return;
	}
	for (char *c = host; *c != '\0'; c++)
		*c = ascii_lower(*c);
	request->parameters[0] = host;
	request->parameter_count = 1;
	lane_add(&server.asks, request);
}

void
admin_route(Request *request)
{
	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
		http_page(request, PAGE_WRONG_METHOD);
}

void
admin_start(Request *request)
{
	if (strcmp(request->path, "/healthz") == 0)
		answer_printed(
			request, lane_is_ready(&server.hits) && !server.draining ? 200 : 503,
			print_health);
	else if (strcmp(request->path, "/metrics") == 0)
		answer_printed(request, 200, print_metrics);
	else if (strcmp(request->path, "/host") == 0)
		start_host(request);
	else
		http_page(request, PAGE_NOT_FOUND);
}
