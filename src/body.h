/*
 * body.h: message bodies between the database's encoding and UTF-8, which the core reads.
 */
#ifndef SMSTRACK_BODY_H
#define SMSTRACK_BODY_H

extern const char *body_utf8(const text *body, size_t *length);
extern text *body_text(const char *utf8, size_t length);
extern void body_poll(void);

#endif
