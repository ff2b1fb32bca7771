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
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "audience.h"
#include "body.h"
#include "body_template.h"
#include "core/link_target.h"
#include "core/segment.h"
#include "domain.h"
#include "launch.h"
#include "message.h"
#include "message_id.h"
#include "recipient.h"
#include "store.h"
#include "store_launch.h"
#include "store_table.h"

/* Rows written at a time. */
#define BATCH 1000

/* Memory for sorting the audience, in kB, where work_mem is less: sorted once, on disk.
 */
#define SORT_MEMORY "65536"

/* Recipients between two reports of progress. */
#define PROGRESS_EVERY 10000

/* Seeds of the hashes that allot variants and shares; changing them re-allots. */
#define VARIANT_SEED UINT64CONST(0x736d737661726961)
#define SHARE_SEED	 UINT64CONST(0x736d737368617265)

/* A variant made ready for rendering. */
typedef struct ReadyVariant
{
	LaunchRow row;
	Template *parsed;
	int columns[TEMPLATE_FIELDS_MAX]; /* the audience's column of each field */
	bool personal;					  /* some link has a merge field */
	char shared_codes[LINK_POSITIONS][CODE_LENGTH_MAX];
	bool used;
} ReadyVariant;

/* Recipients that the campaign has messages for, in the audience's order. */
typedef struct Written
{
	Portal portal; /* NULL: there are none */
	SPITupleTable *table;
	uint64 at;
	uint64 fetched;
} Written;

typedef struct Launch
{
	const LaunchRequest *request;
	LaunchResult *result;
	MemoryContext context; /* of the result; SPI makes its own the current one */
	LaunchCampaign campaign;
	int32 domain_id;
	LinkDomain *domain; /* looked up for each row: the cache may be dropped in between */
	ReadyVariant *variants;
	int variant_count;
	int64 weights;
	char **columns;
	int column_count;
	Audience *audience;
	Written written;
	RecipientSet *opted_out;
	RecipientSet *forgotten;
	RecipientSet *written_hashes; /* anonymous campaigns; NULL: others */
	unsigned char key[32];		  /* of their hashes */
	TemplateCodes codes;
	char code_bytes[LINK_POSITIONS][CODE_LENGTH_MAX];
	TemplateValue values[TEMPLATE_FIELDS_MAX];
	char *scratch;
	size_t scratch_size;
	MemoryContext batch_context;
	TableWriter *messages;
	TableWriter *outbox;
	TableWriter *skips;
	TableWriter *hashes;
	int64 first_message_id;
	int64 last_message_id;
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
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("unknown campaign \"%s\"", name),
				 errhint("Make it: SELECT smstrack_campaign('%s', 'Hi {{name}}, ...').",
						 name)));
	if (!launch->campaign.active)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("campaign \"%s\" is disabled", name)));
	launch->domain = domain_for_campaign(launch->campaign.link_domain);
	launch->domain_id = launch->domain->id;
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

/* An anonymous campaign's links are the same for all. */
static void
check_anonymous(const Launch *launch, const ReadyVariant *variant)
{
	if (launch->campaign.tracking != 'a')
		return;
	if (variant->parsed->opt_out)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an anonymous campaign cannot have opt-out links"),
				 errdetail("Variant \"%s\" has {{opt_out}}, and no recipient is kept.",
						   variant->row.name),
				 errhint("Name a word to answer with instead, such as STOP.")));
	if (variant->personal)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an anonymous campaign cannot have merge fields in links"),
				 errdetail("Variant \"%s\" has one, and there is one code a link for "
						   "all recipients.",
						   variant->row.name),
				 errhint("Take it out, or set tracking to full or none.")));
}

