/*
 * store_change.h: the files store_*.c among themselves: what a hit changes in its message
 * and in the tallies, be it new or judged again.
 */
#ifndef SMSTRACK_STORE_CHANGE_H
#define SMSTRACK_STORE_CHANGE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/itemptr.h"

#include "message.h"
#include "store_tally.h"

typedef struct HitChange
{
	int64 message_id;
	const FoundMessage *message; /* NULL: not looked up yet */
	TimestampTz at;
	int32 position;
	int32 country;
	int16 os;
	int16 device;
	char from; /* v, c or b; '\0': the hit is new */
	char to;
	/* of a hit that is judged again: */
	int16 rule; /* from and to */
	int16 signs;
	int16 new_rule;
	int16 new_confidence;
	int16 new_signs;
	Oid partition;
	ItemPointerData tid;
} HitChange;

/* A click that a conversion is credited to, or was named by; at in whole seconds. */
typedef struct ConvertedClick
{
	int64 message_id;
	int32 position;
	TimestampTz at;
} ConvertedClick;

extern Tally *store_converted_clicks(const ConvertedClick *clicks, int count);
extern Tally *store_changes(HitChange *changes, int count);

#endif
