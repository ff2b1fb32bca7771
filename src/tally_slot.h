/*
 * tally_slot.h: which of a sum's rows a transaction adds to.
 */
#ifndef SMSTRACK_TALLY_SLOT_H
#define SMSTRACK_TALLY_SLOT_H

#include "postgres.h"

extern void tally_slot_init(void);

/* Gives the slot to add to next, where backends are spread over so many; 1 and above. */
extern int16 tally_slot(int backend_slots);

#endif
