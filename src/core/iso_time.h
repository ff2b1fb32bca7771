/*
 * iso_time.h: times as machines write them.
 */
#ifndef SMSTRACK_ISO_TIME_H
#define SMSTRACK_ISO_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern bool iso_time_read(const char *text, size_t length, int64_t *unix_microseconds);

#endif
