/*
 * address.c: one form for IPv4 and IPv6.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

#define V4_PREFIX_BITS 96

static const uint8_t v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

static Address
address_of_v4(const void *four_bytes)
{
	Address address;

	memcpy(address.bytes, v4_prefix, sizeof(v4_prefix));
	memcpy(address.bytes + sizeof(v4_prefix), four_bytes, 4);
	return address;
}

Address
address_of_socket(const struct sockaddr *socket_address)
{
	Address address = {{0}};

	if (socket_address->sa_family == AF_INET)
		return address_of_v4(
			&((const struct sockaddr_in *) (const void *) socket_address)->sin_addr);
	if (socket_address->sa_family == AF_INET6)
		memcpy(address.bytes,
			   &((const struct sockaddr_in6 *) (const void *) socket_address)->sin6_addr,
			   sizeof(address.bytes));
	return address;
}

bool
address_is_v4(const Address *address)
{
	return memcmp(address->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

bool
address_is_known(const Address *address)
{
	static const Address unknown;

	return memcmp(address, &unknown, sizeof(unknown)) != 0;
}

/* Finds the address in a.b.c.d, a.b.c.d:port, v6, [v6] and [v6]:port. */
bool
address_parse(const char *text, size_t length, Address *address)
{
	char plain[INET6_ADDRSTRLEN];
	const char *colon = memchr(text, ':', length);
	uint8_t bytes[16];

	if (length > 0 && text[0] == '[')
	{
		const char *end = memchr(text, ']', length);

		if (end == NULL)
			return false;
		length = (size_t) (end - ++text);
	}
	else if (colon != NULL && memchr(text, '.', (size_t) (colon - text)) != NULL)
		length = (size_t) (colon - text);
	if (length == 0 || length >= sizeof(plain))
		return false;
	memcpy(plain, text, length);
	plain[length] = '\0';
	if (inet_pton(AF_INET, plain, bytes) == 1)
		*address = address_of_v4(bytes);
	else if (inet_pton(AF_INET6, plain, bytes) == 1)
		memcpy(address->bytes, bytes, sizeof(bytes));
	else
		return false;
	return true;
}

/* Zeroes all but the first bits. */
static Address
address_cut(const Address *address, unsigned bits)
{
	Address cut = {{0}};

	memcpy(cut.bytes, address->bytes, bits / 8);
	if (bits % 8 != 0)
		cut.bytes[bits / 8] = (uint8_t) (address->bytes[bits / 8] & (0xff << (8 - bits % 8)));
	return cut;
}

bool
address_in(const Address *address, const NetworkList *list)
{
	for (size_t i = 0; i < list->count; i++)
	{
		Address cut = address_cut(address, list->networks[i].bits);

		if (memcmp(&cut, &list->networks[i].address, sizeof(cut)) == 0)
			return true;
	}
	return false;
}

/* Hashes the network of an address; 0 is no network's hash. */
uint64_t
address_hash(const Address *address, unsigned v4_bits, unsigned v6_bits)
{
	Address cut =
		address_cut(address, address_is_v4(address) ? V4_PREFIX_BITS + v4_bits : v6_bits);
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof(cut.bytes); i++)
		hash = (hash ^ cut.bytes[i]) * UINT64_C(0x100000001b3);
	hash ^= hash >> 29;
	return hash == 0 ? 1 : hash;
}

static bool
network_parse(const char *text, size_t length, Network *network)
{
	const char *slash = memchr(text, '/', length);
	size_t address_length = slash == NULL ? length : (size_t) (slash - text);
	Address address;
	unsigned limit;
	unsigned bits = 0;

	if (!address_parse(text, address_length, &address))
		return false;
	limit = address_is_v4(&address) ? 32 : 128;
	if (slash == NULL)
		bits = limit;
	else
	{
		if (slash + 1 == text + length)
			return false;
		for (const char *digit = slash + 1; digit < text + length; digit++)
		{
			if (*digit < '0' || *digit > '9' || bits > 128)
				return false;
			bits = bits * 10 + (unsigned) (*digit - '0');
		}
		if (bits > limit)
			return false;
	}
	network->bits = address_is_v4(&address) ? V4_PREFIX_BITS + bits : bits;
	network->address = address_cut(&address, network->bits);
	return true;
}

/* Reads networks between commas or spaces into new memory. */
bool
network_list_parse(const char *text, NetworkList *list)
{
	static const char separators[] = ", \t";

	list->count = 0;
	list->networks = calloc(strlen(text) / 2 + 1, sizeof(Network));
	if (list->networks == NULL)
		return false;
	for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators))
	{
		size_t length = strcspn(text, separators);

		if (!network_parse(text, length, &list->networks[list->count++]))
		{
			free(list->networks);
			*list = (NetworkList){0};
			return false;
		}
		text += length;
	}
	return true;
}

/* Finds the last comma-separated item before end; gives where it begins. */
static const char *
last_item(const char *begin, const char *end, size_t *length)
{
	const char *item = end;

	while (item > begin && item[-1] != ',')
		item--;
	*length = (size_t) (end - item);
	while (*length > 0 && (*item == ' ' || *item == '\t'))
		item++, --*length;
	while (*length > 0 && (item[*length - 1] == ' ' || item[*length - 1] == '\t'))
		--*length;
	return item;
}

Address
address_forwarded(Address peer, const char *const *values, size_t count,
				  const NetworkList *proxies)
{
	Address client = peer;

	if (!address_in(&peer, proxies))
		return peer;
	while (count-- > 0)
	{
		const char *begin = values[count];
		const char *end = begin + strlen(begin);

		for (;;)
		{
			size_t length;
			const char *item = last_item(begin, end, &length);
			Address address;

			if (!address_parse(item, length, &address))
				return client;
			client = address;
			if (!address_in(&client, proxies))
				return client;
			while (item > begin && *item != ',')
				item--;
			if (*item != ',')
				break;
			end = item;
		}
	}
	return client;
}
