/*
 * launch.c: one pass over an audience that is sorted by recipient: who is invalid, comes
 * twice, has a message already or opted out is skipped; for the others a variant is
 * allotted, the body rendered, and the message and its outbox row written, in batches.
 *
 * At most one message a recipient and campaign: launches of a campaign wait for each
 * other at its row, and the audience is merged with whom the campaign has messages for.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"

#include "allotment.h"
#include "audience.h"
#include "batch.h"
#include "body.h"
#include "launch.h"
#include "launch_rows.h"
#include "message.h"
#include "message_id.h"
#include "recipient.h"
#include "rendering.h"
#include "shared_message.h"
#include "store_launch.h"
#include "written.h"

/* Memory for sorting the audience, in kB, where work_mem is less: sorted once, on disk.
 */
#define SORT_MEMORY "65536"

/* Rows of the audience between two looks at interrupts, and two reports of progress. */
#define INTERRUPTS_EVERY 1000
#define PROGRESS_EVERY	 10000

/* A variant with the audience's column of each of its merge fields. */
typedef struct LaunchVariant
{
	ReadyVariant ready;
	int columns[TEMPLATE_FIELDS_MAX];
	bool used;
} LaunchVariant;

typedef struct Launch
{
	const LaunchRequest *request;
	LaunchResult *result;
	MemoryContext context; /* of the result; SPI makes its own the current one */
	LaunchCampaign campaign;
	int32 domain_id; /* looked up for each row: the cache may be dropped in between */
	LaunchVariant *variants;
	int variant_count;
	int32 *variant_ids;
	Allotment allotment;
	Batch batch;
	char **columns;
	int column_count;
	Audience *audience;
	Written *written; /* NULL: nobody is skipped for having a message */
	RecipientSet *opted_out;
	RecipientSet *forgotten;
	Rendering rendering;
	LaunchRows *rows; /* NULL: an estimate */
	int64 read;
} Launch;

LaunchTally *
launch_tally(const LaunchResult *result, int variant, int price)
{
	int prices = result->prices->count;

	return &result->tallies[variant * (prices + 1) + (price < 0 ? prices : price)];
}

static void
add_tally(LaunchTally *sum, const LaunchTally *tally)
{
	for (int i = 0; i < LAUNCH_OUTCOMES; i++)
		sum->outcomes[i] += tally->outcomes[i];
	sum->segments_before += tally->segments_before;
	sum->segments_after += tally->segments_after;
}

LaunchTally
launch_total(const LaunchResult *result)
{
	LaunchTally sum = result->rest;

	for (int i = 0; i < result->variant_count * (result->prices->count + 1); i++)
		add_tally(&sum, &result->tallies[i]);
	return sum;
}

static void
check_request(const LaunchRequest *request)
{
	if (!(request->share > 0 && request->share <= 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid share %g", request->share),
						errdetail("A share is greater than 0 and at most 1.")));
	if (request->max_recipients < -1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("maximum of recipients is negative"),
						errhint("Give the most messages to prepare, or NULL for all.")));
}

/* Locks and reads the campaign. */
static void
load_campaign(Launch *launch)
{
	const char *name = launch->request->campaign;

	if (!store_launch_campaign(name, launch->request->write, &launch->campaign))
		store_launch_unknown(name);
	if (!launch->campaign.active)
		store_launch_disabled(name);
	launch->domain_id = domain_for_campaign(launch->campaign.link_domain)->id;
}

/* Gives the number of an audience's column, which joins the list when it is new. */
static int
column_number(Launch *launch, const char *name)
{
	for (int i = 0; i < launch->column_count; i++)
		if (strcmp(launch->columns[i], name) == 0)
			return i;
	launch->columns[launch->column_count] = pstrdup(name);
	return launch->column_count++;
}

/* Finds the columns of a variant's merge fields. */
static void
find_columns(Launch *launch, LaunchVariant *variant)
{
	for (int i = 0; i < variant->ready.parsed->field_count; i++)
	{
		char *name = rendering_field_name(&variant->ready, i);

		audience_check_column(launch->request->audience, name, variant->ready.row.name);
		variant->columns[i] = column_number(launch, name);
	}
}

static void
load_variants(Launch *launch)
{
	LaunchRow *rows = store_launch_variants(
		launch->campaign.id, launch->request->write ? VARIANTS_LOCKED : VARIANTS_SENT,
		&launch->variant_count);
	Size count = (Size) launch->variant_count;

	if (count == 0)
		store_launch_no_variant(launch->campaign.name);
	launch->variants = palloc0(sizeof(LaunchVariant) * count);
	launch->columns = palloc0(sizeof(char *) * count * TEMPLATE_FIELDS_MAX);
	launch->result->variants =
		MemoryContextAllocZero(launch->context, sizeof(char *) * count);
	launch->result->variant_count = launch->variant_count;
	launch->variant_ids = palloc(sizeof(int32) * count);
	allotment_init(&launch->allotment, launch->campaign.id, launch->variant_count);
	for (int i = 0; i < launch->variant_count; i++)
	{
		rendering_ready(&rows[i], launch->campaign.tracking, &launch->variants[i].ready);
		find_columns(launch, &launch->variants[i]);
		launch->variant_ids[i] = rows[i].id;
		allotment_set_weight(&launch->allotment, i, rows[i].weight);
		launch->result->variants[i] = MemoryContextStrdup(launch->context, rows[i].name);
	}
}

