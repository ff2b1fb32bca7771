/*
 * route.h: what a path means, on the public port and on the admin port.
 */
#ifndef REDIRECTOR_ROUTE_H
#define REDIRECTOR_ROUTE_H

#include "request.h"

extern void route_public(Request *request);
extern void route_public_start(Request *request);
extern void admin_route(Request *request);
extern void admin_start(Request *request);

#endif
