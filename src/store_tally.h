/*
 * store_tally.h: the files store_*.c among themselves: changes of the tallies, gathered
 * and then written at once.
 */
#ifndef SMSTRACK_STORE_TALLY_H
#define SMSTRACK_STORE_TALLY_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "message.h"

/* What a row of smstrack.tally counts. */
typedef enum TallyColumn
{
	TALLY_VIEWS,
	TALLY_CLICKS,
	TALLY_BOTS,
	TALLY_VIEWERS,
	TALLY_CLICKERS,
	TALLY_COLUMNS
} TallyColumn;

typedef struct Tally Tally;

extern Tally *tally_begin(void);
extern void tally_add_position(Tally *tally, const FoundMessage *message, int32 position,
							   TallyColumn column, int64 number);
extern void tally_add_quarter(Tally *tally, const FoundMessage *message, TimestampTz at,
							  TallyColumn column, int64 number);
extern void tally_add_device(Tally *tally, const FoundMessage *message, int32 os,
							 int32 device, int32 country, TallyColumn column,
							 int64 number);
extern void tally_add_country(Tally *tally, const FoundMessage *message, int32 country,
							  TallyColumn column, int64 number);
extern void tally_write(Tally *tally);

#endif
