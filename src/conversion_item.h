/*
 * conversion_item.h: conversions and reversals as shops write them: texts, and JSON.
 */
#ifndef SMSTRACK_CONVERSION_ITEM_H
#define SMSTRACK_CONVERSION_ITEM_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "conversion.h"

/* Reads a value in decimal digits. */
extern void conversion_item_value(Conversion *conversion, const char *chars, int length);

/* Reads an array of objects; what is wrong with one stands in its status. */
extern Conversion *conversion_items_read(Jsonb *items, int *count);
extern Reversal *reversal_items_read(Jsonb *items, int *count);

#endif
