/*
 * e164.h: writes a recipient's number as ITU-T E.164 has it: +, country code, number. The
 * only place that decides what a recipient is called.
 */
#ifndef SMSTRACK_E164_H
#define SMSTRACK_E164_H

#include <stddef.h>
#include <stdint.h>

/* Longest recipient, in bytes: an identifier that is no number is taken as it is. */
#define E164_RECIPIENT_MAX 256

typedef enum E164Status
{
	E164_NUMBER,	 /* written as +... */
	E164_IDENTIFIER, /* no number: copied as it is */
	E164_INVALID	 /* a number that nobody can have, blank, or too long; copied */
} E164Status;

/*
 * Normalises text into out, which has room for E164_RECIPIENT_MAX bytes; *written of them
 * are used, and no NUL is added. calling_code is the country that national numbers belong
 * to, in digits such as "49"; empty: not known.
 */
extern E164Status e164_normalise(const char *text, size_t length,
								 const char *calling_code, char *out, size_t *written);

/*
 * Gives a number that is never greater for what comes first in byte order: it tells most
 * recipients apart, where their first 8 bytes seldom do.
 */
extern uint64_t e164_order(const char *text, size_t length);

#endif
