/*
 * http.h: the HTTP servers on top of libmicrohttpd, and the life of a request in them.
 */
#ifndef REDIRECTOR_HTTP_H
#define REDIRECTOR_HTTP_H

#include <microhttpd.h>
#include <stdbool.h>

#include "page.h"
#include "request.h"

/* Looks at a request's head; may answer it at once. */
typedef void HttpRoute(Request *request);

typedef struct Http
{
	const char *listen; /* address:port */
	HttpRoute *route;	/* at the head */
	HttpRoute *start;	/* when the body is there: answers, or waits in a lane */
	bool is_public;
	int connections;
	struct MHD_Daemon *daemon;
} Http;

extern bool http_start(Http *http);
extern int http_events(const Http *http);
extern void http_run(Http *http);
extern int http_timeout(const Http *http);
extern void http_quiesce(Http *http);
extern void http_stop(Http *http);

extern const char *http_header(const Request *request, const char *name);
extern void http_page(Request *request, Page page);

#endif
