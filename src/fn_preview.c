/*
 * fn_preview.c: smstrack_preview: a body as it would be sent, while it is being typed.
 * Whatever stands in the body is shown, with warnings; nothing is written.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "allotment.h"
#include "batch.h"
#include "body.h"
#include "body_template.h"
#include "core/segment.h"
#include "domain.h"
#include "fields.h"
#include "price.h"
#include "recipient.h"
#include "settings.h"
#include "store_launch.h"
#include "written.h"

PG_FUNCTION_INFO_V1(smstrack_preview);

extern Datum smstrack_smart(PG_FUNCTION_ARGS);

#define WARNINGS_MAX 128

/* Arguments of smstrack_preview. */
enum
{
	ARG_BODY,
	ARG_RECIPIENT,
	ARG_CAMPAIGN,
	ARG_FIELDS,
	ARG_SMART
};

typedef struct Preview
{
	text *body;		 /* NULL: the campaign's, or none */
	text *recipient; /* NULL: none; else normalised, where it is valid */
	bool valid_recipient;
	Jsonb *fields; /* NULL: none */
	LaunchCampaign campaign;
	bool has_campaign;
	const LinkDomain *domain; /* NULL: there is none yet */
	Template *parsed;
	TemplateValue *values;
	Datum warnings[WARNINGS_MAX];
	int warning_count;
} Preview;

static void
warn(Preview *preview, const char *warning)
{
	if (preview->warning_count < WARNINGS_MAX)
		preview->warnings[preview->warning_count++] = CStringGetTextDatum(warning);
}

/* Says a warning of the link finder to whoever writes the text. */
static const char *
link_warning_text(int bit)
{
	switch (1u << bit)
	{
		case LINK_WARN_MIDDLE:
			return "link not at the start or end";
		case LINK_WARN_SEVERAL:
			return "several links";
		case LINK_WARN_TOO_MANY:
			return "more links than positions";
		default:
			return link_warning_name(bit);
	}
}

/* Says what keeps a marketing campaign from writing to the recipient. */
static void
warn_refused(Preview *preview)
{
	const LaunchCampaign *campaign = &preview->campaign;

	if (!campaign->active)
		warn(preview, "campaign is disabled");
	if (preview->recipient == NULL || !preview->valid_recipient || !campaign->marketing)
		return;
	if (recipient_opted_out(campaign->account, preview->recipient))
		warn(preview, "recipient opted out");
	if (written_find(campaign, preview->recipient))
		warn(preview, "recipient has a message of the campaign already");
}

/* Says what keeps any message from being prepared for the recipient. */
static void
warn_forgotten(Preview *preview)
{
	if (preview->recipient != NULL && preview->valid_recipient &&
		recipient_is_forgotten(setting_account, preview->recipient))
		warn(preview, "recipient was forgotten");
}

/* Gives the number of the variant that a launch would allot the recipient now. */
static int
foresee_variant(Preview *preview, const LaunchRow *rows, int count)
{
	const char *recipient = VARDATA_ANY(preview->recipient);
	size_t length = VARSIZE_ANY_EXHDR(preview->recipient);
	MemoryContext context = CurrentMemoryContext;
	int32 *ids = palloc(sizeof(int32) * (Size) count);
	Allotment allotment;
	Foresight foresight;

	allotment_init(&allotment, preview->campaign.id, count);
	for (int i = 0; i < count; i++)
	{
		ids[i] = rows[i].id;
		allotment_set_weight(&allotment, i, rows[i].weight);
	}
	/* what runs queries leaves SPI's memory the current one */
	batch_foresee(preview->campaign.name, ids, &allotment, &foresight);
	MemoryContextSwitchTo(context);
	if (foresight.obstacle != NULL)
		warn(preview, foresight.obstacle);
	if (!allotment_in_share(preview->campaign.id, foresight.share, recipient, length))
		warn(preview, "recipient waits until the test of the campaign is decided");
	return allotment_choose(&allotment, recipient, length);
}

