/*
 * wire.h: arrays in the form in which PostgreSQL sends and receives them.
 */
#ifndef REDIRECTOR_WIRE_H
#define REDIRECTOR_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

/* Types by their oids, which never change. */
typedef enum WireType
{
	WIRE_TEXT = 25,
	WIRE_INET = 869,
	WIRE_TIMESTAMPTZ = 1184,
	WIRE_UUID = 2950
} WireType;

/* Memory that grows and is used again; once it could not grow, it stays failed. */
typedef struct Wire
{
	char *bytes;
	size_t length;
	size_t size;
	bool failed;
} Wire;

extern void wire_begin(Wire *wire);
extern void wire_array(Wire *wire, WireType type, int count);
extern void wire_text(Wire *wire, const char *text, size_t limit);
extern void wire_bytes(Wire *wire, const void *bytes, size_t length);
extern void wire_timestamp(Wire *wire, int64_t timestamp);
extern void wire_address(Wire *wire, const Address *address);

#endif
