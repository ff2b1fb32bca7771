/*
 * store_user_agent.c: writes the user agents of new hits, up to
 * smstrack.user_agent_limit: strangers choose them, and could fill the disk with them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "core/agent.h"
#include "hit_settings.h"
#include "store_run.h"
#include "store_user_agent.h"

/* How long a count of the table is believed; other sessions write to it as well. */
#define COUNT_TRUSTED (10 * USECS_PER_SEC)

/* Counts the rows, no further than to the limit. SPI is connected. */
static int64
count_stored(void)
{
	static StoreStatement statement = {
		.query = "SELECT count(*) FROM (SELECT FROM smstrack.user_agent LIMIT $1) AS u",
		.arguments = 1,
		.types = {INT8OID}};
	Datum values[] = {Int64GetDatum(setting_user_agent_limit)};
	bool null;

	store_run(&statement, values, NULL);
	return DatumGetInt64(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
}

/*
 * Takes room for one more; false if the table is full. Each session may pass the limit by
 * what it writes between two counts, a hundredth of it at most.
 */
static bool
take_room(void)
{
	static int64 stored;
	static int64 taken;
	static int limit = -1;
	static TimestampTz counted_at;
	TimestampTz now = GetCurrentTimestamp();

	if (limit != setting_user_agent_limit || taken > limit / 100 ||
		now - counted_at > COUNT_TRUSTED || now < counted_at)
	{
		limit = setting_user_agent_limit;
		stored = count_stored();
		taken = 0;
		counted_at = now;
	}
	if (stored + taken >= limit)
		return false;
	taken++;
	return true;
}

/* Orders by user agent. */
static int
compare_user_agents(const void *a, const void *b)
{
	const NewHit *x = *(NewHit *const *) a;
	const NewHit *y = *(NewHit *const *) b;

	return x->user_agent_id < y->user_agent_id ? -1 : x->user_agent_id > y->user_agent_id;
}

static void
insert_user_agent(const NewHit *hit)
{
	static StoreStatement statement = {
		.query =
			"INSERT INTO smstrack.user_agent (user_agent_id, user_agent, os, device) "
			"VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		.arguments = 4,
		.types = {INT8OID, TEXTOID, TEXTOID, TEXTOID}};
	Datum values[] = {Int64GetDatum(hit->user_agent_id), PointerGetDatum(hit->user_agent),
					  CStringGetTextDatum(agent_os_name((AgentOs) hit->os)),
					  CStringGetTextDatum(agent_device_name((AgentDevice) hit->device))};

	store_run(&statement, values, NULL);
}

/*
 * Inserts the user agents that may be new, sorted; those that there is no room for lose
 * their text in the hit, so that nobody takes them for stored. SPI is connected.
 */
void
store_user_agents(NewHit *hits, int count)
{
	NewHit **new = palloc(sizeof(NewHit *) * (Size) count);
	int n = 0;

	for (int i = 0; i < count; i++)
		if (hits[i].stored && hits[i].user_agent != NULL)
			new[n++] = &hits[i];
	qsort(new, (size_t) n, sizeof(NewHit *), compare_user_agents);
	for (int i = 0; i < n; i++)
	{
		bool same = i > 0 && new[i - 1]->user_agent_id == new[i]->user_agent_id;

		if (same ? new[i - 1]->user_agent == NULL : !take_room())
			new[i]->user_agent = NULL;
		else if (!same)
			insert_user_agent(new[i]);
	}
	pfree(new);
}