static void
ready_variant(Launch *launch, const LaunchRow *row, ReadyVariant *variant)
{
	Template *parsed;

	variant->row = *row;
	variant->parsed = parsed =
		body_parse_template(row->body, launch->campaign.tracking != 'n');
	body_check_template(parsed);
	for (int i = 0; i < parsed->link_count; i++)
		variant->personal = variant->personal || parsed->personal[i];
	check_anonymous(launch, variant);
	for (int i = 0; i < parsed->field_count; i++)
	{
		char *name = text_to_cstring(
			body_text(parsed->body + parsed->fields[i].start, parsed->fields[i].length));

		audience_check_column(launch->request->audience, name, row->name);
		variant->columns[i] = column_number(launch, name);
	}
}

static void
load_variants(Launch *launch)
{
	LaunchRow *rows = store_launch_variants(launch->campaign.id, launch->request->write,
											&launch->variant_count);

	if (launch->variant_count == 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("campaign \"%s\" has no variant to send",
							   launch->request->campaign),
						errhint("Insert one into smstrack.variant, or give one a weight "
								"above 0.")));
	launch->variants = palloc0(sizeof(ReadyVariant) * (Size) launch->variant_count);
	launch->columns =
		palloc0(sizeof(char *) * (Size) (launch->variant_count * TEMPLATE_FIELDS_MAX));
	launch->result->variants = MemoryContextAllocZero(
		launch->context, sizeof(char *) * (Size) launch->variant_count);
	launch->result->variant_count = launch->variant_count;
	for (int i = 0; i < launch->variant_count; i++)
	{
		ready_variant(launch, &rows[i], &launch->variants[i]);
		launch->weights += rows[i].weight;
		launch->result->variants[i] = MemoryContextStrdup(launch->context, rows[i].name);
	}
}

static char
encoding_letter(const SegmentCount *count)
{
	return count->encoding == SEGMENT_GSM7 ? 'g' : 'u';
}

/* Stores the message that carries the codes of an anonymous campaign's variant. */
static int64
store_shared_message(const Launch *launch, const ReadyVariant *variant)
{
	NewMessage message = {.message_id = message_id_next(),
						  .link_domain = launch->domain_id,
						  .campaign = launch->campaign.id,
						  .variant = variant->row.id,
						  .test = launch->request->test,
						  .shared = true,
						  .links = (int16) variant->parsed->link_count,
						  .code_length = (int16) launch->domain->code_length,
						  .encoding_before = 'g',
						  .encoding_after = 'g'};

	store_message(&message);
	return message.message_id;
}

/* Tells whether a variant's shared message has codes as they are made now. */
static bool
has_shared_message(const Launch *launch, const ReadyVariant *variant)
{
	FoundMessage found;

	return variant->row.shared_message_id != 0 && !launch->request->test &&
		   message_find(variant->row.shared_message_id, GetActiveSnapshot(), &found) &&
		   found.link_domain == launch->domain_id &&
		   found.code_length == launch->domain->code_length;
}

/* Makes the codes that all recipients of an anonymous campaign share. */
static void
make_shared_codes(Launch *launch)
{
	for (int v = 0; v < launch->variant_count; v++)
	{
		ReadyVariant *variant = &launch->variants[v];
		bool again = has_shared_message(launch, variant);
		int64 message_id = variant->row.shared_message_id;

		if (variant->parsed->link_count == 0)
			continue;
		if (!again)
			message_id = store_shared_message(launch, variant);
		if (!again && !launch->request->test)
			store_launch_freeze(variant->row.id, message_id);
		launch->domain = domain_by_id(launch->domain_id);
		for (int i = 0; i < variant->parsed->link_count; i++)
			domain_write_code(launch->domain, launch->domain->code_length, message_id, i,
							  variant->shared_codes[i]);
	}
}

/* Sample codes: of the right length, in digits. An estimate needs no others. */
static void
init_codes(Launch *launch)
{
	/* anew: parsing may have looked at link domains */
	launch->domain = domain_by_id(launch->domain_id);
	memset(launch->code_bytes, '0', sizeof(launch->code_bytes));
	launch->codes.code_length = (size_t) launch->domain->code_length;
	for (int i = 0; i < LINK_POSITIONS; i++)
		launch->codes.codes[i] = launch->code_bytes[i];
}

