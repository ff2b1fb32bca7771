/*
 * prepare.c: one recipient gets one message. Its text is the caller's own, whose links
 * are found and replaced, or a campaign's, which is rendered. Segments are counted before
 * and after; the message is stored.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "body.h"
#include "campaign_use.h"
#include "domain.h"
#include "fields.h"
#include "idempotency.h"
#include "message.h"
#include "message_id.h"
#include "own_text.h"
#include "prepare.h"
#include "recipient.h"
#include "rendering.h"
#include "settings.h"
#include "shared_message.h"
#include "sqlstate.h"
#include "store.h"
#include "store_launch.h"
#include "store_trial.h"
#include "store_written.h"

/* A message on its way: what is asked for, and what was found for it. */
typedef struct Preparation
{
	const PrepareRequest *request;
	PreparedMessage *prepared;
	CampaignUse *use;	   /* NULL: of no campaign */
	ReadyVariant *variant; /* NULL: the text is the caller's */
	OwnText own;
	int32 domain_id;
	int32 code_length;
	bool track;
	bool anonymous; /* no recipient is kept */
	bool keep_body;
	bool nested; /* a trigger prepares it while another message is being prepared */
} Preparation;

/* How many messages are being prepared: more than one where a trigger prepares some. */
static int depth;

/*
 * Finds what the recipient is called. What is no possible number is kept as it is, with a
 * warning; of a campaign it gets nothing, as of a launch. False where it is left out.
 */
static bool
find_recipient(const PrepareRequest *request, PreparedMessage *prepared)
{
	prepared->recipient =
		recipient_normalise(request->recipient, &prepared->valid_recipient);
	if (request->campaign == NULL || prepared->valid_recipient)
		return true;
	if (!request->skip)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("recipient \"%s\" is no possible number",
							   text_to_cstring(request->recipient)),
						errhint("Give it as +4915112345678, or set "
								"smstrack.calling_code.")));
	return false;
}

/* The list that is kept is another message's, where there is one around this. */
static void
find_price(const Preparation *preparation)
{
	PreparedMessage *prepared = preparation->prepared;
	PriceList *list =
		preparation->nested
			? price_list_load(setting_account, GetCurrentTransactionStartTimestamp())
			: price_list_current(setting_account);
	int found = price_find(list, VARDATA_ANY(prepared->recipient),
						   VARSIZE_ANY_EXHDR(prepared->recipient));

	prepared->price = found < 0 ? NULL : &list->prices[found];
}

/* Takes a campaign into use; with its first message, its row stays as it is. */
static void
use_campaign(Preparation *preparation)
{
	const PrepareRequest *request = preparation->request;
	char *name = text_to_cstring(request->campaign);
	CampaignUse *use = campaign_use(name, request->track, preparation->nested);

	if (!use->campaign.frozen)
	{
		store_launch_freeze_campaign(use->campaign.id);
		use = campaign_use(name, request->track, preparation->nested);
	}
	preparation->use = use;
	preparation->track = use->tracking != 'n';
	preparation->anonymous = use->campaign.tracking == 'a';
	preparation->keep_body = request->keep_body || use->campaign.keep_body;
	preparation->domain_id = domain_for_campaign(use->campaign.link_domain)->id;
	if (preparation->anonymous && request->body != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an anonymous campaign cannot have a text of your own"),
				 errdetail("There is one code a link for all recipients of campaign "
						   "\"%s\"; a text of your own would have codes of its own.",
						   use->campaign.name),
				 errhint("Give NULL as the body, or set tracking to full or none.")));
}

/* Takes the defaults of a link domain, for a message of no campaign. */
static void
use_domain(Preparation *preparation)
{
	const PrepareRequest *request = preparation->request;
	const LinkDomain *domain = domain_for_preparing(request->link_domain);

	preparation->domain_id = domain->id;
	preparation->track = request->track && domain->tracking != 'n';
	preparation->anonymous = domain->tracking == 'a';
	preparation->keep_body = request->keep_body;
}

