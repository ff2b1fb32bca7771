/*
 * hits.c: the one call that records a batch, and what each of its rows means in HTTP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hits.h"
#include "limits.h"
#include "page.h"
#include "wire.h"

#define HEADER_TEXT_MAX 512
#define SHORT_TEXT_MAX	32
#define OPT_OUT_PATH	"/-/opt-out/"

enum
{
	STATEMENT_HITS
};

const DbStatement hits_statements[] = {
	[STATEMENT_HITS] = {"hits", "smstrack_hit_batch($1::text[], $2::text[], "
								"$3::timestamptz[], $4::inet[], $5::text[], $6::text[], "
								"$7::text[], $8::text[], $9::text[], $10::text[], "
								"$11::uuid[]) ORDER BY ordinal"}};
const int hits_statement_count = 1;

/* Columns of smstrack.answer. */
enum
{
	COLUMN_ORDINAL,
	COLUMN_STATUS,
	COLUMN_TARGET_URL,
	COLUMN_CLASS,
	COLUMN_TOKEN,
	COLUMN_COOKIE_DOMAIN,
	COLUMN_COOKIE_MAX_AGE,
	COLUMN_FALLBACK_URL,
	COLUMNS
};

static const Options *options;

void
hits_configure(const Options *new_options)
{
	options = new_options;
}

/* Writes the n-th parameter: one field of every request. */
static void
write_parameter(Wire *wire, int n, const Request *request)
{
	switch (n)
	{
		case 0:
			wire_text(wire, request->code, REQUEST_CODE_MAX);
			break;
		case 1:
			wire_text(wire, request->host[0] == '\0' ? NULL : request->host, REQUEST_HOST_MAX);
			break;
		case 2:
			wire_timestamp(wire, request->at);
			break;
		case 3:
			wire_address(wire, &request->client);
			break;
		case 4:
			wire_text(wire, request->user_agent, HEADER_TEXT_MAX);
			break;
		case 5:
			wire_text(wire, request->referrer, HEADER_TEXT_MAX);
			break;
		case 6:
			wire_text(wire, request->method, SHORT_TEXT_MAX);
			break;
		case 7:
			wire_text(wire, request->purpose, SHORT_TEXT_MAX);
			break;
		case 8:
			wire_text(wire, request->fetch_mode, SHORT_TEXT_MAX);
			break;
		case 9:
			wire_text(wire, request->fetch_dest, SHORT_TEXT_MAX);
			break;
		default:
			wire_bytes(wire, request->id, sizeof(request->id));
			break;
	}
}

bool
hits_send(Db *db, DbTask *task, Request *const *requests, int count)
{
	static const WireType types[] = {WIRE_TEXT, WIRE_TEXT, WIRE_TIMESTAMPTZ, WIRE_INET,
									 WIRE_TEXT, WIRE_TEXT, WIRE_TEXT,		 WIRE_TEXT,
									 WIRE_TEXT, WIRE_TEXT, WIRE_UUID};
	static Wire wire;
	DbParameters parameters = {.count = sizeof(types) / sizeof(types[0])};
	size_t starts[DB_PARAMETERS_MAX];

	wire_begin(&wire);
	for (int n = 0; n < parameters.count; n++)
	{
		starts[n] = wire.length;
		wire_array(&wire, types[n], count);
		for (int i = 0; i < count; i++)
			write_parameter(&wire, n, requests[i]);
		parameters.lengths[n] = (int) (wire.length - starts[n]);
		parameters.formats[n] = 1;
	}
	if (wire.failed)
		return false;
	for (int n = 0; n < parameters.count; n++)
		parameters.values[n] = wire.bytes + starts[n];
	return db_send(db, task, STATEMENT_HITS, &parameters);
}

/* Gives a column's text, or NULL. */
static const char *
column(const PGresult *result, int row, int number)
{
	if (number >= PQnfields(result) || PQgetisnull(result, row, number))
		return NULL;
	return PQgetvalue(result, row, number);
}

