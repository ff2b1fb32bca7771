/*
 * fn_report.c: smstrack.write_message_tally.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "message_tally.h"

PG_FUNCTION_INFO_V1(smstrack_write_message_tally);

/* smstrack.write_message_tally() */
Datum
smstrack_write_message_tally(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("writing the tally of messages");
	message_tally_write();
	PG_RETURN_VOID();
}
