/*
 * fn_message_id.c: ids of messages.
 */
#include "postgres.h"

#include "fmgr.h"

#include "message_id.h"

PG_FUNCTION_INFO_V1(smstrack_next_message_id);
PG_FUNCTION_INFO_V1(smstrack_jump_message_ids);
PG_FUNCTION_INFO_V1(smstrack_is_copy);

/* smstrack.next_message_id(): default of smstrack.message.message_id */
Datum
smstrack_next_message_id(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(message_id_next());
}

/* smstrack.jump_message_ids() */
Datum
smstrack_jump_message_ids(PG_FUNCTION_ARGS)
{
	message_id_jump();
	PG_RETURN_VOID();
}

/* smstrack.is_copy() */
Datum
smstrack_is_copy(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(message_id_is_copy());
}
