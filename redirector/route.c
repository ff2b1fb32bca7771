/*
 * route.c: the public port. What is no link lives under /-/, but for the files that
 * browsers and crawlers ask every host for.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../src/core/ascii.h"
#include "asks.h"
#include "connection.h"
#include "form.h"
#include "hits.h"
#include "http.h"
#include "route.h"
#include "server.h"

#define FORWARDED_MAX 16
#define ORIGIN_MAX	  256

/* Gives the first of some headers that was sent. */
static const char *
first_header(const Request *request, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		const char *value = http_header(request, names[i]);

		if (value != NULL && *value != '\0')
			return value;
	}
	return NULL;
}

typedef struct Forwarded
{
	const char *values[FORWARDED_MAX];
	size_t count;
} Forwarded;

static enum MHD_Result
collect_forwarded(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	Forwarded *forwarded = context;

	(void) kind;
	if (value != NULL && strcasecmp(name, "X-Forwarded-For") == 0)
	{
		/* too many: the last ones are the nearest proxies' */
		if (forwarded->count == FORWARDED_MAX)
			memmove(forwarded->values, forwarded->values + 1,
					--forwarded->count * sizeof(forwarded->values[0]));
		forwarded->values[forwarded->count++] = value;
	}
	return MHD_YES;
}

/* Finds out who asks, and by which scheme: proxies of ours are believed. */
static void
read_client(Request *request)
{
	const Connection *connection = connection_of(request->connection);
	Forwarded forwarded = {.count = 0};
	const char *proto;

	request->https = strcmp(server.options.scheme, "https") == 0;
	if (connection == NULL)
		return;
	request->client = connection->peer;
	if (!address_in(&connection->peer, &server.options.proxies))
		return;
	(void) MHD_get_connection_values(request->connection, MHD_HEADER_KIND, collect_forwarded,
									 &forwarded);
	request->client = address_forwarded(connection->peer, forwarded.values, forwarded.count,
										&server.options.proxies);
	proto = http_header(request, "X-Forwarded-Proto");
	/* of several proxies the first one has spoken to the client */
	if (proto != NULL && strcmp(server.options.scheme, "auto") == 0)
		request->https =
			strcspn(proto, ", \t") == 5 && strncasecmp(proto, "https", 5) == 0;
}

/* Keeps the host in lower case; http's own port is none (RFC 9110, 4.2.3). */
static bool
set_host(Request *request, const char *host, size_t length)
{
	if (!request->https && length > 3 && strncmp(host + length - 3, ":80", 3) == 0)
		length -= 3;
	if (length >= sizeof(request->host))
		return false;
	for (size_t i = 0; i < length; i++)
		request->host[i] = ascii_lower(host[i]);
	request->host[length] = '\0';
	return true;
}

/* Reads the host; a target in absolute form has its own, which wins (RFC 9112, 3.2.2). */
static bool
read_host(Request *request)
{
	const char *host = http_header(request, "Host");
	const char *path = strstr(request->path, "://");

	if (request->path[0] != '/')
	{
		if (path == NULL || (strncasecmp(request->path, "http", 4) != 0))
			return false;
		host = path + 3;
		request->path = host + strcspn(host, "/");
		return set_host(request, host, (size_t) (request->path - host));
	}
	return host == NULL || set_host(request, host, strlen(host));
}

/* Takes the last segment of the path: what precedes it is a sender's prefix. */
static void
read_code(Request *request)
{
	const char *end = request->path + strlen(request->path);
	const char *begin;

	while (end > request->path && end[-1] == '/')
		end--;
	begin = end;
	while (begin > request->path && begin[-1] != '/')
		begin--;
	if ((size_t) (end - begin) < sizeof(request->code))
		memcpy(request->code, begin, (size_t) (end - begin));
}

static void
read_link(Request *request)
{
	static const char *const purposes[] = {"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"};

	request->kind = &hits_kind;
	request->metric = hits_kind.metric;
	request->user_agent = http_header(request, "User-Agent");
	request->referrer = http_header(request, "Referer");
	request->purpose =
		first_header(request, purposes, sizeof(purposes) / sizeof(purposes[0]));
	request->fetch_mode = http_header(request, "Sec-Fetch-Mode");
	request->fetch_dest = http_header(request, "Sec-Fetch-Dest");
	read_code(request);
}

/* Finds the click's token in the cookie that the click has set. */
static const char *
cookie_token(Request *request)
{
	return form_cookie(http_header(request, "Cookie"), server.options.cookie_name,
					   request->token, sizeof(request->token))
			   ? request->token
			   : NULL;
}

/* The fields of a conversion, in the order of the statement's parameters. */
static const char *const conversion_fields[] = {"token", "goal", "order_id", "value",
												"currency"};
#define CONVERSION_FIELDS 5

static bool
read_query(Request *request)
{
	for (int i = 0; i < CONVERSION_FIELDS; i++)
	{
		char *value = (char *) (uintptr_t) MHD_lookup_connection_value(
			request->connection, MHD_GET_ARGUMENT_KIND, conversion_fields[i]);

		if (value != NULL && !form_decode(value))
			return false;
		request->parameters[i] = value == NULL || *value == '\0' ? NULL : value;
	}
	return true;
}

