/*
 * fn_reclassify.c: smstrack_reclassify.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "store.h"

PG_FUNCTION_INFO_V1(smstrack_reclassify);

/* smstrack_reclassify(since) */
Datum
smstrack_reclassify(PG_FUNCTION_ARGS)
{
	int64 changed;

	/* what this transaction has changed before must be seen, or rows are locked in vain */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	changed = store_reclassified(PG_GETARG_TIMESTAMPTZ(0));
	PopActiveSnapshot();
	PG_RETURN_INT64(changed);
}