/* Gives the text that the recipient would get; without a recipient, the first variant's.
 */
static text *
campaign_text(Preview *preview)
{
	int count;
	LaunchRow *rows = store_launch_variants(preview->campaign.id, VARIANTS_SENT, &count);

	if (count == 0)
	{
		warn(preview, "campaign has no variant to send");
		return NULL;
	}
	return rows[preview->recipient == NULL ? 0 : foresee_variant(preview, rows, count)]
		.body;
}

/* Finds the campaign, and its text where none is given. */
static void
find_campaign(Preview *preview, const char *name)
{
	MemoryContext context = CurrentMemoryContext;

	SPI_connect();
	MemoryContextSwitchTo(context);
	preview->has_campaign = store_launch_campaign(name, false, &preview->campaign);
	if (!preview->has_campaign)
		store_launch_unknown(name);
	warn_refused(preview);
	if (preview->body == NULL)
		preview->body = campaign_text(preview);
	SPI_finish();
}

/* Finds the link domain; none is made here. */
static void
find_domain(Preview *preview)
{
	int32 id = preview->has_campaign ? preview->campaign.link_domain : 0;

	preview->domain = id != 0 ? domain_by_id(id) : domain_for_resolving(NULL);
	if (preview->domain == NULL ||
		strcmp(preview->domain->account, setting_account) != 0)
	{
		preview->domain = NULL;
		warn(preview, "short link domain is not set");
	}
	else if (preview->domain->status != LINK_DOMAIN_ACTIVE)
		warn(preview, "link domain is not active");
}

/*
 * Fills in what is known; a field without value and default is shown as it stands. False
 * where there is one.
 */
static bool
fill_fields(Preview *preview)
{
	Template *parsed = preview->parsed;
	bool complete = true;

	preview->values = palloc0(sizeof(TemplateValue) * TEMPLATE_FIELDS_MAX);
	for (int i = 0; i < parsed->field_count; i++)
	{
		char *name;

		if (fields_value(preview->fields, parsed->body + parsed->fields[i].start,
						 parsed->fields[i].length, &preview->values[i]) ||
			fields_has_default(parsed, i))
			continue;
		complete = false;
		name = pnstrdup(parsed->body + parsed->fields[i].start, parsed->fields[i].length);
		preview->values[i].text = psprintf("{{%s}}", name);
		preview->values[i].length = strlen(preview->values[i].text);
		warn(preview, psprintf("no value for the merge field \"%s\"",
							   text_to_cstring(body_text(name, strlen(name)))));
	}
	return complete;
}

/* Reads the template; a body that is too long is cut, with a warning. */
static Template *
read_template(Preview *preview, text *body, bool track)
{
	if (VARSIZE_ANY_EXHDR(body) > BODY_MAX)
	{
		int bytes =
			pg_mbcliplen(VARDATA_ANY(body), (int) VARSIZE_ANY_EXHDR(body), BODY_MAX);

		body = cstring_to_text_with_len(VARDATA_ANY(body), bytes);
		warn(preview, "message body is too long");
	}
	return body_parse_template(body, track);
}

/* Says which targets would keep a message from being prepared. */
static void
warn_targets(Preview *preview)
{
	const Template *parsed = preview->parsed;

	for (int i = 0; i < parsed->link_count; i++)
	{
		char url[LINK_TARGET_MAX];
		size_t bytes;
		BodyTarget target = BODY_TARGET_VALID;

		if (parsed->personal[i])
			target = body_target(parsed, preview->values, i, url, &bytes);
		if (target == BODY_TARGET_TOO_LONG)
			warn(preview, psprintf("target URL at position %d is too long", i));
		else if (target == BODY_TARGET_INVALID)
			warn(preview, psprintf("target URL at position %d is invalid", i));
	}
}