/* An anonymous message keeps no body; labels and targets are the caller's to choose. */
static void
check_anonymous(const Preparation *preparation)
{
	if (preparation->anonymous && preparation->keep_body)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("body of an anonymous message cannot be kept"),
				 errdetail("It may name whom it was written to."),
				 errhint("Leave keep_body out, or set the tracking level to full or "
						 "none.")));
}

/* Chooses the recipient's variant; with its first message, its text stays as it is. */
static void
choose_variant(Preparation *preparation)
{
	const PrepareRequest *request = preparation->request;
	const text *recipient = preparation->prepared->recipient;
	ReadyVariant *variant = campaign_use_variant(preparation->use, recipient);

	if (!variant->row.frozen)
	{
		store_launch_freeze_single(preparation->use->campaign.id, variant->row.id);
		preparation->use = campaign_use(text_to_cstring(request->campaign),
										request->track, preparation->nested);
		variant = campaign_use_variant(preparation->use, recipient);
	}
	preparation->variant = variant;
}

/* Finds campaign, link domain and text. */
static void
begin(Preparation *preparation)
{
	const PrepareRequest *request = preparation->request;

	if (request->campaign != NULL)
		use_campaign(preparation);
	else
		use_domain(preparation);
	check_anonymous(preparation);
	if (request->body == NULL)
		choose_variant(preparation);
	else
		own_text_parse(request->body, preparation->track, &preparation->own);
	preparation->code_length = domain_by_id(preparation->domain_id)->code_length;
	find_price(preparation);
}

/* Goes on with the message that has the request's key: its domain, codes and variant. */
static void
take_earlier(Preparation *preparation, const FoundMessage *found)
{
	const PrepareRequest *request = preparation->request;

	preparation->prepared->message_id = found->message_id;
	preparation->domain_id = found->link_domain;
	preparation->code_length = found->code_length;
	if (preparation->variant == NULL)
		idempotency_check_links(request, own_text_targets(&preparation->own), found);
	else
		preparation->variant =
			campaign_use_variant_by_id(preparation->use, found->variant);
	if (preparation->variant == NULL && request->body == NULL)
		elog(ERROR, "variant %d of message " INT64_FORMAT " is gone", found->variant,
			 found->message_id);
}

/*
 * Makes sure that a marketing campaign writes to a recipient once, and to nobody who
 * opted out. False where the request says that such a recipient is left out.
 */
static bool
claim_recipient(const Preparation *preparation)
{
	CampaignUse *use = preparation->use;
	text *recipient = preparation->prepared->recipient;
	RecipientClaim claim;

	if (!use->campaign.marketing || preparation->request->test)
		return true;
	claim = store_claim_recipient(use, recipient);
	if (claim == CLAIM_GRANTED || preparation->request->skip)
		return claim == CLAIM_GRANTED;
	if (claim == CLAIM_OPTED_OUT)
		ereport(ERROR, (errcode(ERRCODE_RECIPIENT_OPTED_OUT),
						errmsg("recipient \"%s\" opted out", text_to_cstring(recipient)),
						errdetail("Campaign \"%s\" is marketing of account \"%s\".",
								  use->campaign.name, use->campaign.account),
						errhint("Leave the recipient out: skip => true.")));
	ereport(ERROR,
			(errcode(ERRCODE_RECIPIENT_HAS_MESSAGE),
			 errmsg("recipient \"%s\" has a message of campaign \"%s\" already",
					text_to_cstring(recipient), use->campaign.name),
			 errdetail("A marketing campaign writes to a recipient once."),
			 errhint("To ask again for the same message, prepare it with an idempotency "
					 "key; to leave the recipient out, give skip => true.")));
}

/* Notes which variant the recipient got, where there was a choice; he keeps a former one.
 */
static void
settle_variant(Preparation *preparation)
{
	CampaignUse *use = preparation->use;
	const PreparedMessage *prepared = preparation->prepared;
	ReadyVariant *kept;
	int32 variant;

	if (preparation->variant == NULL || use->allotment_id == 0 ||
		preparation->request->test)
		return;
	SPI_connect();
	/* whom a launch has written to counts there, and not twice */
	variant = launched_variant(&use->launched, prepared->recipient);
	if (variant == 0)
		variant =
			store_trial(use->campaign.id, preparation->variant->row.id,
						prepared->message_id, use->allotment_id,
						recipient_hash_datum(campaign_use_key(use), prepared->recipient));
	SPI_finish();
	kept = campaign_use_variant_by_id(use, variant);
	if (kept != NULL)
		preparation->variant = kept;
}

