/*
 * store_clicker.h: the files store_*.c among themselves: which messages a recipient has
 * clicked.
 */
#ifndef SMSTRACK_STORE_CLICKER_H
#define SMSTRACK_STORE_CLICKER_H

#include "postgres.h"

#include "message.h"

/* A message with its first click. */
typedef struct Clicker
{
	int64 hash; /* of its recipient */
	int64 message_id;
} Clicker;

typedef struct Clickers
{
	Clicker *list;
	int count;
	int room;
} Clickers;

/* Notes a message with its first click; clickers_write writes all. SPI is connected. */
extern void clickers_add(Clickers *clickers, const FoundMessage *message);
extern void clickers_write(const Clickers *clickers);

#endif
