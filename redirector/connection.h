/*
 * connection.h: the sockets of clients: who holds how many, what comes in on them, and
 * until when a request must be there. The server library reads through it.
 */
#ifndef REDIRECTOR_CONNECTION_H
#define REDIRECTOR_CONNECTION_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "guard.h"
#include "options.h"

typedef struct Connection
{
	bool open;
	bool counted; /* by the limit of connections of an address */
	bool closing; /* no further request is read from it */
	Address peer;
	int64_t started; /* of the request that is coming in; 0: none is */
	Guard guard;
} Connection;

extern bool connection_init(const Options *options);
extern enum MHD_Result connection_accept(void *context, const struct sockaddr *address,
										 socklen_t length);
extern void connection_notify(void *context, struct MHD_Connection *handle,
							  void **socket_context,
							  enum MHD_ConnectionNotificationCode code);
extern Connection *connection_of(struct MHD_Connection *handle);
extern void connection_next(Connection *connection);

/* Cuts those whose request has not come whole in time. */
extern void connection_cut_slow(int64_t now);

#endif