/* Gives the fields of a variant their values. */
static void
fill_fields(const Preparation *preparation)
{
	const Template *parsed = preparation->variant->parsed;
	Rendering *rendering = &preparation->use->rendering;

	for (int i = 0; i < parsed->field_count; i++)
	{
		const char *name = parsed->body + parsed->fields[i].start;

		if (!fields_value(preparation->request->fields, name, parsed->fields[i].length,
						  &rendering->values[i]) &&
			!fields_has_default(parsed, i))
		{
			char *shown = rendering_field_name(preparation->variant, i);

			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
							errmsg("no value for the merge field \"%s\"", shown),
							errdetail("Variant \"%s\" has {{%s}} without a default.",
									  preparation->variant->row.name, shown),
							errhint("Give it: fields => '{\"%s\": \"...\"}'.", shown)));
		}
	}
}

/* Makes the codes: an anonymous campaign's are shared, but for a test's. */
static void
make_codes(const Preparation *preparation, LinkDomain *domain)
{
	ReadyVariant *variant = preparation->variant;
	Rendering *rendering = &preparation->use->rendering;

	if (!preparation->anonymous || preparation->request->test)
	{
		rendering_make_codes(rendering, variant, domain, preparation->code_length,
							 preparation->prepared->message_id);
		return;
	}
	if (variant->shared_code_length == 0 && preparation->track)
	{
		variant->row.shared_message_id = store_launch_lock_variant(variant->row.id);
		shared_message_make(&preparation->use->campaign, variant, preparation->domain_id,
							false);
	}
	rendering_share_codes(rendering, variant);
}

static void
render_variant(Preparation *preparation)
{
	PreparedMessage *prepared = preparation->prepared;
	const ReadyVariant *variant = preparation->variant;
	Rendering *rendering = &preparation->use->rendering;

	fill_fields(preparation);
	make_codes(preparation, domain_by_id(preparation->domain_id));
	rendering_run(rendering, variant, domain_by_id(preparation->domain_id));
	prepared->body = body_text(rendering->body, rendering->length);
	prepared->links = variant->parsed->link_count;
	prepared->link_warnings = variant->parsed->link_warnings;
	prepared->merge_field = false;
	prepared->before = rendering->before;
	prepared->after = rendering->after;
}

static void
render_own_text(Preparation *preparation)
{
	PreparedMessage *prepared = preparation->prepared;
	const OwnText *own = &preparation->own;
	size_t length;
	char *rendered =
		own_text_render(own, domain_by_id(preparation->domain_id),
						preparation->code_length, prepared->message_id, &length);

	prepared->body = body_text(rendered, length);
	prepared->links = own->count;
	prepared->link_warnings = own->warnings;
	prepared->merge_field = own->merge_field;
	segment_count(own->utf8, own->length, &prepared->before);
	segment_count(rendered, length, &prepared->after);
}

/* Gives the target URLs that the message has of its own. */
static ArrayType *
own_targets(const Preparation *preparation)
{
	if (preparation->variant == NULL)
		return own_text_targets(&preparation->own);
	return rendering_targets(&preparation->use->rendering, preparation->variant);
}

static void
store(const Preparation *preparation)
{
	const PrepareRequest *request = preparation->request;
	const PreparedMessage *prepared = preparation->prepared;
	bool shared =
		preparation->anonymous && preparation->variant != NULL && !request->test;
	NewMessage message = {
		.message_id = prepared->message_id,
		.link_domain = preparation->domain_id,
		.campaign = preparation->use != NULL ? preparation->use->campaign.id : 0,
		.variant = preparation->variant != NULL ? preparation->variant->row.id : 0,
		.links = shared ? 0 : (int16) prepared->links,
		.code_length = (int16) preparation->code_length,
		.recipient = preparation->anonymous ? NULL : prepared->recipient,
		.test = request->test,
		.target_urls = own_targets(preparation),
		.label = request->label,
		.body = preparation->keep_body ? prepared->body : NULL,
		.segment_price = prepared->price != NULL ? prepared->price->segment_price : NULL,
		.currency = prepared->price != NULL ? prepared->price->currency : NULL,
	};

	message_set_segments(&message, &prepared->before, &prepared->after);
	message_set_country(&message, prepared->recipient);
	store_message(&message);
}

