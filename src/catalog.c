/*
 * catalog.c: finds the extension's relations, and switches to their owner and back. An
 * error leaves the switch to the (sub)transaction's abort, which restores the caller.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "citus.h"

static const char *const names[CATALOG_RELATIONS] = {
	"message",
	"message_id_seq",
	"id_epoch_seq",
	"link_domain",
	"secret",
	"campaign",
	"variant",
	"outbox",
	"launch_skip",
	"campaign_recipient",
	"agent_rule",
	"user_agent",
	"hit",
	"clicker",
	"account_secret",
};

/* Rebuilt when asked for; zero is not known. */
static Oid relations[CATALOG_RELATIONS];
static Oid owner;

/* Where the messages are; believed as long as placed is their relation's oid. */
static CitusPlace place;
static Oid placed;

/*
 * Whoever has cached something. The server has room for ten callbacks in all, and others
 * want some: one of ours calls the rest.
 */
#define WATCHERS_MAX 8

static CatalogWatcher watchers[WATCHERS_MAX];
static int watcher_count;

/* Forgets everything when one of our relations changes (or any may have). */
static void
forget(Oid relid)
{
	for (int i = 0; i < CATALOG_RELATIONS; i++)
		if (relid == InvalidOid || relid == relations[i])
		{
			memset(relations, 0, sizeof(relations));
			owner = InvalidOid;
			placed = InvalidOid;
			return;
		}
}

static void
tell_watchers(Datum argument, Oid relid)
{
	for (int i = 0; i < watcher_count; i++)
		watchers[i](relid);
}

/* Has a function called when relations change (InvalidOid: perhaps all); once a backend. */
void
catalog_watch(CatalogWatcher watcher)
{
	if (watcher_count == WATCHERS_MAX)
		elog(ERROR, "too many caches watch for changes");
	watchers[watcher_count++] = watcher;
}

/* Registers for changes; once a backend, before all who watch. */
void
catalog_init(void)
{
	CacheRegisterRelcacheCallback(tell_watchers, (Datum) 0);
	catalog_watch(forget);
}

Oid
catalog_relation(CatalogRelation relation)
{
	if (!OidIsValid(relations[relation]))
	{
		Oid schema = get_namespace_oid("smstrack", true);
		Oid relid =
			OidIsValid(schema) ? get_relname_relid(names[relation], schema) : InvalidOid;

		if (!OidIsValid(relid))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("relation \"smstrack.%s\" does not exist", names[relation]),
					 errhint("Run CREATE EXTENSION smstrack in this database.")));
		relations[relation] = relid;
	}
	return relations[relation];
}

/* Gives the owner of the extension's tables. */
static Oid
catalog_owner(void)
{
	if (!OidIsValid(owner))
	{
		Oid relid = catalog_relation(CATALOG_MESSAGE);
		HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for relation %u", relid);
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

/* Tells whether Citus has spread messages, outbox and hits over other nodes. */
bool
catalog_is_distributed(void)
{
	Oid messages = catalog_relation(CATALOG_MESSAGE);

	if (placed != messages)
	{
		/* looking may bring news: then they are looked at the next time */
		place = citus_place(messages);
		placed = relations[CATALOG_MESSAGE];
	}
	return place != CITUS_HERE;
}

/*
 * Has Citus fetch rows of distributed tables to where those are that they are joined with,
 * for on other nodes a setting such as smstrack.account has another value; and by one
 * connection a node: each that has written is prepared and committed by itself.
 */
static void
plan_for_nodes(void)
{
	static const char *const settings[][2] = {
		{"citus.local_table_join_policy", "prefer-distributed"},
		{"citus.multi_shard_modify_mode", "sequential"},
		{"citus.max_adaptive_executor_pool_size", "1"}};

	if (place == CITUS_WORKER)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("smstrack cannot be used on a worker node of Citus"),
				 errdetail("Campaigns, link domains, secrets and all sums are on the "
						   "coordinator."),
				 errhint("Connect to the coordinator. There, give a function the rows of "
						 "a materialized WITH query: else Citus calls it where they are.")));
	for (int i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Starts to act as the owner of the tables; catalog_become_caller ends it. The caller's
 * search_path is set aside: else an operator of the caller's would run as the owner.
 */
CatalogUser
catalog_become_owner(void)
{
	CatalogUser caller;

	caller.settings_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	GetUserIdAndSecContext(&caller.user, &caller.security_context);
	SetUserIdAndSecContext(catalog_owner(),
						   caller.security_context | SECURITY_LOCAL_USERID_CHANGE);
	if (catalog_is_distributed())
		plan_for_nodes();
	return caller;
}

void
catalog_become_caller(CatalogUser caller)
{
	AtEOXact_GUC(false, caller.settings_level);
	SetUserIdAndSecContext(caller.user, caller.security_context);
}
