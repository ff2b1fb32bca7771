/*
 * address.h: addresses of clients: read, compared with networks, cut to networks.
 */
#ifndef REDIRECTOR_ADDRESS_H
#define REDIRECTOR_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* An IPv6 address; an IPv4 one as ::ffff:a.b.c.d. All zero: not known. */
typedef struct Address
{
	uint8_t bytes[16];
} Address;

typedef struct Network
{
	Address address;
	unsigned bits; /* of 128 */
} Network;

typedef struct NetworkList
{
	Network *networks;
	size_t count;
} NetworkList;

extern Address address_of_socket(const struct sockaddr *socket_address);
extern bool address_parse(const char *text, size_t length, Address *address);
extern bool address_is_v4(const Address *address);
extern bool address_is_known(const Address *address);
extern bool address_in(const Address *address, const NetworkList *list);
extern uint64_t address_hash(const Address *address, unsigned v4_bits, unsigned v6_bits);
extern bool network_list_parse(const char *text, NetworkList *list);

/* Walks X-Forwarded-For from the right to the first address that is no proxy of ours. */
extern Address address_forwarded(Address peer, const char *const *values, size_t count,
								 const NetworkList *proxies);

#endif
