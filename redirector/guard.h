/*
 * guard.h: judges the bytes of HTTP requests before the server library sees them. What
 * two readers could frame differently is refused: the library never gets it.
 */
#ifndef REDIRECTOR_GUARD_H
#define REDIRECTOR_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum GuardState
{
	GUARD_IDLE, /* before the first byte of a request */
	GUARD_METHOD,
	GUARD_TARGET,
	GUARD_VERSION,
	GUARD_NAME,		 /* at the first byte of a header line, or in the name */
	GUARD_VALUE_GAP, /* before a header's value */
	GUARD_VALUE,
	GUARD_LINE_END, /* a CR was read */
	GUARD_BODY,
	GUARD_DONE /* a whole request was read, its answer is awaited */
} GuardState;

typedef struct GuardLimits
{
	size_t head; /* bytes from the request line to the empty line */
	size_t body;
} GuardLimits;

#define GUARD_WORD_MAX 24

/* One connection's reader. All zero is a new one. */
typedef struct Guard
{
	GuardState state;
	GuardState after_line; /* what the line behind GUARD_LINE_END was */
	bool has_host;
	bool has_length;
	bool has_coding;
	bool chunked;
	bool empty_line; /* one before the request is forgiven */
	bool http_1_0;
	size_t head;  /* bytes of the head so far */
	size_t lines; /* header lines so far */
	size_t body;  /* bytes of the body still to come */
	size_t word_length;
	size_t value_end; /* value_length without the blanks at its end */
	size_t value_length;
	char method[GUARD_WORD_MAX];
	char word[GUARD_WORD_MAX];	/* name of the header, or the version */
	char value[GUARD_WORD_MAX]; /* value of a header that frames */
} Guard;

/*
 * Reads bytes as they come from a client. Returns the bytes that may be passed on: all,
 * or those up to the end of a request, behind which nothing is read before its answer.
 * *status is 0, or the status to refuse the request with: then nothing may be passed on.
 */
extern size_t guard_read(Guard *guard, const GuardLimits *limits, const char *bytes,
						 size_t length, int *status);

/* Makes ready for the next request of the connection. */
extern void guard_next(Guard *guard);

#endif
