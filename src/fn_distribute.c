/*
 * fn_distribute.c: smstrack.is_distributed, which the functions in SQL ask.
 */
#include "postgres.h"

#include "fmgr.h"

#include "catalog.h"

PG_FUNCTION_INFO_V1(smstrack_is_distributed);

/* smstrack.is_distributed() */
Datum
smstrack_is_distributed(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(catalog_is_distributed());
}
