/*
 * launch_rows.h: the rows that a launch writes, many at a time.
 */
#ifndef SMSTRACK_LAUNCH_ROWS_H
#define SMSTRACK_LAUNCH_ROWS_H

#include "postgres.h"

#include "message.h"
#include "store_launch.h"

typedef struct LaunchRows LaunchRows;

/* Opens the tables for a launch; a test of an anonymous campaign is noted for nobody. */
extern LaunchRows *launch_rows_open(const LaunchCampaign *campaign, int64 launch,
									bool test);

/*
 * Enters a message with its outbox row. recipient and body are what is sent; the message
 * itself may keep neither. What message points to must last: see launch_rows_context.
 */
extern void launch_rows_message(LaunchRows *rows, const NewMessage *message,
								text *recipient, text *body);

/* Enters a recipient that is skipped for good; an anonymous campaign names nobody. */
extern void launch_rows_skip(LaunchRows *rows, const text *recipient, const char *reason);

/* Gives the context for what rows point to; it is reset when they are written. */
extern MemoryContext launch_rows_context(LaunchRows *rows);

/* Writes what is left. */
extern void launch_rows_close(LaunchRows *rows);

/* Ids of the messages, from the first to the last; 0: there are none. */
extern int64 launch_rows_first(const LaunchRows *rows);
extern int64 launch_rows_last(const LaunchRows *rows);

#endif