static void
open_writers(Launch *launch)
{
	launch->messages = table_writer_open(CATALOG_MESSAGE, MESSAGE_COLUMNS, BATCH);
	launch->outbox = table_writer_open(CATALOG_OUTBOX, OUTBOX_COLUMNS, BATCH);
	launch->skips = table_writer_open(CATALOG_LAUNCH_SKIP, LAUNCH_SKIP_COLUMNS, BATCH);
	if (launch->campaign.tracking == 'a')
		launch->hashes = table_writer_open(CATALOG_CAMPAIGN_RECIPIENT,
										   CAMPAIGN_RECIPIENT_COLUMNS, BATCH);
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
	if (launch->campaign.tracking == 'a')
	{
		/* an estimate writes no key: without one, nobody has been written to */
		recipient_key(launch->campaign.account, write, launch->key);
		if (!launch->request->test)
			launch->written_hashes =
				recipient_set_campaign(launch->campaign.account, launch->campaign.id);
	}
	else if (launch->campaign.launches > 0 && !launch->request->test)
		launch->written.portal = store_launch_recipients(launch->campaign.id, !write);
	launch->audience = audience_open(launch->request->audience, launch->columns,
									 launch->column_count, !write);
}

/* Writes what is gathered, message before outbox, and forgets what it pointed to. */
static void
flush(Launch *launch)
{
	MemoryContext former = MemoryContextSwitchTo(launch->batch_context);

	table_writer_flush(launch->messages);
	table_writer_flush(launch->outbox);
	table_writer_flush(launch->skips);
	if (launch->hashes != NULL)
		table_writer_flush(launch->hashes);
	MemoryContextSwitchTo(former);
	MemoryContextReset(launch->batch_context);
	CHECK_FOR_INTERRUPTS();
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

/* Gives the recipient that the campaign has next, in byte order; NULL at the end. */
static text *
written_peek(Written *written)
{
	bool null;

	if (written->portal == NULL)
		return NULL;
	if (written->at == written->fetched)
	{
		if (written->table != NULL)
			SPI_freetuptable(written->table);
		SPI_cursor_fetch(written->portal, true, BATCH);
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

static int
compare_bytes(const text *a, const text *b)
{
	size_t a_bytes = VARSIZE_ANY_EXHDR(a);
	size_t b_bytes = VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_bytes, b_bytes));

	if (order != 0)
		return order;
	return a_bytes < b_bytes ? -1 : a_bytes > b_bytes;
}

/* Tells whether the campaign has a message for a recipient. */
static bool
has_message(Launch *launch, const text *recipient)
{
	text *next;

	if (launch->written_hashes != NULL)
		return recipient_set_has(launch->written_hashes, VARDATA_ANY(recipient),
								 VARSIZE_ANY_EXHDR(recipient));
	while ((next = written_peek(&launch->written)) != NULL)
	{
		int order = compare_bytes(next, recipient);

		if (order >= 0)
			return order == 0;
		launch->written.at++;
	}
	return false;
}

/* A number from 0 to 1 that is the same for a recipient and campaign at every launch. */
static bool
is_in_share(const Launch *launch, const char *recipient, size_t length)
{
	uint64 hash;

	if (launch->request->share == 1)
		return true;
	hash = hash_bytes_extended((const unsigned char *) recipient, (int) length,
							   SHARE_SEED + (uint64) launch->campaign.id);
	return (double) (hash >> 11) * 0x1.0p-53 < launch->request->share;
}

/* Allots a variant by weight; the same one to a recipient at every launch. */
static int
allot_variant(const Launch *launch, const char *recipient, size_t length)
{
	int64 at;
	int variant = 0;

	if (launch->variant_count == 1)
		return 0;
	at = (int64) (hash_bytes_extended((const unsigned char *) recipient, (int) length,
									  VARIANT_SEED + (uint64) launch->campaign.id) %
				  (uint64) launch->weights);
	while (at >= launch->variants[variant].row.weight)
		at -= launch->variants[variant++].row.weight;
	return variant;
}

/* Renders into the scratch, which grows; gives the bytes written. */
static size_t
render_scratch(Launch *launch, const Template *parsed, bool shorten)
{
	size_t bytes = template_render(parsed, launch->values, &launch->codes, shorten,
								   launch->scratch, launch->scratch_size);

	if (bytes > launch->scratch_size)
	{
		launch->scratch = repalloc_huge(launch->scratch, bytes * 2);
		launch->scratch_size = bytes * 2;
		template_render(parsed, launch->values, &launch->codes, shorten, launch->scratch,
						launch->scratch_size);
	}
	return bytes;
}

/* Gives the targets that merge fields made; NULL at positions where the variant's hold.
 */
static ArrayType *
personal_targets(Launch *launch, const ReadyVariant *variant)
{
	Datum urls[LINK_POSITIONS];
	bool nulls[LINK_POSITIONS];
	int count = variant->parsed->link_count;
	int lower = 1;

	if (!variant->personal)
		return NULL;
	for (int i = 0; i < count; i++)
	{
		char url[LINK_TARGET_MAX];
		size_t bytes =
			template_render_link(variant->parsed, launch->values, i, url, sizeof(url));

		nulls[i] = !variant->parsed->personal[i];
		/* a target that is too long would be refused when it is resolved */
		if (bytes > sizeof(url))
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("target URL of a recipient is too long"),
					 errdetail("It has %zu bytes with its merge fields, the limit is "
							   "%zu.",
							   bytes, sizeof(url))));
		urls[i] = nulls[i] ? (Datum) 0 : PointerGetDatum(body_text(url, bytes));
	}
	return construct_md_array(urls, nulls, 1, &count, &lower, TEXTOID, -1, false,
							  TYPALIGN_INT);
}