/* Starts to write: the launch's id, the codes that are shared, the tables. */
static void
open_rows(Launch *launch)
{
	bool test = launch->request->test;

	launch->result->launch = store_launch_id();
	if (launch->campaign.tracking == 'a')
		for (int v = 0; v < launch->variant_count; v++)
			shared_message_make(&launch->campaign, &launch->variants[v].ready,
								launch->domain_id, test);
	launch->rows = launch_rows_open(&launch->campaign, launch->result->launch, test);
}

/* Opens what is read: prices, whom to skip, the audience. */
static void
open_sources(Launch *launch)
{
	LaunchResult *result = launch->result;
	bool write = launch->request->write;
	MemoryContext former;

	former = MemoryContextSwitchTo(launch->context);
	result->prices =
		price_list_load(launch->campaign.account, GetCurrentTransactionStartTimestamp());
	result->tallies = palloc0(
		mul_size(sizeof(LaunchTally), mul_size((Size) launch->variant_count,
											   (Size) result->prices->count + 1)));
	MemoryContextSwitchTo(former);
	launch->forgotten = recipient_set_forgotten(launch->campaign.account);
	if (launch->campaign.marketing)
		launch->opted_out = recipient_set_opt_outs(launch->campaign.account);
	if (!launch->request->test)
		launch->written = written_open(&launch->campaign, !write);
	launch->audience = audience_open(launch->request->audience, launch->columns,
									 launch->column_count, !write);
}

/* Shows other sessions how far it is. */
static void
report_progress(const Launch *launch)
{
	if (launch->request->write)
		pgstat_report_activity(STATE_RUNNING,
							   psprintf("smstrack_launch \"%s\": " INT64_FORMAT
										" rows of the audience done",
										launch->request->campaign, launch->read));
}

/* Writes one message and its outbox row, as it was rendered. */
static void
write_message(Launch *launch, const ReadyVariant *variant, text *recipient,
			  int64 message_id, int price)
{
	MemoryContext former = MemoryContextSwitchTo(launch_rows_context(launch->rows));
	const Rendering *rendering = &launch->rendering;
	bool anonymous = launch->campaign.tracking == 'a';
	text *body = body_text(rendering->body, rendering->length);
	NewMessage message = {.message_id = message_id,
						  .link_domain = launch->domain_id,
						  .campaign = launch->campaign.id,
						  .variant = variant->row.id,
						  .test = launch->request->test,
						  .links = anonymous ? 0 : (int16) variant->parsed->link_count,
						  .code_length = (int16) rendering->codes.code_length};

	message_set_segments(&message, &rendering->before, &rendering->after);
	message_set_country(&message, recipient);
	recipient = DatumGetTextP(datumCopy(PointerGetDatum(recipient), false, -1));
	if (!anonymous)
	{
		message.recipient = recipient;
		message.target_urls = rendering_targets(rendering, variant);
		message.body = launch->campaign.keep_body ? body : NULL;
	}
	if (price >= 0)
	{
		message.segment_price = launch->result->prices->prices[price].segment_price;
		message.currency = launch->result->prices->prices[price].currency;
	}
	MemoryContextSwitchTo(former);
	launch_rows_message(launch->rows, &message, recipient, body);
}

/* Prepares a recipient, or estimates what it would take. */
static void
prepare_recipient(Launch *launch, LaunchVariant *variant, const AudienceRow *row,
				  int price, LaunchTally *tally)
{
	Rendering *rendering = &launch->rendering;
	LinkDomain *domain = domain_by_id(launch->domain_id);
	int64 message_id = 0;

	for (int i = 0; i < variant->ready.parsed->field_count; i++)
		rendering->values[i] = row->values[variant->columns[i]];
	if (launch->rows != NULL)
	{
		message_id = message_id_next();
		if (launch->campaign.tracking == 'a')
			rendering_share_codes(rendering, &variant->ready);
		else
			rendering_make_codes(rendering, &variant->ready, domain, domain->code_length,
								 message_id);
	}
	rendering_run(rendering, &variant->ready, domain);
	tally->segments_before += rendering->before.segments;
	tally->segments_after += rendering->after.segments;
	if (launch->rows == NULL)
	{
		rendering_check_targets(rendering, &variant->ready);
		return;
	}
	write_message(launch, &variant->ready, row->recipient, message_id, price);
	variant->used = true;
}

