/*
 * wire.c: writes array elements in binary: nothing is quoted, nothing is parsed.
 */
#include <stdlib.h>
#include <string.h>

#include "../src/core/clean.h"
#include "wire.h"

#define FAMILY_V4 2 /* PGSQL_AF_INET */
#define FAMILY_V6 3

void
wire_begin(Wire *wire)
{
	wire->length = 0;
	wire->failed = false;
}

/* Makes room for more bytes; NULL where there is none. */
static char *
extend(Wire *wire, size_t more)
{
	if (wire->size - wire->length < more)
	{
		size_t size = (wire->length + more) * 2;
		char *bytes = wire->failed ? NULL : realloc(wire->bytes, size);

		if (bytes == NULL)
		{
			wire->failed = true;
			return NULL;
		}
		wire->bytes = bytes;
		wire->size = size;
	}
	wire->length += more;
	return wire->bytes + wire->length - more;
}

static void
put_number(Wire *wire, uint64_t number, int bytes)
{
	char *to = extend(wire, (size_t) bytes);

	if (to != NULL)
		for (int i = 0; i < bytes; i++)
			to[i] = (char) (number >> (8 * (bytes - 1 - i)));
}

/* Begins an array of one dimension whose elements, count of them, follow. */
void
wire_array(Wire *wire, WireType type, int count)
{
	put_number(wire, 1, 4); /* dimensions */
	put_number(wire, 1, 4); /* may have NULLs */
	put_number(wire, (uint64_t) type, 4);
	put_number(wire, (uint64_t) count, 4);
	put_number(wire, 1, 4); /* lower bound */
}

static void
wire_null(Wire *wire)
{
	put_number(wire, UINT32_MAX, 4);
}

void
wire_bytes(Wire *wire, const void *bytes, size_t length)
{
	char *to;

	put_number(wire, length, 4);
	to = extend(wire, length);
	if (to != NULL)
		memcpy(to, bytes, length);
}

/* Writes a stranger's text, cleaned and cut: the server must not refuse it. */
void
wire_text(Wire *wire, const char *text, size_t limit)
{
	size_t start = wire->length;
	size_t length = text == NULL ? 0 : strlen(text);
	char *to;

	if (text == NULL)
	{
		wire_null(wire);
		return;
	}
	if (length > limit)
		length = limit;
	to = extend(wire, 4 + length);
	if (to == NULL)
		return;
	length = clean_text(text, length, to + 4, length);
	wire->length = start;
	put_number(wire, length, 4);
	(void) extend(wire, length);
}

void
wire_timestamp(Wire *wire, int64_t timestamp)
{
	put_number(wire, 8, 4);
	put_number(wire, (uint64_t) timestamp, 8);
}

void
wire_address(Wire *wire, const Address *address)
{
	bool v4 = address_is_v4(address);
	size_t length = v4 ? 4 : 16;
	unsigned char value[4 + 16] = {v4 ? FAMILY_V4 : FAMILY_V6, v4 ? 32 : 128, 0,
								   (unsigned char) length};

	if (!address_is_known(address))
	{
		wire_null(wire);
		return;
	}
	memcpy(value + 4, address->bytes + 16 - length, length);
	wire_bytes(wire, value, 4 + length);
}
