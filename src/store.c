/*
 * store.c: runs the statements that write the extension's tables. What is written stands
 * in store_message.c, store_hit.c and store_conversion.c; nothing else writes them.
 *
 * Rows are locked in one order everywhere: message, user_agent, then what counts.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "catalog.h"
#include "store_run.h"

/* Sets what planning depends on, until the owner's role is left. */
static void
plan_with(const char *const settings[][2], int count)
{
	for (int i = 0; i < count; i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Has statements planned once and by index: they look up a few rows of tables whose
 * statistics may be of another hour.
 */
void
store_plan_by_index(void)
{
	static const char *const settings[][2] = {{"plan_cache_mode", "force_generic_plan"},
											  {"enable_seqscan", "off"},
											  {"enable_hashjoin", "off"},
											  {"enable_mergejoin", "off"},
											  {"jit", "off"}};

	/* Citus finds the nodes of a statement by its arguments */
	if (catalog_is_distributed())
		store_plan_anew();
	else
		plan_with(settings, lengthof(settings));
}

/*
 * Has statements planned for each call: their arrays join tables, and a plan made for a
 * short array, or a small table, may step through one for each row of the other.
 */
void
store_plan_anew(void)
{
	static const char *const settings[][2] = {{"plan_cache_mode", "force_custom_plan"},
											  {"jit", "off"}};

	plan_with(settings, lengthof(settings));
}

/* Prepares a statement, once a backend. */
static void
prepare(StoreStatement *statement)
{
	if (statement->plan == NULL)
	{
		SPIPlanPtr plan =
			SPI_prepare(statement->query, statement->arguments, statement->types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare: %s", statement->query);
		statement->plan = plan;
	}
}

/* Runs a statement as the owner; gives the rows it processed. SPI is connected. */
uint64
store_run(StoreStatement *statement, Datum *values, const char *nulls)
{
	prepare(statement);
	if (SPI_execute_plan(statement->plan, values, nulls, false, 0) < 0)
		elog(ERROR, "could not execute: %s", statement->query);
	return SPI_processed;
}

/*
 * The same with a snapshot of now, at each isolation level: of what a lock was waited
 * for, a transaction's own snapshot may be too old to see.
 */
uint64
store_run_latest(StoreStatement *statement, Datum *values, const char *nulls)
{
	prepare(statement);
	if (SPI_execute_snapshot(statement->plan, values, nulls, GetLatestSnapshot(),
							 InvalidSnapshot, false, true, 0) < 0)
		elog(ERROR, "could not execute: %s", statement->query);
	return SPI_processed;
}