/* Tells whether the account may write to a recipient: not if it was told to forget him.
 */
static bool
check_not_forgotten(const Preparation *preparation)
{
	bool forgotten =
		recipient_is_forgotten(setting_account, preparation->prepared->recipient);

	if (forgotten && !preparation->request->skip)
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("recipient was forgotten"),
			 errdetail("Account \"%s\" has erased him, and is not to write to him again.",
					   setting_account),
			 errhint("If he wants messages again: SELECT smstrack_opt_in(...).")));
	return !forgotten;
}

/* Warns once a statement that tracking makes a message dearer. */
static void
warn_dearer(const PreparedMessage *prepared)
{
	static TimestampTz warned;

	if (prepared->after.segments <= prepared->before.segments ||
		warned == GetCurrentStatementStartTimestamp())
		return;
	warned = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_WARNING), errmsg("short links make the message longer"),
			 errdetail("The body to send needs %d segments, the body as given needs %d.",
					   prepared->after.segments, prepared->before.segments),
			 errhint("Shorten the text, or use a shorter link domain.")));
}

/* Warns once a statement that recipients would see brackets. */
static void
warn_merge_field(const PreparedMessage *prepared)
{
	static TimestampTz warned;

	if (!prepared->merge_field || warned == GetCurrentStatementStartTimestamp())
		return;
	warned = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_WARNING), errmsg("merge field stays as it is"),
			 errdetail("A body that is passed is no template: the recipient would see "
					   "the brackets."),
			 errhint("Make it a campaign's: SELECT smstrack_campaign('spring', 'Hi "
					 "{{name}}, ...'), and pass campaign and fields.")));
}

/* Gives what the key of a message without a recipient is found by when he is forgotten.
 */
static bytea *
key_owner(const Preparation *preparation)
{
	unsigned char key[32];

	if (!preparation->anonymous)
		return NULL;
	recipient_key(setting_account, true, key);
	return DatumGetByteaPP(recipient_hash_datum(key, preparation->prepared->recipient));
}

/* Gives the message an id, or that of the one that has the request's key. True: earlier.
 */
static bool
identify(Preparation *preparation)
{
	const PrepareRequest *request = preparation->request;
	FoundMessage found;

	preparation->prepared->message_id = message_id_next();
	if (request->idempotency_key == NULL ||
		!idempotency_claim(request, preparation->prepared->message_id,
						   key_owner(preparation), &found))
		return false;
	take_earlier(preparation, &found);
	return true;
}

static bool
prepare(const PrepareRequest *request, PreparedMessage *prepared)
{
	Preparation preparation = {
		.request = request, .prepared = prepared, .nested = depth > 1};
	bool earlier;

	prepare_check(request);
	if (!find_recipient(request, prepared))
		return false;
	begin(&preparation);
	if (!check_not_forgotten(&preparation))
		return false;
	earlier = identify(&preparation);
	if (!earlier && preparation.use != NULL && !claim_recipient(&preparation))
	{
		if (request->idempotency_key != NULL)
			store_idempotency_release(setting_account, request->idempotency_key,
									  prepared->message_id);
		return false;
	}
	if (!earlier)
		settle_variant(&preparation);
	if (preparation.variant != NULL)
		render_variant(&preparation);
	else
		render_own_text(&preparation);
	if (!earlier)
		store(&preparation);
	warn_dearer(prepared);
	warn_merge_field(prepared);
	return true;
}

bool
prepare_message(const PrepareRequest *request, PreparedMessage *prepared)
{
	bool done = false;

	depth++;
	PG_TRY();
	{
		done = prepare(request, prepared);
	}
	PG_FINALLY();
	{
		depth--;
	}
	PG_END_TRY();
	return done;
}
