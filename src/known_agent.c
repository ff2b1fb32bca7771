/*
 * known_agent.c: remembers for a backend what a user agent says of itself, what the own
 * rules say of it, and whether it is stored. It is forgotten when smstrack.agent_rule or
 * smstrack.user_agent changes otherwise than by a hit (their triggers tell), and when it
 * grows too large. That a user agent is stored is believed after the commit only.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "known_agent.h"
#include "owner_query.h"

#define KNOWN_MAX 8192

typedef struct OwnRule
{
	int32 id;
	text *pattern; /* NULL: the network counts */
	Datum network;
	HitClass class;
} OwnRule;

static MemoryContext context;
static HTAB *agents;
static OwnRule *rules;
static int rule_count;
static bool stale;

/* What the cache depends on. */
static Oid rule_relation;
static Oid agent_relation;

/* Stored in the transaction that runs; remembered at its commit. */
#define STORING_MAX 1024
static uint64 storing[STORING_MAX];
static int storing_count;

static void
invalidate(Oid relid)
{
	if (relid == InvalidOid || relid == rule_relation || relid == agent_relation)
		stale = true;
}

static void
at_transaction_end(XactEvent event, void *argument)
{
	if (event == XACT_EVENT_COMMIT && agents != NULL && !stale)
		for (int i = 0; i < storing_count; i++)
		{
			KnownAgent *agent = hash_search(agents, &storing[i], HASH_FIND, NULL);

			if (agent != NULL)
				agent->stored = true;
		}
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		storing_count = 0;
}

/* What a subtransaction has stored may be gone with it: nothing is remembered then. */
static void
at_subtransaction_end(SubXactEvent event, SubTransactionId id, SubTransactionId parent,
					  void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		storing_count = 0;
}

/* Registers for changes; once a backend. */
void
known_agent_init(void)
{
	catalog_watch(invalidate);
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}

static HitClass
class_by_name(const char *name)
{
	for (HitClass class = HIT_CLASS_VIEW; class <= HIT_CLASS_BOT; class ++)
		if (strcmp(hit_class_name(class), name) == 0)
			return class;
	return HIT_CLASS_NONE;
}

/* Reads a row of the query for the own rules. */
static void
read_rule(HeapTuple tuple, TupleDesc descriptor, OwnRule *rule)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	bool null;
	Datum value;

	rule->id = DatumGetInt32(SPI_getbinval(tuple, descriptor, 1, &null));
	rule->class = class_by_name(SPI_getvalue(tuple, descriptor, 4));
	value = SPI_getbinval(tuple, descriptor, 2, &null);
	if (!null)
		rule->pattern = DatumGetTextPCopy(value);
	else
	{
		value = SPI_getbinval(tuple, descriptor, 3, &null);
		rule->network = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	}
	MemoryContextSwitchTo(old);
}

/* Reads the own rules in the order of their rank. */
static void
load_rules(void)
{
	CatalogUser caller = owner_query_begin(
		"SELECT rule_id, pattern, network::inet, class FROM smstrack.agent_rule "
		"ORDER BY rule_id",
		0, NULL, NULL);
	int count = (int) SPI_processed;
	OwnRule *loaded =
		MemoryContextAllocZero(context, sizeof(OwnRule) * (Size) Max(count, 1));

	for (int i = 0; i < count; i++)
		read_rule(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, &loaded[i]);
	owner_query_end(caller);
	rules = loaded;
	rule_count = count;
}

