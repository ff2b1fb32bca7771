/*
 * store_decision.h: decisions, under their campaign's lock.
 */
#ifndef SMSTRACK_STORE_DECISION_H
#define SMSTRACK_STORE_DECISION_H

#include "postgres.h"

#include "utils/jsonb.h"

/* Locks a campaign of the current account; false if there is none. SPI is connected. */
extern bool store_decision_lock(const char *campaign);

/* Records a decision; winner 0: nobody. */
extern void store_decision(int32 campaign, const char *kind, int32 winner,
						   const char *reason, Datum figures);

#endif