/* Tells whether a pixel leaves out browsers that ask not to be tracked, and this one does. */
static bool
is_refused_by_client(const Request *request)
{
	const char *asked = MHD_lookup_connection_value(request->connection,
													MHD_GET_ARGUMENT_KIND, "gpc");
	const char *control = http_header(request, "Sec-GPC");

	return asked != NULL && control != NULL && strcmp(control, "1") == 0;
}

/* Starts a conversion by beacon or pixel; a broken one is answered as a good one is. */
static void
start_conversion(Request *request)
{
	bool post = strcmp(request->method, "POST") == 0;
	bool good = post ? request->body != NULL && form_read(request->body, conversion_fields,
														  request->parameters,
														  CONVERSION_FIELDS)
					 : read_query(request);

	request->metric = METRIC_CONVERSION;
	request->kind = &asks_convert;
	request->parameter_count = CONVERSION_FIELDS + 1;
	request->parameters[CONVERSION_FIELDS] = "f";
	if (request->parameters[0] == NULL)
	{
		request->parameters[0] = cookie_token(request);
		request->parameters[CONVERSION_FIELDS] = "t";
	}
	if (!good || request->parameters[0] == NULL || request->parameters[1] == NULL ||
		is_refused_by_client(request))
		request->kind->refuse(request);
	else
		lane_add(&server.asks, request);
}

static void
route_conversion(Request *request)
{
	const char *origin = http_header(request, "Origin");

	if (origin != NULL && strlen(origin) <= ORIGIN_MAX)
		request->origin = origin;
	request->page = PAGE_NO_CONTENT;
	if (strcmp(request->method, "POST") == 0)
		request->reads_body = true;
	else if (strcmp(request->method, "GET") == 0)
		request->page = PAGE_PIXEL;
	else if (strcmp(request->method, "OPTIONS") == 0)
		asks_convert.refuse(request);
	else
		http_page(request, PAGE_CONVERSION_METHODS);
}

/* A shop's server reports conversions, signed with the link domain's key. */
static void
start_postback(Request *request)
{
	request->metric = METRIC_CONVERSION;
	request->kind = &asks_postback;
	request->parameters[0] = request->host;
	request->parameters[1] = http_header(request, "Smstrack-Timestamp");
	request->parameters[2] = http_header(request, "Smstrack-Signature");
	request->parameters[3] = request->body;
	request->parameter_count = 4;
	if (request->parameters[1] == NULL || request->parameters[2] == NULL ||
		request->body == NULL)
		http_page(request, PAGE_FORBIDDEN);
	else
		lane_add(&server.asks, request);
}

static void
route_postback(Request *request)
{
	if (strcmp(request->method, "POST") == 0)
		request->reads_body = true;
	else
		http_page(request, PAGE_POSTBACK_METHODS);
}

/* Opting out takes a POST: a preview or a scanner fetches links, but confirms nothing. */
static void
start_opt_out(Request *request)
{
	request->metric = METRIC_OPT_OUT;
	request->kind = &asks_opt_out;
	request->page = PAGE_OPTED_OUT;
	request->parameters[0] = request->code;
	request->parameters[1] = request->host;
	request->parameter_count = 2;
	lane_add(&server.asks, request);
}

/* Shows the same form for every code: what is behind one is seen when it is sent. */
static void
route_opt_out(Request *request)
{
	read_code(request);
	if (strcmp(request->method, "POST") == 0)
		request->reads_body = true;
	else if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0)
		http_page(request, PAGE_OPT_OUT);
	else
		http_page(request, PAGE_OPT_OUT_METHODS);
}

typedef struct Route
{
	const char *path;
	bool is_prefix;
	Page page;
	HttpRoute *head;  /* NULL: the page is the answer to GET and HEAD */
	HttpRoute *start; /* when the body is there */
} Route;

static const Route routes[] = {
	{"/-/conversion", false, PAGE_NO_CONTENT, route_conversion, start_conversion},
	{"/-/opt-out/", true, PAGE_OPTED_OUT, route_opt_out, start_opt_out},
	{"/-/postback", false, PAGE_NO_CONTENT, route_postback, start_postback},
	{"/-/smstrack.js", false, PAGE_SCRIPT, NULL, NULL},
	{"/-/", true, PAGE_NOT_FOUND, NULL, NULL},
	{"/robots.txt", false, PAGE_ROBOTS, NULL, NULL},
	{"/favicon.ico", false, PAGE_NO_CONTENT, NULL, NULL},
	{"/.well-known/", true, PAGE_NOT_FOUND, NULL, NULL},
};

static const Route *
find_route(const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (routes[i].is_prefix ? strncmp(path, routes[i].path, strlen(routes[i].path)) == 0
								: strcmp(path, routes[i].path) == 0)
			return &routes[i];
	return NULL;
}

void
route_public(Request *request)
{
	bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
	const Route *route;

	read_client(request);
	if (!read_host(request))
	{
		http_page(request, PAGE_BAD_REQUEST);
		return;
	}
	route = find_route(request->path);
	if (route != NULL && route->head != NULL)
		route->head(request);
	else if (!reads)
		/* a body has no place here: it is read, and dropped */
		http_page(request, strcmp(request->method, "POST") == 0 ? PAGE_BAD_REQUEST
																 : PAGE_WRONG_METHOD);
	else if (route != NULL)
		http_page(request, route->page);
	else
		read_link(request);
}

void
route_public_start(Request *request)
{
	const Route *route = find_route(request->path);

	if (route != NULL && route->start != NULL)
		route->start(request);
	else
		lane_add(&server.hits, request);
}
