/*
 * shared_message.c: an anonymous campaign has one code a link for all. They belong to a
 * message that is sent to nobody, one a variant, found again at the next launch.
 */
#include "postgres.h"

#include "utils/snapmgr.h"

#include "message.h"
#include "message_id.h"
#include "shared_message.h"
#include "store.h"

/* Stores the message that carries the codes. */
static int64
store_shared(const LaunchCampaign *campaign, const ReadyVariant *variant,
			 const LinkDomain *domain, bool test)
{
	NewMessage message = {.message_id = message_id_next(),
						  .link_domain = domain->id,
						  .campaign = campaign->id,
						  .variant = variant->row.id,
						  .test = test,
						  .shared = true,
						  .links = (int16) variant->parsed->link_count,
						  .code_length = (int16) domain->code_length,
						  .encoding_before = 'g',
						  .encoding_after = 'g'};

	store_message(&message);
	return message.message_id;
}

/*
 * Tells whether there is a message already with codes as they are made now. Who made it
 * was perhaps waited for: it is newer than the statement's snapshot then.
 */
static bool
has_shared(const ReadyVariant *variant, const LinkDomain *domain)
{
	FoundMessage found;
	Snapshot snapshot;
	bool exists;

	if (variant->row.shared_message_id == 0)
		return false;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	exists = message_find(variant->row.shared_message_id, snapshot, &found);
	UnregisterSnapshot(snapshot);
	return exists && found.link_domain == domain->id &&
		   found.code_length == domain->code_length;
}

void
shared_message_make(const LaunchCampaign *campaign, ReadyVariant *variant,
					int32 link_domain, bool test)
{
	LinkDomain *domain = domain_by_id(link_domain);
	int64 message_id = variant->row.shared_message_id;

	variant->shared_code_length = domain->code_length;
	if (variant->parsed->link_count == 0)
		return;
	if (test || !has_shared(variant, domain))
	{
		message_id = store_shared(campaign, variant, domain, test);
		if (!test)
			store_launch_freeze(variant->row.id, message_id);
		/* anew: the cache may have been dropped in between */
		domain = domain_by_id(link_domain);
	}
	variant->shared_code_length = domain->code_length;
	for (int i = 0; i < variant->parsed->link_count; i++)
		domain_write_code(domain, domain->code_length, message_id, i,
						  variant->shared_codes[i]);
}