/* Makes the codes of a message. */
static void
make_codes(Launch *launch, const ReadyVariant *variant, int64 message_id)
{
	int32 length = launch->domain->code_length;

	for (int i = 0; i < variant->parsed->link_count; i++)
		domain_write_code(launch->domain, length, message_id, i, launch->code_bytes[i]);
	if (variant->parsed->opt_out)
		domain_write_code(launch->domain, length, message_id, TEMPLATE_OPT_OUT_POSITION,
						  launch->code_bytes[TEMPLATE_OPT_OUT_POSITION]);
}

static text *
copy_text(const text *value)
{
	return cstring_to_text_with_len(VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value));
}

static void
write_outbox(Launch *launch, int64 message_id, text *recipient, text *body)
{
	TupleTableSlot *row = table_writer_row(launch->outbox);

	row->tts_values[0] = Int64GetDatum(message_id);
	row->tts_values[1] = TimestampTzGetDatum(DT_NOBEGIN);
	row->tts_values[2] = Int32GetDatum(launch->campaign.id);
	row->tts_values[3] = Int32GetDatum(0);
	row->tts_values[4] = PointerGetDatum(recipient);
	row->tts_values[5] = PointerGetDatum(body);
	memset(row->tts_isnull, false, OUTBOX_COLUMNS);
	table_writer_add(launch->outbox);
}

