/*
 * store_written.c: notes whom a campaign writes to one at a time, as keyed hashes. Their
 * primary key makes a second session wait for the first; messages of launches are not
 * noted, but searched.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "launched.h"
#include "recipient.h"
#include "store_run.h"
#include "store_written.h"

/* Tells why a claim was not noted. */
static RecipientClaim
refusal(Datum *values)
{
	static StoreStatement opted_out = {
		.query =
			"SELECT FROM smstrack.opt_out WHERE account = $1 AND recipient_hash = $3",
		.arguments = 3,
		.types = {TEXTOID, INT4OID, BYTEAOID}};

	return store_run(&opted_out, values, NULL) > 0 ? CLAIM_OPTED_OUT : CLAIM_HAS_MESSAGE;
}

RecipientClaim
store_claim_recipient(CampaignUse *use, text *recipient)
{
	static StoreStatement claim = {
		.query = "INSERT INTO smstrack.campaign_recipient (campaign, recipient_hash) "
				 "SELECT $2, $3 WHERE NOT EXISTS (SELECT FROM smstrack.opt_out "
				 "  WHERE account = $1 AND recipient_hash = $3) ON CONFLICT DO NOTHING",
		.arguments = 3,
		.types = {TEXTOID, INT4OID, BYTEAOID}};
	Datum values[] = {CStringGetTextDatum(use->campaign.account),
					  Int32GetDatum(use->campaign.id),
					  recipient_hash_datum(campaign_use_key(use), recipient)};
	RecipientClaim result = CLAIM_GRANTED;
	CatalogUser caller;

	if (launched_has(&use->launched, recipient))
		return CLAIM_HAS_MESSAGE;
	caller = catalog_become_owner();
	store_plan_by_index();
	SPI_connect();
	if (store_run(&claim, values, NULL) == 0)
		result = refusal(values);
	SPI_finish();
	catalog_become_caller(caller);
	return result;
}
