/*
 * fn_maintain.c: CALL smstrack_maintain(). A procedure in C, because one in PL/pgSQL
 * cannot both commit and pin its search_path.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/wait_event.h"

#include "catalog.h"
#include "hit_settings.h"

PG_FUNCTION_INFO_V1(smstrack_maintain);
PG_FUNCTION_INFO_V1(smstrack_hit_retention);

/*
 * What a step needs may be held for long by a report: then it is left to the next time.
 */
#define TRIES_MAX 5
#define PAUSE_MS  1000

/* So that a step whose work is never done does not keep the others from theirs. */
#define ROUNDS_MAX 1000

/* Functions of sql/57-upkeep.sql, called again as long as they give true. */
static const struct
{
	const char *query;
	const char *what;
} steps[] = {
	{"SELECT smstrack.upkeep_make_partition()", "making partitions of smstrack.hit"},
	{"SELECT smstrack.upkeep_forget_agents()", "forgetting user agents of old hits"},
	{"SELECT smstrack.upkeep_drop_hits()", "dropping old hits"},
	{"SELECT smstrack.upkeep_fold('smstrack.tally')", "folding smstrack.tally"},
	{"SELECT smstrack.upkeep_fold('smstrack.conversion_tally')",
	 "folding smstrack.conversion_tally"},
	{"SELECT smstrack.upkeep_fold('smstrack.message_tally')",
	 "folding smstrack.message_tally"},
	{"SELECT smstrack.upkeep_fold('smstrack.alias_tally')",
	 "folding smstrack.alias_tally"},
	{"SELECT smstrack.upkeep_forget_sources()", "forgetting sources of hits"},
	{"SELECT smstrack.upkeep_note_recipients()", "noting recipients of new messages"},
};

/* What a step says. */
typedef enum Progress
{
	PROGRESS_DONE,
	PROGRESS_MORE,
	PROGRESS_LOCKED
} Progress;

/*
 * Runs a step once, as the owner, in a transaction of its own: no lock outlives it. It
 * has to see what the locks that it waits for were held for, whatever level is the
 * default.
 */
static Progress
run_step(const char *query)
{
	CatalogUser caller;
	bool null;
	Datum more;

	(void) set_config_option("transaction_isolation", "read committed", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	caller = catalog_become_owner();
	if (SPI_execute(query, false, 0) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not execute: %s", query);
	more = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	catalog_become_caller(caller);
	SPI_commit();
	if (null)
		return PROGRESS_LOCKED;
	return DatumGetBool(more) ? PROGRESS_MORE : PROGRESS_DONE;
}

static void
pause_briefly(void)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, PAUSE_MS,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/* Runs a step until it is done, or has not got its lock too often. */
static void
run_until_done(const char *query, const char *what)
{
	int tries = 0;

	for (int round = 0; round < ROUNDS_MAX; round++)
	{
		Progress progress = run_step(query);

		if (progress == PROGRESS_DONE)
			return;
		if (progress == PROGRESS_MORE)
			continue;
		if (++tries == TRIES_MAX)
		{
			ereport(
				WARNING,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("upkeep left a step out: %s", what),
				 errdetail("Others held what it needs, %d times in a row.", TRIES_MAX),
				 errhint("The next CALL smstrack_maintain() will try again.")));
			return;
		}
		pause_briefly();
	}
}

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
	/* the call's own transaction has a snapshot, and so its level */
	SPI_commit();
	for (int i = 0; i < (int) lengthof(steps); i++)
		run_until_done(steps[i].query, steps[i].what);
	SPI_finish();
	return (Datum) 0;
}

/* smstrack.hit_retention() */
Datum
smstrack_hit_retention(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(setting_hit_retention);
}