/* Notes that an anonymous campaign has written to a recipient; tests are not noted. */
static void
write_hash(Launch *launch, const text *recipient)
{
	TupleTableSlot *row;
	RecipientHash hash;
	bytea *bytes = palloc(VARHDRSZ + RECIPIENT_HASH_BYTES);

	if (launch->hashes == NULL || launch->request->test)
		return;
	hash =
		recipient_hash(launch->key, VARDATA_ANY(recipient), VARSIZE_ANY_EXHDR(recipient));
	SET_VARSIZE(bytes, VARHDRSZ + RECIPIENT_HASH_BYTES);
	memcpy(VARDATA(bytes), hash.bytes, RECIPIENT_HASH_BYTES);
	row = table_writer_row(launch->hashes);
	row->tts_values[0] = Int32GetDatum(launch->campaign.id);
	row->tts_values[1] = PointerGetDatum(bytes);
	row->tts_isnull[0] = row->tts_isnull[1] = false;
	table_writer_add(launch->hashes);
}

/* Writes one message and its outbox row; the scratch holds the rendered body. */
static void
write_message(Launch *launch, ReadyVariant *variant, const AudienceRow *row,
			  int64 message_id, int price, const SegmentCount *before,
			  const SegmentCount *after, size_t bytes)
{
	MemoryContext former = MemoryContextSwitchTo(launch->batch_context);
	bool anonymous = launch->campaign.tracking == 'a';
	text *recipient = copy_text(row->recipient);
	text *body = body_text(launch->scratch, bytes);
	NewMessage message = {.message_id = message_id,
						  .link_domain = launch->domain_id,
						  .campaign = launch->campaign.id,
						  .variant = variant->row.id,
						  .test = launch->request->test,
						  .links = anonymous ? 0 : (int16) variant->parsed->link_count,
						  .code_length = (int16) launch->domain->code_length,
						  .segments_before = (int16) Min(before->segments, PG_INT16_MAX),
						  .segments_after = (int16) Min(after->segments, PG_INT16_MAX),
						  .encoding_before = encoding_letter(before),
						  .encoding_after = encoding_letter(after),
						  .recipient = anonymous ? NULL : recipient,
						  .target_urls =
							  anonymous ? NULL : personal_targets(launch, variant),
						  .body = launch->campaign.keep_body && !anonymous ? body : NULL};

	if (price >= 0)
	{
		message.segment_price = launch->result->prices->prices[price].segment_price;
		message.currency = launch->result->prices->prices[price].currency;
	}
	store_message_row(&message, table_writer_row(launch->messages));
	table_writer_add(launch->messages);
	write_outbox(launch, message_id, recipient, body);
	write_hash(launch, recipient);
	MemoryContextSwitchTo(former);

	variant->used = true;
	if (launch->first_message_id == 0)
		launch->first_message_id = message_id;
	launch->last_message_id = Max(launch->last_message_id, message_id);
	if (table_writer_is_full(launch->messages))
		flush(launch);
}

/* Prepares a recipient, or estimates what it would take. */
static void
prepare_recipient(Launch *launch, ReadyVariant *variant, const AudienceRow *row,
				  int price, LaunchTally *tally)
{
	Template *parsed = variant->parsed;
	bool anonymous = launch->campaign.tracking == 'a';
	bool write = launch->request->write;
	int64 message_id = 0;
	SegmentCount before;
	SegmentCount after;
	size_t bytes;

	launch->domain = domain_by_id(launch->domain_id);
	launch->codes.base = launch->domain->base;
	launch->codes.base_length = launch->domain->base_length;
	for (int i = 0; i < parsed->field_count; i++)
		launch->values[i] = row->values[variant->columns[i]];
	if (write)
	{
		message_id = message_id_next();
		if (anonymous)
			memcpy(launch->code_bytes, variant->shared_codes, sizeof(launch->code_bytes));
		else
			make_codes(launch, variant, message_id);
	}

	if (parsed->link_count > 0)
	{
		bytes = render_scratch(launch, parsed, false);
		segment_count(launch->scratch, bytes, &before);
	}
	bytes = render_scratch(launch, parsed, true);
	segment_count(launch->scratch, bytes, &after);
	if (parsed->link_count == 0)
		before = after;
	tally->segments_before += before.segments;
	tally->segments_after += after.segments;
	if (write)
		write_message(launch, variant, row, message_id, price, &before, &after, bytes);
}