/* Decides about a valid recipient that comes for the first time. */
static LaunchOutcome
judge(Launch *launch, const text *recipient, int64 prepared)
{
	const char *bytes = VARDATA_ANY(recipient);
	size_t length = VARSIZE_ANY_EXHDR(recipient);

	if (launch->written != NULL && written_has(launch->written, recipient))
		return LAUNCH_ALREADY;
	if (launch->opted_out != NULL && recipient_set_has(launch->opted_out, bytes, length))
		return LAUNCH_OPTED_OUT;
	if (recipient_set_has(launch->forgotten, bytes, length))
		return LAUNCH_OPTED_OUT;
	if (!allotment_in_share(launch->campaign.id, launch->batch.share, bytes, length))
		return LAUNCH_NOT_IN_SHARE;
	if (launch->request->max_recipients >= 0 &&
		prepared >= launch->request->max_recipients)
		return LAUNCH_OVER_MAXIMUM;
	return LAUNCH_PREPARED;
}

/* Notes whom the launch skips for good, and why; who was forgotten is not named. */
static void
note_skip(Launch *launch, const text *recipient, const char *reason)
{
	if (recipient != NULL && recipient_set_has(launch->forgotten, VARDATA_ANY(recipient),
											   VARSIZE_ANY_EXHDR(recipient)))
		recipient = NULL;
	launch_rows_skip(launch->rows, recipient, reason);
}

static void
go_through(Launch *launch)
{
	static const char *const reasons[LAUNCH_OUTCOMES] = {[LAUNCH_OPTED_OUT] = "opted out",
														 [LAUNCH_INVALID] = "invalid",
														 [LAUNCH_DUPLICATE] =
															 "duplicate"};
	char former[512]; /* a recipient is shorter */
	size_t former_bytes = 0;
	int64 prepared = 0;
	AudienceRow row;

	while (audience_next(launch->audience, &row))
	{
		LaunchOutcome outcome = LAUNCH_INVALID;
		LaunchTally *tally = &launch->result->rest;
		int variant = -1;
		int price = -1;

		if (++launch->read % PROGRESS_EVERY == 0)
			report_progress(launch);
		if (launch->read % INTERRUPTS_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (row.valid)
		{
			const char *bytes = VARDATA_ANY(row.recipient);
			size_t length = VARSIZE_ANY_EXHDR(row.recipient);

			variant = allotment_choose(&launch->allotment, bytes, length);
			price = price_find(launch->result->prices, bytes, length);
			tally = launch_tally(launch->result, variant, price);
			if (length == former_bytes && memcmp(bytes, former, length) == 0)
				outcome = LAUNCH_DUPLICATE;
			else
				outcome = judge(launch, row.recipient, prepared);
			memcpy(former, bytes, length);
			former_bytes = length;
		}
		tally->outcomes[outcome]++;
		if (outcome == LAUNCH_PREPARED)
		{
			prepared++;
			prepare_recipient(launch, &launch->variants[variant], &row, price, tally);
		}
		else if (reasons[outcome] != NULL && launch->rows != NULL)
			note_skip(launch, row.recipient, reasons[outcome]);
	}
}

/* Writes what is left, and the launch itself. */
static void
finish(Launch *launch)
{
	launch_rows_close(launch->rows);
	batch_check(&launch->batch, launch_total(launch->result).outcomes[LAUNCH_PREPARED]);
	store_launch(launch->request, &launch->campaign, &launch->batch, launch->result,
				 launch_rows_first(launch->rows), launch_rows_last(launch->rows));
	for (int i = 0; i < launch->variant_count; i++)
		if (launch->variants[i].used)
			store_launch_freeze(launch->variants[i].ready.row.id, 0);
	/* codes leave the server by the outbox: what was committed must last */
	ForceSyncCommit();
	pgstat_report_activity(STATE_RUNNING, debug_query_string);
}

/* Gives the sort more memory than a common query has; AtEOXact_GUC takes it back. */
static int
raise_memory(void)
{
	int level = NewGUCNestLevel();

	if (work_mem < atoi(SORT_MEMORY))
		(void) set_config_option("work_mem", SORT_MEMORY, PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

/* Goes through the audience; everything in result is in the current memory context. */
void
launch_run(const LaunchRequest *request, LaunchResult *result)
{
	Launch *launch = palloc0(sizeof(Launch));
	MemoryContext context = CurrentMemoryContext;
	int settings_level;

	check_request(request);
	if (request->write)
		PreventCommandIfReadOnly("launching a campaign");
	memset(result, 0, sizeof(*result));
	launch->request = request;
	launch->result = result;
	launch->context = context;
	settings_level = raise_memory();
	SPI_connect();
	load_campaign(launch);
	audience_check(request->audience);
	load_variants(launch);
	batch_plan(request, &launch->campaign, launch->variant_ids, &launch->allotment,
			   &launch->batch);
	/* looked up anew: parsing may have looked at link domains */
	rendering_init(&launch->rendering, domain_by_id(launch->domain_id));
	if (request->write)
		open_rows(launch);
	open_sources(launch);
	go_through(launch);
	audience_close(launch->audience);
	if (request->write)
		finish(launch);
	SPI_finish();
	AtEOXact_GUC(false, settings_level);
}
