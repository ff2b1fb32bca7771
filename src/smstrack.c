/*
 * smstrack.c: the module's magic, its version, and _PG_init. Knows the other files;
 * none knows it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "asked_setting.h"
#include "campaign.h"
#include "campaign_use.h"
#include "catalog.h"
#include "domain.h"
#include "hit_settings.h"
#include "hit_source.h"
#include "known_agent.h"
#include "link_settings.h"
#include "message_tally.h"
#include "price.h"
#include "recipient.h"
#include "settings.h"
#include "tally_slot.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

PG_FUNCTION_INFO_V1(smstrack_version);

void
_PG_init(void)
{
	asked_settings_note();
	settings_define();
	hit_settings_define();
	link_settings_define();
	asked_settings_check();
	MarkGUCPrefixReserved("smstrack");
	catalog_init();
	domain_init();
	campaign_init();
	campaign_use_init();
	hit_source_init();
	known_agent_init();
	message_tally_init();
	price_init();
	recipient_init();
	tally_slot_init();
}

/* Returns the library's version, which may be newer than the installed SQL script's. */
Datum
smstrack_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(SMSTRACK_VERSION));
}