/*
 * Lists a recipient that is skipped for good; an anonymous campaign names nobody, and
 * none names who was forgotten.
 */
static void
write_skip(Launch *launch, const text *recipient, const char *reason)
{
	MemoryContext former;
	TupleTableSlot *row;

	if (!launch->request->write || launch->campaign.tracking == 'a')
		return;
	former = MemoryContextSwitchTo(launch->batch_context);
	row = table_writer_row(launch->skips);
	row->tts_values[0] = Int64GetDatum(launch->result->launch);
	row->tts_isnull[0] = false;
	if (recipient != NULL && !recipient_set_has(launch->forgotten, VARDATA_ANY(recipient),
												VARSIZE_ANY_EXHDR(recipient)))
	{
		row->tts_values[1] = PointerGetDatum(copy_text(recipient));
		row->tts_isnull[1] = false;
	}
	row->tts_values[2] = CStringGetTextDatum(reason);
	row->tts_isnull[2] = false;
	table_writer_add(launch->skips);
	MemoryContextSwitchTo(former);
	if (table_writer_is_full(launch->skips))
		flush(launch);
}

/* Decides about a valid recipient that comes for the first time. */
static LaunchOutcome
judge(Launch *launch, const text *recipient, int64 prepared)
{
	const char *bytes = VARDATA_ANY(recipient);
	size_t length = VARSIZE_ANY_EXHDR(recipient);

	if (has_message(launch, recipient))
		return LAUNCH_ALREADY;
	if ((launch->opted_out != NULL &&
		 recipient_set_has(launch->opted_out, bytes, length)) ||
		recipient_set_has(launch->forgotten, bytes, length))
		return LAUNCH_OPTED_OUT;
	if (!is_in_share(launch, bytes, length))
		return LAUNCH_NOT_IN_SHARE;
	if (launch->request->max_recipients >= 0 &&
		prepared >= launch->request->max_recipients)
		return LAUNCH_OVER_MAXIMUM;
	return LAUNCH_PREPARED;
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
		if (launch->read % BATCH == 0)
			CHECK_FOR_INTERRUPTS();
		if (row.valid)
		{
			const char *bytes = VARDATA_ANY(row.recipient);
			size_t length = VARSIZE_ANY_EXHDR(row.recipient);

			variant = allot_variant(launch, bytes, length);
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
		else if (reasons[outcome] != NULL)
			write_skip(launch, row.recipient, reasons[outcome]);
	}
}

/* Writes what is left, and the launch itself. */
static void
finish(Launch *launch)
{
	flush(launch);
	table_writer_close(launch->messages);
	table_writer_close(launch->outbox);
	table_writer_close(launch->skips);
	if (launch->hashes != NULL)
		table_writer_close(launch->hashes);
	store_launch(launch->request, &launch->campaign, launch->result,
				 launch->first_message_id, launch->last_message_id);
	for (int i = 0; i < launch->variant_count; i++)
		if (launch->variants[i].used)
			store_launch_freeze(launch->variants[i].row.id, 0);
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
	launch->scratch_size = 4096;
	launch->scratch = palloc(launch->scratch_size);
	launch->batch_context =
		AllocSetContextCreate(context, "smstrack launch batch", ALLOCSET_DEFAULT_SIZES);
	settings_level = raise_memory();
	SPI_connect();
	load_campaign(launch);
	audience_check(request->audience);
	load_variants(launch);
	init_codes(launch);
	if (request->write)
	{
		result->launch = store_launch_id();
		if (launch->campaign.tracking == 'a')
			make_shared_codes(launch);
		open_writers(launch);
	}
	open_sources(launch);
	go_through(launch);
	audience_close(launch->audience);
	if (request->write)
		finish(launch);
	SPI_finish();
	AtEOXact_GUC(false, settings_level);
}
