/*
 * store_values.h: the files store_*.c among themselves: rows as one list of VALUES, which
 * Citus parts among shards, where it would carry the result of a SELECT to each by a
 * connection of its own.
 */
#ifndef SMSTRACK_STORE_VALUES_H
#define SMSTRACK_STORE_VALUES_H

#include "postgres.h"

#include "store_insert.h"

/* A statement's text before and after the list, and the types of a row's columns. */
typedef struct ValuesStatement
{
	const char *before;
	const char *after;
	int columns;
	const Oid *types;
} ValuesStatement;

/* Runs it for rows; what it returns is in SPI_tuptable. SPI is connected. */
extern void store_values(const ValuesStatement *statement, void *rows, int count,
						 InsertRow row);

#endif
