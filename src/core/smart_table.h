/*
 * smart_table.h: for smart.c, what a character is replaced by.
 */
#ifndef SMSTRACK_SMART_TABLE_H
#define SMSTRACK_SMART_TABLE_H

#include <stdint.h>

/* Each returns NULL for a character that is not in the table. */
extern const char *smart_typography(uint32_t code_point);
extern const char *smart_letter(uint32_t code_point);
extern const char *smart_greek(uint32_t code_point);

#endif
