/*
 * http.c: libmicrohttpd without threads: this program's loop runs it. A request that waits
 * for the database suspends its connection; its answer resumes it.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "clock.h"
#include "connection.h"
#include "http.h"
#include "log.h"
#include "server.h"

/*
 * Memory of a connection: the head of its request, twice, for the library copies cookies
 * before it takes them apart; the body; and what the library keeps of each header, cookie
 * and argument beside the head of the answer. A click whose answer has no room is recorded
 * and not answered.
 */
#define PARTS_AND_ANSWER 12288

const char *
http_header(const Request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void
http_page(Request *request, Page page)
{
	unsigned status;
	struct MHD_Response *response = page_make(page, &status);

	request_answer(request, status, response);
}

void
request_answer(Request *request, unsigned status, struct MHD_Response *response)
{
	request->status = status;
	request->response = response;
	metrics_request(request->metric, status, clock_now() - request->arrived);
	if (request->suspended)
	{
		request->suspended = false;
		MHD_resume_connection(request->connection);
	}
}

void
request_unavailable(Request *request)
{
	http_page(request, PAGE_UNAVAILABLE);
}

/*
 * Makes a request's id (RFC 9562, version 7): the time goes first, so that the index of ids
 * grows at its end and not everywhere.
 */
static bool
make_id(unsigned char id[16])
{
	int64_t ms = clock_timestamp() / 1000 + CLOCK_POSTGRES_EPOCH * 1000;

	if (RAND_bytes(id, 16) != 1)
		return false;
	for (int i = 5; i >= 0; i--, ms >>= 8)
		id[i] = (unsigned char) ms;
	id[6] = (unsigned char) ((id[6] & 0x0f) | 0x70);
	id[8] = (unsigned char) ((id[8] & 0x3f) | 0x80);
	return true;
}

static Request *
request_new(struct MHD_Connection *connection, const char *url, const char *method)
{
	Request *request = calloc(1, sizeof(Request));

	if (request == NULL || !make_id(request->id))
	{
		free(request);
		return NULL;
	}
	request->connection = connection;
	request->arrived = clock_now();
	request->deadline = request->arrived + (int64_t) server.options.wait_limit_ms * 1000;
	request->at = clock_timestamp();
	request->method = method;
	request->path = url;
	request->metric = METRIC_OTHER;
	server.open_requests++;
	return request;
}

/* Keeps a part of the body; the guard has seen to its length. */
static bool
read_body(Request *request, const char *bytes, size_t length)
{
	size_t limit = (size_t) server.options.body_size;

	if (!request->reads_body)
		return true;
	if (request->body == NULL && (request->body = malloc(limit + 1)) == NULL)
		return false;
	if (length > limit - request->body_length)
		return false;
	memcpy(request->body + request->body_length, bytes, length);
	request->body_length += length;
	request->body[request->body_length] = '\0';
	return true;
}

/* Gives the answer to the library. */
static enum MHD_Result
send_answer(Request *request)
{
	const Connection *connection = connection_of(request->connection);
	enum MHD_Result sent;

	if (request->response == NULL)
		return MHD_NO; /* out of memory: the connection is closed */
	if (server.draining || connection == NULL || connection->closing)
		(void) MHD_add_response_header(request->response, "Connection", "close");
	sent = MHD_queue_response(request->connection, request->status, request->response);
	MHD_destroy_response(request->response);
	request->response = NULL;
	return sent;
}

/* Takes the head, then the body, then starts; called again when the answer is there. */
static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	   const char *version, const char *upload, size_t *upload_size, void **state)
{
	const Http *http = context;
	Request *request = *state;

	(void) version;
	if (request == NULL)
	{
		*state = request = request_new(connection, url, method);
		if (request == NULL)
			return MHD_NO;
		http->route(request);
		return MHD_YES;
	}
	if (*upload_size > 0)
	{
		if (!read_body(request, upload, *upload_size))
			return MHD_NO;
		*upload_size = 0;
		return MHD_YES;
	}
	if (request->status == 0 && !request->suspended)
	{
		http->start(request);
		if (request->status == 0)
		{
			request->suspended = true;
			MHD_suspend_connection(connection);
			return MHD_YES;
		}
	}
	return request->status != 0 ? send_answer(request) : MHD_YES;
}

static void
completed(void *context, struct MHD_Connection *handle_, void **state,
		  enum MHD_RequestTerminationCode code)
{
	Request *request = *state;
	Connection *connection = connection_of(handle_);

	(void) context;
	(void) code;
	if (connection != NULL)
		connection_next(connection);
	if (request == NULL)
		return;
	if (request->response != NULL)
		MHD_destroy_response(request->response);
	free(request->body);
	free(request);
	server.open_requests--;
	*state = NULL;
}

/* Leaves escapes as they came: who needs a text unescaped does it with a length. */
static size_t
keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	(void) context;
	(void) connection;
	return strlen(text);
}

static void __attribute__((format(printf, 2, 0)))
ignore_log(void *context, const char *format, va_list arguments)
{
	(void) context;
	(void) format;
	(void) arguments;
}

/* Opens the socket for address:port, [v6]:port or :port. */
static int
open_socket(const char *listen_at)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
								   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	const char *colon = strrchr(listen_at, ':');
	char host[256];
	size_t length = colon == NULL ? 0 : (size_t) (colon - listen_at);
	const char *begin = listen_at;
	struct addrinfo *found = NULL;
	int one = 1;
	int fd;

	if (length >= 2 && begin[0] == '[' && begin[length - 1] == ']')
		begin++, length -= 2;
	snprintf(host, sizeof(host), "%.*s", (int) length, begin);
	if (colon == NULL ||
		getaddrinfo(length == 0 ? NULL : host, colon + 1, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
					bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1024) != 0))
	{
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

bool
http_start(Http *http)
{
	const Options *options = &server.options;
	int fd = open_socket(http->listen);

	if (fd < 0)
	{
		log_line("cannot-listen", "address=%s", http->listen);
		return false;
	}
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
		http->is_public ? connection_accept : NULL, NULL, handle, http,
		MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned) http->connections,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) options->idle_timeout_s,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t) (2 * options->header_size + options->body_size + PARTS_AND_ANSWER),
		MHD_OPTION_NOTIFY_CONNECTION, connection_notify, http->is_public ? http : NULL,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
		keep_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (http->daemon == NULL)
		close(fd);
	return http->daemon != NULL;
}

/* Gives the descriptor that is readable when http_run has something to do. */
int
http_events(const Http *http)
{
	return http->daemon == NULL
			   ? -1
			   : MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void
http_run(Http *http)
{
	if (http->daemon != NULL)
		(void) MHD_run(http->daemon);
}

/* Gives the ms until http_run must be called in any case. */
int
http_timeout(const Http *http)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	if (http->daemon == NULL || MHD_get_timeout(http->daemon, &timeout) != MHD_YES ||
		timeout > 1000)
		return 1000;
	return (int) timeout;
}

/* Accepts nobody any more. */
void
http_quiesce(Http *http)
{
	MHD_socket fd =
		http->daemon == NULL ? MHD_INVALID_SOCKET : MHD_quiesce_daemon(http->daemon);

	if (fd != MHD_INVALID_SOCKET)
		close(fd);
}

void
http_stop(Http *http)
{
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	http->daemon = NULL;
}
