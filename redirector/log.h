/*
 * log.h: one line an event on standard error, without personal data: no address, no code,
 * no header is ever given to it.
 */
#ifndef REDIRECTOR_LOG_H
#define REDIRECTOR_LOG_H

extern void log_line(const char *event, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
