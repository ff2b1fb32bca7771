/*
 * decimal.h: amounts of money as machines write them.
 */
#ifndef SMSTRACK_DECIMAL_H
#define SMSTRACK_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#define DECIMAL_MAX_BYTES 40

extern bool decimal_valid(const char *text, size_t length);

#endif