/* Says what an anonymous campaign, whose links are the same for all, cannot have. */
static void
warn_anonymous(Preview *preview)
{
	const Template *parsed = preview->parsed;
	bool personal = false;

	if (!preview->has_campaign || preview->campaign.tracking != 'a')
		return;
	for (int i = 0; i < parsed->link_count; i++)
		personal = personal || parsed->personal[i];
	if (parsed->opt_out)
		warn(preview, "an anonymous campaign cannot have opt-out links");
	if (personal)
		warn(preview, "an anonymous campaign cannot have merge fields in links");
}

/* Renders with a sample code of the right length. */
static char *
render(const Preview *preview, bool shorten, size_t *length)
{
	static const char sample[] = "0000000000";
	const LinkDomain *domain = preview->domain;
	TemplateCodes codes = {
		.base = domain != NULL ? domain->base : "http://localhost:8080/",
		.code_length =
			(size_t) (domain != NULL ? domain->code_length : CODE_LENGTH_DEFAULT)};
	char *out;

	codes.base_length = strlen(codes.base);
	for (int i = 0; i < LINK_POSITIONS; i++)
		codes.codes[i] = sample;
	*length = template_render(preview->parsed, preview->values, &codes, shorten, NULL, 0);
	body_check_rendered(*length);
	out = palloc(*length + 1);
	template_render(preview->parsed, preview->values, &codes, shorten, out, *length);
	return out;
}

/* Says what changes by short links, in segments and in encoding. */
static void
warn_changes(Preview *preview, const SegmentCount *before, const SegmentCount *after)
{
	int32 delta = after->segments - before->segments;

	if (delta > 0)
		warn(preview, delta == 1 ? "a segment more than the original"
								 : psprintf("%d segments more than the original", delta));
	if (before->encoding == SEGMENT_GSM7 && after->encoding == SEGMENT_UCS2)
		warn(preview, "falls from GSM-7 to UCS-2");
	if (before->encoding == SEGMENT_UCS2 && after->encoding == SEGMENT_GSM7)
		warn(preview, "rises from UCS-2 to GSM-7");
	if (after->segments > SEGMENT_MAX)
		warn(preview, "more segments than a phone takes");
}

static void
warn_template(Preview *preview)
{
	const Template *parsed = preview->parsed;

	for (int bit = 0; bit < TEMPLATE_WARNING_COUNT; bit++)
		if (parsed->warnings & (1u << bit))
			warn(preview, template_warning_name(bit));
	for (int bit = 0; bit < LINK_WARNING_COUNT; bit++)
		if (parsed->link_warnings & (1u << bit))
			warn(preview, link_warning_text(bit));
}

/* Columns of smstrack.previewed. */
enum
{
	COLUMN_BODY,
	COLUMN_LINKS,
	COLUMN_ENCODING_BEFORE,
	COLUMN_ENCODING_AFTER,
	COLUMN_SEGMENTS_BEFORE,
	COLUMN_SEGMENTS_AFTER,
	COLUMN_SEGMENTS_DELTA,
	COLUMN_COST_BEFORE,
	COLUMN_COST_AFTER,
	COLUMN_COST_DELTA,
	COLUMN_CURRENCY,
	COLUMN_WARNINGS,
	COLUMNS
};

/* Prices the segments where the recipient is given. */
static void
put_costs(Preview *preview, int32 before, int32 after, Datum *values, bool *nulls)
{
	text *recipient = preview->recipient;
	PriceList *list;
	int found;

	for (int i = COLUMN_COST_BEFORE; i <= COLUMN_CURRENCY; i++)
		nulls[i] = true;
	if (recipient == NULL)
		return;
	if (!preview->valid_recipient)
	{
		warn(preview, "recipient is no possible number");
		return;
	}
	list = price_list_load(setting_account, GetCurrentTransactionStartTimestamp());
	found = price_find(list, VARDATA_ANY(recipient), VARSIZE_ANY_EXHDR(recipient));
	if (found < 0)
		return;
	values[COLUMN_COST_BEFORE] = price_cost(&list->prices[found], before);
	values[COLUMN_COST_AFTER] = price_cost(&list->prices[found], after);
	values[COLUMN_COST_DELTA] = price_cost(&list->prices[found], after - before);
	values[COLUMN_CURRENCY] = PointerGetDatum(list->prices[found].currency);
	for (int i = COLUMN_COST_BEFORE; i <= COLUMN_CURRENCY; i++)
		nulls[i] = false;
}

