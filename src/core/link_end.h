/*
 * link_end.h: where a link ends whose host is known, by the walk of UTS #58.
 */
#ifndef SMSTRACK_LINK_END_H
#define SMSTRACK_LINK_END_H

#include <stdbool.h>
#include <stddef.h>

typedef struct LinkEnd
{
	size_t end;
	bool placeholder; /* one is inside */
} LinkEnd;

extern bool link_scheme_at(const char *text, size_t length, size_t at);

/* poll, where there is one, is called every few kB; it may longjmp. */
extern LinkEnd link_end(const char *text, size_t length, size_t at, void (*poll)(void));
extern size_t link_token_end(const char *text, size_t length, size_t at, bool whole,
							 void (*poll)(void));

#endif
