/*
 * fn_attribute.c: smstrack_attribute.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"

#include "conversion.h"

PG_FUNCTION_INFO_V1(smstrack_attribute);

/* smstrack_attribute(since) */
Datum
smstrack_attribute(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(store_attributed_again(PG_GETARG_TIMESTAMPTZ(0)));
}
