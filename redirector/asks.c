/*
 * asks.c: single statements and their answers. What a stranger sends is answered the same
 * whether it was taken or not.
 */
#include <string.h>

#include "asks.h"
#include "page.h"

enum
{
	STATEMENT_CONVERT,
	STATEMENT_HOST,
	STATEMENT_OPT_OUT,
	STATEMENT_POSTBACK
};

const DbStatement asks_statements[] = {
	[STATEMENT_CONVERT] = {"convert", "smstrack_convert_click($1::text, $2::text, $3::text, "
									  "$4::text, $5::text, $6::boolean)"},
	[STATEMENT_HOST] = {"host", "smstrack_is_link_host($1::text)"},
	[STATEMENT_OPT_OUT] = {"opt-out", "smstrack_opt_out_link($1::text, $2::text)"},
	[STATEMENT_POSTBACK] = {"postback",
							"smstrack_postback($1::text, $2::text, $3::text, $4::text)"},
};
const int asks_statement_count = sizeof(asks_statements) / sizeof(asks_statements[0]);

bool
asks_send(Db *db, DbTask *task, Request *const *requests, int count)
{
	const Request *request = requests[0];
	DbParameters parameters = {.count = request->parameter_count};

	(void) count; /* the lane's batches have one */
	for (int i = 0; i < request->parameter_count; i++)
		parameters.values[i] = request->parameters[i];
	return db_send(db, task, request->kind->statement, &parameters);
}

/* Lets a page of another site read the answer, as its browser demands. */
static void
add_origin(struct MHD_Response *response, const Request *request)
{
	if (response == NULL || request->origin == NULL)
		return;
	(void) MHD_add_response_header(response, "Access-Control-Allow-Origin", request->origin);
	(void) MHD_add_response_header(response, "Access-Control-Allow-Credentials", "true");
	(void) MHD_add_response_header(response, "Vary", "Origin");
}

static void
answer_page(Request *request)
{
	unsigned status;
	struct MHD_Response *response = page_make((Page) request->page, &status);

	add_origin(response, request);
	request_answer(request, status, response);
}

static void
answer(Request *request, const PGresult *result, int row)
{
	(void) result;
	(void) row;
	answer_page(request);
}

/* Answers with the request's page if the server says true. */
static void
answer_if_true(Request *request, const PGresult *result, int row)
{
	if (row >= PQntuples(result) || PQgetvalue(result, row, 0)[0] != 't')
		request->page = PAGE_NOT_FOUND;
	answer_page(request);
}

const RequestKind asks_convert = {
	.metric = METRIC_CONVERSION,
	.statement = STATEMENT_CONVERT,
	.answer = answer,
	.refuse = answer_page,
};

static void
refuse_page(Request *request)
{
	request->page = PAGE_NOT_FOUND;
	answer_page(request);
}

const RequestKind asks_host = {
	.metric = METRIC_OTHER,
	.statement = STATEMENT_HOST,
	.answer = answer_if_true,
	.refuse = refuse_page,
};

const RequestKind asks_opt_out = {
	.metric = METRIC_OPT_OUT,
	.statement = STATEMENT_OPT_OUT,
	.answer = answer_if_true,
	.refuse = refuse_page,
};

/* Answers a shop's server with what became of its conversions. */
static void
answer_postback(Request *request, const PGresult *result, int row)
{
	if (row >= PQntuples(result) || PQgetisnull(result, row, 0))
	{
		request->page = PAGE_FORBIDDEN;
		answer_page(request);
	}
	else
		request_answer(request, 200, page_json(PQgetvalue(result, row, 0)));
}

/* The signature was right, the body is not. */
static void
refuse_postback(Request *request)
{
	request->page = PAGE_BAD_REQUEST;
	answer_page(request);
}

const RequestKind asks_postback = {
	.metric = METRIC_CONVERSION,
	.statement = STATEMENT_POSTBACK,
	.answer = answer_postback,
	.refuse = refuse_postback,
};
