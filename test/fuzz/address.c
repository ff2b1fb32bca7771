/*
 * Fuzzes addresses and X-Forwarded-For: an address that is read is read again as the same
 * from how the C library writes it; a network that is read has no bit behind its length;
 * a client is believed only where a proxy of ours asks, and is then who a plain walk over
 * the lines, joined, finds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../redirector/address.c"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VALUES_MAX 4

static Address
address_of_text(const char *text)
{
	Address address;

	if (!address_parse(text, strlen(text), &address))
		abort();
	return address;
}

static bool
same(const Address *a, const Address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void
check_address(const char *text, size_t length)
{
	char written[INET6_ADDRSTRLEN];
	Address address;
	Address again;

	if (!address_parse(text, length, &address))
		return;
	if (inet_ntop(AF_INET6, address.bytes, written, sizeof(written)) == NULL)
		abort();
	/* ::ffff:192.0.2.1 has a colon before its first point: it is an address of IPv6 */
	again = address_of_text(written);
	if (!same(&address, &again) || address_hash(&address, 24, 48) == 0)
		abort();
}

static void
check_networks(const char *text)
{
	NetworkList list;

	if (!network_list_parse(text, &list))
		return;
	for (size_t i = 0; i < list.count; i++)
	{
		Address cut = address_cut(&list.networks[i].address, list.networks[i].bits);

		if (list.networks[i].bits > 128 || !same(&cut, &list.networks[i].address) ||
			!address_in(&list.networks[i].address, &list))
			abort();
	}
	free(list.networks);
}

/* Walks a list as the header is defined: from the right, to the first that is no proxy.
 */
static Address
walk(char *joined, Address client, const NetworkList *proxies)
{
	for (;;)
	{
		char *comma = strrchr(joined, ',');
		char *item = comma == NULL ? joined : comma + 1;
		size_t length;

		item += strspn(item, " \t");
		length = strlen(item);
		while (length > 0 && (item[length - 1] == ' ' || item[length - 1] == '\t'))
			length--;
		if (!address_parse(item, length, &client) || !address_in(&client, proxies) ||
			comma == NULL)
			return client;
		*comma = '\0';
	}
}

/* Lines of the header: each in memory of its own, and all as one. */
static void
check_forwarded(const char *text)
{
	static NetworkList proxies;
	Address proxy = address_of_text("10.0.0.1");
	Address stranger = address_of_text("192.0.2.1");
	char *values[VALUES_MAX];
	char *joined = calloc(strlen(text) + 1, 1);
	size_t count = 0;
	Address client;
	Address expected;

	if (proxies.networks == NULL && !network_list_parse("10.0.0.0/8, fd00::/8", &proxies))
		abort();
	for (const char *end; count < VALUES_MAX && text != NULL; text = end)
	{
		end = strchr(text, '\n');
		values[count] = end == NULL ? strdup(text) : strndup(text, (size_t) (end - text));
		end = end == NULL ? NULL : end + 1;
		if (count > 0)
			strcat(joined, ",");
		strcat(joined, values[count++]);
	}
	client = address_forwarded(stranger, (const char *const *) values, count, &proxies);
	if (!same(&client, &stranger))
		abort();
	client = address_forwarded(proxy, (const char *const *) values, count, &proxies);
	expected = walk(joined, proxy, &proxies);
	if (!same(&client, &expected))
		abort();
	while (count > 0)
		free(values[--count]);
	free(joined);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* exactly sized, for the sanitizer to see a byte too far */
	char *bytes = malloc(size + (size == 0));
	char *text = calloc(size + 1, 1);

	if (size > 0)
	{
		memcpy(bytes, data, size);
		memcpy(text, data, size);
	}
	check_address(bytes, size);
	check_networks(text);
	check_forwarded(text);
	free(text);
	free(bytes);
	return 0;
}