/* Adds the cookie of a click; the values are the server's, and still must not break out. */
static void
add_cookie(struct MHD_Response *response, const Request *request, const char *token,
		   const char *domain, const char *max_age)
{
	char cookie[512];

	if (strpbrk(token, ";, \"\\") != NULL || (domain != NULL && strpbrk(domain, ";, ") != NULL))
		return;
	if (snprintf(cookie, sizeof(cookie),
				 "%s=%s; Max-Age=%d; Path=/%s%s; HttpOnly; SameSite=Lax%s",
				 options->cookie_name, token, atoi(max_age), domain == NULL ? "" : "; Domain=",
				 domain == NULL ? "" : domain, request->https ? "; Secure" : "") <
		(int) sizeof(cookie))
		(void) MHD_add_response_header(response, "Set-Cookie", cookie);
}

static MetricClass
metric_of(const char *class)
{
	static const char *const names[] = {"click", "view", "bot"};

	for (MetricClass metric = METRIC_CLICK; metric <= METRIC_BOT; metric++)
		if (class != NULL && strcmp(class, names[metric]) == 0)
			return metric;
	return METRIC_ALIAS;
}

/* Answers a code that leads nowhere: always the same, whatever the reason. */
static void
answer_miss(Request *request, const char *fallback, MetricClass metric)
{
	struct MHD_Response *response;
	unsigned status = 302;

	request->metric = metric;
	if (limits_miss(&request->client, options->misses_per_minute, clock_now()))
		response = page_make(PAGE_TOO_MANY, &status);
	else if (fallback == NULL || (response = page_redirect(fallback)) == NULL)
		response = page_make(PAGE_NOT_FOUND, &status);
	request_answer(request, status, response);
}

/* Sends to the form that confirms an opt-out, at the host that was asked. */
static void
answer_opt_out(Request *request)
{
	struct MHD_Response *response;
	char path[sizeof(OPT_OUT_PATH) + REQUEST_CODE_MAX];
	unsigned status = 302;

	request->metric = METRIC_OPT_OUT;
	snprintf(path, sizeof(path), OPT_OUT_PATH "%s", request->code);
	response = page_redirect_here(path);
	if (response == NULL)
		response = page_make(PAGE_NOT_FOUND, &status);
	request_answer(request, status, response);
}

static void
answer(Request *request, const PGresult *result, int row)
{
	const char *status = column(result, row, COLUMN_STATUS);
	const char *target = column(result, row, COLUMN_TARGET_URL);
	const char *token = column(result, row, COLUMN_TOKEN);
	const char *max_age = column(result, row, COLUMN_COOKIE_MAX_AGE);
	struct MHD_Response *response;

	if (status != NULL && strcmp(status, "opt out") == 0)
	{
		answer_opt_out(request);
		return;
	}
	if (target == NULL || status == NULL || strcmp(status, "found") != 0 ||
		(response = page_redirect(target)) == NULL)
	{
		answer_miss(request, column(result, row, COLUMN_FALLBACK_URL),
					status != NULL && strcmp(status, "not found") == 0 ? METRIC_MISS
																		: METRIC_REFUSED_TARGET);
		return;
	}
	request->metric = metric_of(column(result, row, COLUMN_CLASS));
	if (request->metric == METRIC_CLICK && token != NULL && max_age != NULL)
		add_cookie(response, request, token, column(result, row, COLUMN_COOKIE_DOMAIN),
				   max_age);
	request_answer(request, 302, response);
}

/* The server refused to record this one: nothing is said of its code. */
static void
refuse(Request *request)
{
	unsigned status;
	struct MHD_Response *response = page_make(PAGE_ERROR, &status);

	request_answer(request, status, response);
}

const RequestKind hits_kind = {
	.metric = METRIC_UNANSWERED,
	.statement = STATEMENT_HITS,
	.answer = answer,
	.refuse = refuse,
};
