/*
 * store_clicker.h: the files store_*.c among themselves: which messages a recipient has
 * clicked.
 */
#ifndef SMSTRACK_STORE_CLICKER_H
#define SMSTRACK_STORE_CLICKER_H

#include "postgres.h"

#include "message.h"

typedef struct Clickers
{
	Datum *hashes;
	Datum *message_ids;
	int count;
	int room;
} Clickers;

/* Notes a message with its first click; clickers_write writes all. SPI is connected. */
extern void clickers_add(Clickers *clickers, const FoundMessage *message);
extern void clickers_write(const Clickers *clickers);

#endif
