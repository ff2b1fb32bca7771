/*
 * currency.h: codes of currencies that money is paid in.
 */
#ifndef SMSTRACK_CURRENCY_H
#define SMSTRACK_CURRENCY_H

#include <stdbool.h>
#include <stddef.h>

extern bool currency_known(const char *code, size_t length);

#endif
