/*
 * written.c: whom a campaign has messages for, merged with an audience that is sorted as
 * they are: no index on recipients is needed, and no memory. Those of an anonymous
 * campaign, and those that got a message by itself, are hashes, which are kept in memory.
 */
#include "postgres.h"

#include "executor/spi.h"

#include "recipient.h"
#include "written.h"

/* Rows fetched at a time. */
#define FETCH 1000

struct Written
{
	RecipientSet *hashes; /* NULL: none are noted */
	Portal portal;		  /* NULL: there are none, or no more */
	SPITupleTable *table;
	uint64 at;
	uint64 fetched;
};

Written *
written_open(const LaunchCampaign *campaign, bool read_only)
{
	Written *written = palloc0(sizeof(Written));

	if (campaign->tracking == 'a' || campaign->marketing)
		written->hashes = recipient_set_campaign(campaign->account, campaign->id);
	if (campaign->tracking != 'a' && campaign->launches > 0)
		written->portal = store_launch_recipients(campaign->id, read_only);
	return written;
}

/* Gives the recipient that comes next, in byte order; NULL at the end. */
static text *
peek(Written *written)
{
	bool null;

	if (written->portal == NULL)
		return NULL;
	if (written->at == written->fetched)
	{
		if (written->table != NULL)
			SPI_freetuptable(written->table);
		SPI_cursor_fetch(written->portal, true, FETCH);
		written->table = SPI_tuptable;
		written->fetched = SPI_processed;
		written->at = 0;
		if (written->fetched == 0)
		{
			SPI_cursor_close(written->portal);
			written->portal = NULL;
			return NULL;
		}
	}
	return DatumGetTextPP(SPI_getbinval(written->table->vals[written->at],
										written->table->tupdesc, 1, &null));
}

bool
written_has(Written *written, const text *recipient)
{
	text *next;

	if (written->hashes != NULL &&
		recipient_set_has(written->hashes, VARDATA_ANY(recipient),
						  VARSIZE_ANY_EXHDR(recipient)))
		return true;
	while ((next = peek(written)) != NULL)
	{
		int order = recipient_compare(next, recipient);

		if (order >= 0)
			return order == 0;
		written->at++;
	}
	return false;
}

bool
written_find(const LaunchCampaign *campaign, const text *recipient)
{
	Launched launched = {.campaign = campaign->id};

	if (recipient_is_noted(campaign->account, campaign->id, recipient))
		return true;
	if (campaign->tracking == 'a' || campaign->launches == 0)
		return false;
	launched.spans = store_launch_spans(campaign->id, &launched.count);
	return launched_has(&launched, recipient);
}
