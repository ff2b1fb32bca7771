/*
 * store_marks.h: the files store_*.c among themselves: what a message says of its hits.
 */
#ifndef SMSTRACK_STORE_MARKS_H
#define SMSTRACK_STORE_MARKS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/lockoptions.h"

#include "message.h"

typedef struct Marks
{
	int32 viewed;
	int32 clicked;
	TimestampTz first_view; /* DT_NOEND: none */
	TimestampTz first_click;
} Marks;

/* The table of messages, open for locking rows and writing their marks. */
typedef struct MarksTable MarksTable;

extern Marks marks_of(const FoundMessage *message);
extern bool marks_equal(const Marks *a, const Marks *b);
extern MarksTable *marks_table_open(void);
extern void marks_table_close(MarksTable *table);

/*
 * Locks the newest version of a message that was read before, and reads it anew; false if
 * it was deleted.
 */
extern bool marks_lock(MarksTable *table, FoundMessage *message, LockTupleMode mode);

/* Writes the marks of a message that is locked, if only against being judged again. */
extern void marks_write(MarksTable *table, FoundMessage *message, const Marks *marks);

/* The same for one that is not; false if it has to be: somebody else was faster. */
extern bool marks_write_unlocked(MarksTable *table, const FoundMessage *message,
								 const Marks *marks);

#endif
