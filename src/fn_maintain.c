/*
 * fn_maintain.c: CALL smstrack_maintain(). A procedure in C, because one in PL/pgSQL cannot
 * both commit and pin its search_path.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"

PG_FUNCTION_INFO_V1(smstrack_maintain);

/* Each step is a transaction of its own: no lock is held from one to the next. */
static const char *const steps[] = {
	"SELECT smstrack.make_hit_partitions()",
};

/* smstrack_maintain() */
Datum
smstrack_maintain(PG_FUNCTION_ARGS)
{
	CallContext *context = (CallContext *) fcinfo->context;

	if (context == NULL || !IsA(context, CallContext) || context->atomic)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
						errmsg("smstrack_maintain cannot run inside a transaction block"),
						errhint("Call it alone: CALL smstrack_maintain().")));
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	for (int i = 0; i < (int) lengthof(steps); i++)
	{
		if (SPI_execute(steps[i], false, 0) < 0)
			elog(ERROR, "could not execute: %s", steps[i]);
		SPI_commit();
	}
	SPI_finish();
	return (Datum) 0;
}
