/*
 * tally_slot.c: spreads what is added to sums over slots, rows that differ in their slot
 * only, which smstrack_maintain folds into slot 0.
 *
 * A backend has slots of its own, as far as there are enough of them: writers do not wait
 * for each other. A transaction that adds often moves on from slot to slot: each change
 * of a row leaves a version that the next has to step over, and none goes before the
 * transaction ends. A prepared transaction keeps its rows locked while its backend goes
 * on: the next one begins behind its slots.
 */
#include "postgres.h"

#include "access/xact.h"

#include "compat.h"
#include "tally_slot.h"

/* Changes of a slot's rows by one transaction, before it moves on. */
#define CHANGES_MAX 64

#define SLOT_MAX 32000

static uint32 first;   /* move that a transaction of this backend begins with */
static uint32 changes; /* changes by this transaction */

int16
tally_slot(int backend_slots)
{
	uint32 spread = (uint32) backend_slots;
	uint32 move = first + changes++ / CHANGES_MAX;

	return (int16) (1 + (uint32) MyProcNumber % spread +
					spread * (move % (SLOT_MAX / spread)));
}

static void
at_transaction_end(XactEvent event, void *argument)
{
	if (event == XACT_EVENT_PREPARE && changes > 0)
		first += 1 + changes / CHANGES_MAX;
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		changes = 0;
}

/* Registers for the ends of transactions; once a backend. */
void
tally_slot_init(void)
{
	RegisterXactCallback(at_transaction_end, NULL);
}
