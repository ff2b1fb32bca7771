/*
 * campaign_use.c: reads a campaign for single messages, once a statement: a statement may
 * prepare very many. What was read is dropped when a campaign, a variant or a link domain
 * changes, and when a (sub)transaction ends, with which the lock is gone.
 *
 * The lock is a heavyweight one of the campaign's id, not one of its row: messages share
 * it, and sharing a row's lock writes a MultiXact for each. A launch takes it alone.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "batch.h"
#include "campaign_use.h"
#include "catalog.h"
#include "domain.h"
#include "recipient.h"
#include "settings.h"

static MemoryContext context; /* NULL: nothing was read */
static bool stale;

/* What was read: for whom, and of what. */
static CampaignUse *held;
static char *held_account;
static char *held_name;
static char *held_link_domain;
static bool held_track;
static TimestampTz held_statement;

static Oid campaign_relation;
static Oid variant_relation;
static Oid link_domain_relation;

static void
invalidate(Oid relid)
{
	if (relid == InvalidOid || relid == campaign_relation || relid == variant_relation ||
		relid == link_domain_relation)
		stale = true;
}

static void
end_transaction(XactEvent event, void *argument)
{
	stale = true;
}

static void
end_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
				   void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		stale = true;
}

void
campaign_use_init(void)
{
	catalog_watch(invalidate);
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
}

/* Reads the campaign's row, under the lock: what came before it was waited for. */
static void
load_campaign(CampaignUse *use, const char *name)
{
	do
	{
		stale = false;
		/* newer than the statement's snapshot: as it is once the lock is held */
		PushActiveSnapshot(GetLatestSnapshot());
		if (!store_launch_campaign(name, false, &use->campaign))
			store_launch_unknown(name);
		PopActiveSnapshot();
		store_launch_share(use->campaign.id);
	} while (stale);
	if (!use->campaign.active)
		store_launch_disabled(name);
}

static void
load_variants(CampaignUse *use)
{
	LaunchRow *rows =
		store_launch_variants(use->campaign.id, VARIANTS_ALL, &use->variant_count);
	int32 *ids = palloc(mul_size(sizeof(int32), (Size) use->variant_count + 1));

	use->variants = palloc0(mul_size(sizeof(ReadyVariant), (Size) use->variant_count));
	allotment_init(&use->allotment, use->campaign.id, use->variant_count);
	for (int i = 0; i < use->variant_count; i++)
	{
		use->variants[i].row = rows[i];
		allotment_set_weight(&use->allotment, i, rows[i].weight);
		ids[i] = rows[i].id;
	}
	/* what runs queries leaves SPI's memory the current one */
	use->allotment_id = batch_plan_single(&use->campaign, ids, &use->allotment);
	MemoryContextSwitchTo(use->context);
}

/* Reads everything; it is in the current memory context. */
static CampaignUse *
load(const char *name, bool track)
{
	MemoryContext lasting = CurrentMemoryContext;
	CampaignUse *use = palloc0(sizeof(CampaignUse));

	use->context = lasting;
	SPI_connect();
	MemoryContextSwitchTo(lasting);
	load_campaign(use, name);
	use->tracking = track ? use->campaign.tracking : 'n';
	PushActiveSnapshot(GetLatestSnapshot());
	load_variants(use);
	use->launched.campaign = use->campaign.id;
	if (use->campaign.launches > 0)
		use->launched.spans = store_launch_spans(use->campaign.id, &use->launched.count);
	PopActiveSnapshot();
	SPI_finish();
	if (use->launched.count > 0)
		launched_keep_probes(&use->launched);
	rendering_init(&use->rendering, domain_for_campaign(use->campaign.link_domain));
	return use;
}

/* Tells whether what is held is what is asked for. */
static bool
is_held(const char *name, bool track)
{
	return held != NULL && !stale &&
		   held_statement == GetCurrentStatementStartTimestamp() && held_track == track &&
		   strcmp(held_name, name) == 0 && strcmp(held_account, setting_account) == 0 &&
		   strcmp(held_link_domain, setting_link_domain) == 0;
}

CampaignUse *
campaign_use(const char *name, bool track, bool nested)
{
	MemoryContext former;
	CampaignUse *use;

	if (!nested && is_held(name, track))
		return held;
	campaign_relation = catalog_relation(CATALOG_CAMPAIGN);
	variant_relation = catalog_relation(CATALOG_VARIANT);
	link_domain_relation = catalog_relation(CATALOG_LINK_DOMAIN);
	if (nested)
	{
		/* what is held is in the middle of being used */
		use = load(name, track);
		stale = true;
		return use;
	}
	held = NULL;
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext, "smstrack campaign in use",
										ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(context);

	former = MemoryContextSwitchTo(context);
	use = load(name, track);
	held_account = pstrdup(setting_account);
	held_link_domain = pstrdup(setting_link_domain);
	held_name = pstrdup(name);
	MemoryContextSwitchTo(former);
	held_track = track;
	held_statement = GetCurrentStatementStartTimestamp();
	held = use;
	return use;
}

/* Reads a variant's template when it is first needed: another may be broken. */
static ReadyVariant *
ready(CampaignUse *use, ReadyVariant *variant)
{
	if (variant->parsed == NULL)
	{
		MemoryContext former = MemoryContextSwitchTo(use->context);
		LaunchRow row = variant->row;

		rendering_ready(&row, use->tracking, variant);
		MemoryContextSwitchTo(former);
	}
	return variant;
}

ReadyVariant *
campaign_use_variant(CampaignUse *use, const text *recipient)
{
	if (use->allotment.total == 0)
		store_launch_no_variant(use->campaign.name);
	return ready(use,
				 &use->variants[allotment_choose(&use->allotment, VARDATA_ANY(recipient),
												 VARSIZE_ANY_EXHDR(recipient))]);
}

ReadyVariant *
campaign_use_variant_by_id(CampaignUse *use, int32 id)
{
	for (int i = 0; i < use->variant_count; i++)
		if (use->variants[i].row.id == id)
			return ready(use, &use->variants[i]);
	return NULL;
}

const unsigned char *
campaign_use_key(CampaignUse *use)
{
	if (!use->has_key)
		recipient_key(use->campaign.account, true, use->key);
	use->has_key = true;
	return use->key;
}
