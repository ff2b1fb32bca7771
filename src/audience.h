/*
 * audience.h: reads the recipients of a launch from a table or view of the user's own.
 */
#ifndef SMSTRACK_AUDIENCE_H
#define SMSTRACK_AUDIENCE_H

#include "postgres.h"

#include "core/template.h"

/* What smstrack.audience_order puts before a key, and before one that is no recipient. */
#define AUDIENCE_ORDER_BYTES  8
#define AUDIENCE_INVALID_MARK '\x01'

typedef struct Audience Audience;

/* A recipient with the values of the columns that were asked for, in UTF-8. */
typedef struct AudienceRow
{
	text *recipient; /* normalised if valid, else as it stands; NULL where it is NULL */
	bool valid;
	TemplateValue *values;
} AudienceRow;

/*
 * Opens a relation with the caller's rights, sorted by recipient in byte order. Columns
 * are names; NULL where one is no column of it is an error. SPI is connected.
 */
extern Audience *audience_open(Oid relation, char **columns, int column_count,
							   bool read_only);

/* Gives the next row, good until the next call; false at the end. */
extern bool audience_next(Audience *audience, AudienceRow *row);
extern void audience_close(Audience *audience);

/* Complains where a relation is no table or view with a column "recipient"; locks it. */
extern void audience_check(Oid relation);

/* Complains where an audience has no column of a name that a variant uses. */
extern void audience_check_column(Oid relation, const char *column, const char *variant);

#endif
