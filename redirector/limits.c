/*
 * limits.c: an exact count of connections by address, and a leaky bucket of misses by
 * network. Networks share the buckets of a fixed table, the stalest gives way.
 */
#include <stdlib.h>

#include "limits.h"

/* IPv4 addresses one by one; in IPv6 a customer has a /64. */
#define CONNECTION_V4_BITS 32
#define CONNECTION_V6_BITS 64
#define MISS_V4_BITS	   24
#define MISS_V6_BITS	   48

#define MISS_SLOTS 65536
#define MISS_WAYS  4
#define MINUTE	   INT64_C(60000000)

typedef struct ConnectionSlot
{
	uint64_t hash; /* 0: never used */
	unsigned count;
} ConnectionSlot;

typedef struct MissSlot
{
	uint64_t hash;
	int64_t dry_at; /* when the bucket will have run dry */
} MissSlot;

static ConnectionSlot *connection_slots;
static size_t connection_mask;
static MissSlot *miss_slots;

/* Makes the tables; the first is never more than a quarter full. */
bool
limits_init(size_t connections)
{
	size_t slots = 64;

	while (slots < connections * 4)
		slots *= 2;
	connection_mask = slots - 1;
	connection_slots = calloc(slots, sizeof(ConnectionSlot));
	miss_slots = calloc(MISS_SLOTS, sizeof(MissSlot));
	return connection_slots != NULL && miss_slots != NULL;
}

static uint64_t
connection_hash(const Address *address)
{
	return address_hash(address, CONNECTION_V4_BITS, CONNECTION_V6_BITS);
}

/* Finds the slot of an address, or the free one where it would stand. */
static size_t
connection_find(uint64_t hash)
{
	size_t at = (size_t) hash & connection_mask;

	while (connection_slots[at].hash != 0 && connection_slots[at].hash != hash)
		at = (at + 1) & connection_mask;
	return at;
}

unsigned
limits_connections(const Address *address)
{
	return connection_slots[connection_find(connection_hash(address))].count;
}

void
limits_connect(const Address *address)
{
	uint64_t hash = connection_hash(address);
	ConnectionSlot *slot = &connection_slots[connection_find(hash)];

	slot->hash = hash;
	slot->count++;
}

/* Frees a slot, and moves up those behind it that it kept from their place. */
static void
connection_free(size_t hole)
{
	size_t at = hole;

	for (;;)
	{
		size_t home;

		at = (at + 1) & connection_mask;
		if (connection_slots[at].hash == 0)
			break;
		home = (size_t) connection_slots[at].hash & connection_mask;
		if (((at - home) & connection_mask) >= ((at - hole) & connection_mask))
		{
			connection_slots[hole] = connection_slots[at];
			hole = at;
		}
	}
	connection_slots[hole] = (ConnectionSlot){0};
}

void
limits_disconnect(const Address *address)
{
	size_t at = connection_find(connection_hash(address));

	if (connection_slots[at].count > 0 && --connection_slots[at].count == 0)
		connection_free(at);
}

bool
limits_miss(const Address *address, int per_minute, int64_t now)
{
	uint64_t hash = address_hash(address, MISS_V4_BITS, MISS_V6_BITS);
	MissSlot *ways = &miss_slots[(hash % (MISS_SLOTS / MISS_WAYS)) * MISS_WAYS];
	MissSlot *slot = &ways[0];

	for (size_t i = 0; i < MISS_WAYS; i++)
	{
		if (ways[i].hash == hash)
		{
			slot = &ways[i];
			break;
		}
		if (ways[i].dry_at < slot->dry_at)
			slot = &ways[i];
	}
	if (slot->hash != hash)
		*slot = (MissSlot){.hash = hash};
	if (slot->dry_at < now)
		slot->dry_at = now;
	if (slot->dry_at - now + MINUTE / per_minute > MINUTE)
		return true;
	slot->dry_at += MINUTE / per_minute;
	return false;
}
