/*
 * connection.c: stands between the sockets and the server library.
 *
 * The library's own reader is lenient, and shows its caller what it made of a request, not
 * what came. It reads sockets by recv(), which this file defines: the bytes of clients go
 * past the guard first. A request that the guard refuses is answered here, and the library
 * sees a lost connection instead. What is read together with a request, behind it, is dropped,
 * and the connection closed behind the answer; what comes later is not read before that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "clock.h"
#include "connection.h"
#include "limits.h"
#include "metrics.h"

/* Files beside the connections: sockets of the database, polls, what the library opens. */
#define OTHER_FILES 64

static Connection *connections; /* by file descriptor */
static int connection_count;
static const Options *options;

/* Makes the table, and sees to it that so many files may be open. */
bool
connection_init(const Options *new_options)
{
	struct rlimit limit;
	/* the admin port has its own, as many as half of the others */
	int files = new_options->connections * 3 / 2 + OTHER_FILES;

	options = new_options;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t) files)
	{
		limit.rlim_cur = (rlim_t) files < limit.rlim_max ? (rlim_t) files : limit.rlim_max;
		if (limit.rlim_cur < (rlim_t) files || setrlimit(RLIMIT_NOFILE, &limit) != 0)
		{
			fprintf(stderr, "%d open files are needed, %llu are allowed\n", files,
					(unsigned long long) limit.rlim_max);
			return false;
		}
	}
	connection_count = files;
	connections = calloc((size_t) files, sizeof(Connection));
	return connections != NULL;
}

static Connection *
connection_at(int fd)
{
	return fd >= 0 && fd < connection_count && connections[fd].open ? &connections[fd] : NULL;
}

/* Turns away who has too many already; a proxy of ours may have all. */
enum MHD_Result
connection_accept(void *context, const struct sockaddr *address, socklen_t length)
{
	Address peer = address_of_socket(address);

	(void) context;
	(void) length;
	if (address_in(&peer, &options->proxies) ||
		limits_connections(&peer) < (unsigned) options->connections_per_address)
		return MHD_YES;
	metrics.turned_away++;
	return MHD_NO;
}

static int
fd_of(struct MHD_Connection *handle)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info == NULL ? -1 : info->connect_fd;
}

static void
opened(struct MHD_Connection *handle, bool counted)
{
	const union MHD_ConnectionInfo *info;
	int fd = fd_of(handle);

	if (fd < 0 || fd >= connection_count)
	{
		/* never passed on unguarded */
		(void) shutdown(fd, SHUT_RDWR);
		return;
	}
	connections[fd] =
		(Connection){.open = true, .counted = counted, .started = clock_now()};
	/* newer libraries keep one answer a connection: asked for after the descriptor */
	info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info != NULL)
		connections[fd].peer = address_of_socket(info->client_addr);
	metrics.accepted++;
	metrics.connections++;
	if (counted)
		limits_connect(&connections[fd].peer);
}

void
connection_notify(void *context, struct MHD_Connection *handle, void **socket_context,
				  enum MHD_ConnectionNotificationCode code)
{
	Connection *connection = connection_at(fd_of(handle));

	(void) socket_context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		opened(handle, context != NULL);
	else if (connection != NULL)
	{
		if (connection->counted)
			limits_disconnect(&connection->peer);
		metrics.connections--;
		connection->open = false;
	}
}

Connection *
connection_of(struct MHD_Connection *handle)
{
	return connection_at(fd_of(handle));
}

/* Makes ready for the next request. */
void
connection_next(Connection *connection)
{
	guard_next(&connection->guard);
	connection->started = 0;
}

/* Answers what the library must not see, and takes away what is left of it. */
static void
refuse(Connection *connection, int fd, int status)
{
	static const struct
	{
		int status;
		const char *reason;
	} reasons[] = {
		{400, "Bad Request"},
		{408, "Request Timeout"},
		{411, "Length Required"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{431, "Request Header Fields Too Large"},
		{501, "Not Implemented"},
		{505, "HTTP Version Not Supported"},
	};
	const char *reason = reasons[0].reason;
	char text[256];
	int length;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			reason = reasons[i].reason;
	length = snprintf(text, sizeof(text),
					  "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nCache-Control: no-store\r\n"
					  "Connection: close\r\n\r\n",
					  status, reason);
	(void) send(fd, text, (size_t) length, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void) shutdown(fd, SHUT_WR);
	/* closing with unread bytes would reset the connection before the answer is read */
	for (int i = 0; i < 64; i++)
		if (recvfrom(fd, text, sizeof(text), MSG_DONTWAIT, NULL, NULL) <= 0)
			break;
	connection->closing = true;
	metrics_request(METRIC_OTHER, (unsigned) status, clock_now() - connection->started);
}

/* Judges what was read; gives what the library is told. */
static ssize_t
filter(Connection *connection, int fd, const char *bytes, size_t length)
{
	GuardLimits limits = {(size_t) options->header_size, (size_t) options->body_size};
	size_t passed;
	int status;

	if (connection->guard.state == GUARD_DONE)
		connection->closing = true;
	if (connection->closing)
	{
		errno = ECONNRESET;
		return -1;
	}
	if (connection->started == 0)
		connection->started = clock_now();
	passed = guard_read(&connection->guard, &limits, bytes, length, &status);
	if (status != 0)
	{
		metrics.framing_refused++;
		refuse(connection, fd, status);
		errno = ECONNRESET;
		return -1;
	}
	if (connection->guard.state == GUARD_DONE)
		connection->started = 0;
	connection->closing = passed < length;
	return (ssize_t) passed;
}

/* Reads for the whole process; sockets that are no client's are not looked at. */
ssize_t
recv(int fd, void *buffer, size_t size, int flags)
{
	ssize_t length = recvfrom(fd, buffer, size, flags, NULL, NULL);
	Connection *connection = length > 0 ? connection_at(fd) : NULL;

	return connection == NULL ? length
							  : filter(connection, fd, buffer, (size_t) length);
}

void
connection_cut_slow(int64_t now)
{
	int64_t limit = (int64_t) options->header_timeout_ms * 1000;

	for (int fd = 0; fd < connection_count; fd++)
	{
		Connection *connection = &connections[fd];

		if (!connection->open || connection->closing || connection->started == 0 ||
			now - connection->started < limit)
			continue;
		metrics.slow_cut++;
		if (connection->guard.head > 0)
			refuse(connection, fd, 408);
		connection->closing = true;
		(void) shutdown(fd, SHUT_RDWR);
	}
}
