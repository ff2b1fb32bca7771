/*
 * request.h: one request that waits for the database, from its head to its answer.
 */
#ifndef REDIRECTOR_REQUEST_H
#define REDIRECTOR_REQUEST_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "metrics.h"

struct pg_result;

#define REQUEST_HOST_MAX	   260
#define REQUEST_CODE_MAX	   128
#define REQUEST_TOKEN_MAX	   64
#define REQUEST_PARAMETERS_MAX 6

struct Request;

/* How a kind of request asks the database, and turns what comes back into an answer. */
typedef struct RequestKind
{
	MetricClass metric;
	int statement;
	/* the committed row or rows of this request begin at row */
	void (*answer)(struct Request *request, const struct pg_result *result, int row);
	/* the server refuses this very request */
	void (*refuse)(struct Request *request);
} RequestKind;

/* Texts belong to the server library: they live as long as the request. NULL: not sent.
 */
typedef struct Request
{
	struct Request *next; /* in a lane */
	const RequestKind *kind;
	struct MHD_Connection *connection;
	int64_t arrived;  /* clock_now() */
	int64_t deadline; /* after it, 503 */
	int64_t at;		  /* clock_timestamp() */
	unsigned char id[16];
	Address client;
	bool https;
	int cuts;	/* so often it was under way when a connection was lost */
	bool alone; /* goes in a transaction of its own */

	const char *method;
	const char *user_agent;
	const char *referrer;
	const char *purpose;
	const char *fetch_mode;
	const char *fetch_dest;
	char code[REQUEST_CODE_MAX];
	char host[REQUEST_HOST_MAX];
	const char *path;
	const char *parameters[REQUEST_PARAMETERS_MAX]; /* of a single statement */
	int parameter_count;

	char token[REQUEST_TOKEN_MAX]; /* of the click's cookie */
	int page;					   /* what a single statement is answered with */
	const char *origin;			   /* of a request from another site */
	bool reads_body;
	char *body; /* as far as it has come; ended by NUL */
	size_t body_length;

	bool suspended;
	unsigned status; /* 0: no answer yet */
	MetricClass metric;
	struct MHD_Response *response;
} Request;

/* Gives the answer, and wakes the connection; takes over the response. */
extern void request_answer(Request *request, unsigned status,
						   struct MHD_Response *response);

/* Answers 503: the database was away for too long, or cut this request off too often. */
extern void request_unavailable(Request *request);

#endif