/* Counts the body as given, that is before smart encoding. */
static void
count_given(Preview *preview, bool track, SegmentCount *before)
{
	size_t length;
	char *rendered;

	preview->parsed = read_template(preview, preview->body, track);
	if (fill_fields(preview))
		warn_targets(preview);
	warn_anonymous(preview);
	warn_template(preview);
	rendered = render(preview, false, &length);
	segment_count_polled(rendered, length, body_poll, before);
}

/* Tells whether links are tracked: by the campaign, or as a single message's. */
static bool
is_tracked(const Preview *preview)
{
	if (preview->has_campaign)
		return preview->campaign.tracking != 'n';
	return preview->domain == NULL || preview->domain->tracking != 'n';
}

/* smstrack_preview(body, recipient, campaign, fields, smart) */
Datum
smstrack_preview(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	Preview *preview = palloc0(sizeof(Preview));
	bool smart = !PG_ARGISNULL(ARG_SMART) && PG_GETARG_BOOL(ARG_SMART);
	Datum values[COLUMNS];
	bool nulls[COLUMNS] = {false};
	SegmentCount before;
	SegmentCount after;
	size_t length;
	char *rendered;
	bool track;

	InitMaterializedSRF(fcinfo, 0);
	if (!PG_ARGISNULL(ARG_BODY))
		preview->body = PG_GETARG_TEXT_PP(ARG_BODY);
	if (!PG_ARGISNULL(ARG_RECIPIENT))
		preview->recipient = recipient_normalise(PG_GETARG_TEXT_PP(ARG_RECIPIENT),
												 &preview->valid_recipient);
	preview->fields = PG_ARGISNULL(ARG_FIELDS) ? NULL : PG_GETARG_JSONB_P(ARG_FIELDS);
	if (!PG_ARGISNULL(ARG_CAMPAIGN))
		find_campaign(preview, text_to_cstring(PG_GETARG_TEXT_PP(ARG_CAMPAIGN)));
	if (preview->body == NULL)
		preview->body = cstring_to_text("");
	warn_forgotten(preview);
	find_domain(preview);
	track = is_tracked(preview);
	count_given(preview, track, &before);
	if (smart)
	{
		text *encoded = DatumGetTextPP(
			DirectFunctionCall3(smstrack_smart, PointerGetDatum(preview->body),
								BoolGetDatum(false), BoolGetDatum(false)));

		/* parsed anew; what it warns of was said */
		preview->parsed = read_template(preview, encoded, track);
	}
	rendered = render(preview, true, &length);
	segment_count_polled(rendered, length, body_poll, &after);
	warn_changes(preview, &before, &after);

	values[COLUMN_BODY] = PointerGetDatum(body_text(rendered, length));
	values[COLUMN_LINKS] = Int32GetDatum(preview->parsed->link_count);
	values[COLUMN_ENCODING_BEFORE] =
		CStringGetTextDatum(segment_encoding_name(before.encoding));
	values[COLUMN_ENCODING_AFTER] =
		CStringGetTextDatum(segment_encoding_name(after.encoding));
	values[COLUMN_SEGMENTS_BEFORE] = Int32GetDatum(before.segments);
	values[COLUMN_SEGMENTS_AFTER] = Int32GetDatum(after.segments);
	values[COLUMN_SEGMENTS_DELTA] = Int32GetDatum(after.segments - before.segments);
	put_costs(preview, before.segments, after.segments, values, nulls);
	values[COLUMN_WARNINGS] = PointerGetDatum(construct_array(
		preview->warnings, preview->warning_count, TEXTOID, -1, false, TYPALIGN_INT));
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	return (Datum) 0;
}