/* Starts anew where nothing is known yet, too much, or something outdated. */
static void
refresh(void)
{
	HASHCTL control = {.keysize = sizeof(uint64), .entrysize = sizeof(KnownAgent)};

	if (agents != NULL && !stale && hash_get_num_entries(agents) < KNOWN_MAX)
		return;
	if (context == NULL)
		context = AllocSetContextCreate(CacheMemoryContext, "smstrack user agents",
										ALLOCSET_DEFAULT_SIZES);
	stale = true;
	MemoryContextReset(context);
	agents = NULL;
	storing_count = 0;
	rule_relation = catalog_relation(CATALOG_AGENT_RULE);
	agent_relation = catalog_relation(CATALOG_USER_AGENT);
	rule_count = 0;
	stale = false;
	load_rules();
	control.hcxt = context;
	agents = hash_create("smstrack user agents", 256, &control,
						 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Finds the first own rule that fits the text. */
static void
apply_patterns(KnownAgent *agent, const char *cleaned, Size length)
{
	text *subject = NULL;

	for (int i = 0; i < rule_count && agent->own_class == HIT_CLASS_NONE; i++)
	{
		if (rules[i].pattern == NULL)
			continue;
		if (subject == NULL)
			subject = cstring_to_text(
				pg_any_to_server(pnstrdup(cleaned, length), (int) length, PG_UTF8));
		if (DatumGetBool(DirectFunctionCall2Coll(texticregexeq, DEFAULT_COLLATION_OID,
												 PointerGetDatum(subject),
												 PointerGetDatum(rules[i].pattern))))
		{
			agent->own_class = rules[i].class;
			agent->own_rule = rules[i].id;
		}
	}
}

/* Gives what is known of a user agent, cleaned; an empty text is none. */
KnownAgent *
known_agent(const char *cleaned, Size length)
{
	KnownAgent judged = {0};
	KnownAgent *agent;
	uint64 id;

	if (!agent_hash(cleaned, length, &id))
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not compute a SHA-256 with libcrypto")));
	judged.id = id;
	refresh();
	agent = hash_search(agents, &id, HASH_FIND, NULL);
	if (agent != NULL)
		return agent;
	agent_parse(cleaned, length, &judged.facts);
	apply_patterns(&judged, cleaned, length);
	agent = hash_search(agents, &id, HASH_ENTER, NULL);
	*agent = judged;
	return agent;
}

/* Reads the text of a stored user agent, in UTF-8; NULL if it is not stored. */
static char *
stored_text(uint64 id)
{
	Oid types[] = {INT8OID};
	Datum values[] = {Int64GetDatum((int64) id)};
	MemoryContext outside = CurrentMemoryContext;
	CatalogUser caller = owner_query_begin(
		"SELECT user_agent FROM smstrack.user_agent WHERE user_agent_id = $1", 1, types,
		values);
	char *found = SPI_processed == 0 ? NULL : owner_query_text(1, outside);

	owner_query_end(caller);
	return found == NULL ? NULL : pg_server_to_any(found, (int) strlen(found), PG_UTF8);
}

/* Gives what is known of a user agent that a hit refers to; NULL if it is gone. */
KnownAgent *
known_agent_by_id(uint64 id)
{
	KnownAgent *agent;
	char *found;

	refresh();
	agent = hash_search(agents, &id, HASH_FIND, NULL);
	if (agent != NULL)
		return agent;
	found = stored_text(id);
	if (found == NULL)
		return NULL;
	agent = known_agent(found, strlen(found));
	pfree(found);
	return agent->id == id ? agent : NULL;
}

/* Tells whether an own rule is for a part of a network. */
bool
known_agent_rule_within(Datum network)
{
	for (int i = 0; i < rule_count; i++)
		if (rules[i].pattern == NULL &&
			DatumGetBool(DirectFunctionCall2(network_sub, rules[i].network, network)))
			return true;
	return false;
}

/* Notes that the running transaction stores a user agent. */
void
known_agent_storing(uint64 id)
{
	if (storing_count < STORING_MAX)
		storing[storing_count++] = id;
}

/* Gives the class by the first own rule that fits the user agent or the address. */
HitClass
known_agent_own_class(const KnownAgent *agent, bool has_address, Datum address)
{
	for (int i = 0; has_address && i < rule_count; i++)
	{
		if (agent->own_class != HIT_CLASS_NONE && agent->own_rule < rules[i].id)
			break;
		if (rules[i].pattern == NULL &&
			DatumGetBool(DirectFunctionCall2(network_subeq, address, rules[i].network)))
			return rules[i].class;
	}
	return agent->own_class;
}
