/*
 * conversion.c: checks a reported conversion, finds the clicks that it may be of, and
 * chooses one. Writes nothing.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "conversion.h"
#include "core/currency.h"
#include "far_rows.h"
#include "hit_settings.h"
#include "message.h"
#include "money.h"
#include "recipient.h"
#include "settings.h"
#include "store_run.h"

#define NAME_MAX_BYTES 256

/* So many clicks are kept of a conversion's recipient, the last ones. */
#define CLICKS_MAX "100"

typedef struct Complaint
{
	const char *name; /* for who sends many */
	int sqlstate;
	const char *message; /* %s: the currency */
	const char *detail;
	const char *hint;
} Complaint;

static const Complaint complaints[] = {
	[CONVERSION_COUNTED] = {"counted", 0, NULL, NULL, NULL},
	[CONVERSION_KNOWN] = {"known", 0, NULL, NULL, NULL},
	[CONVERSION_NO_CLICK] = {"no click", 0, NULL, NULL, NULL},
	[CONVERSION_LATE] = {"late", 0, NULL, NULL, NULL},
	[CONVERSION_EARLY] =
		{"refused", ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
		 "conversion is earlier than its click",
		 "A conversion follows its click; clocks may differ by 5 minutes.", NULL},
	[CONVERSION_FUTURE] = {"refused", ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
						   "time of a conversion is in the future",
						   "Clocks may differ by 5 minutes.", NULL},
	[CONVERSION_NULL_TOKEN] =
		{"refused", ERRCODE_NULL_VALUE_NOT_ALLOWED, "click token is null", NULL,
		 "Pass the token as the click gave it, or where there is none, the recipient."},
	[CONVERSION_NULL_RECIPIENT] = {"refused", ERRCODE_NULL_VALUE_NOT_ALLOWED,
								   "recipient is null", NULL,
								   "Pass the number that the message went to."},
	[CONVERSION_NULL_GOAL] = {"refused", ERRCODE_NULL_VALUE_NOT_ALLOWED, "goal is null",
							  NULL, "Say what was reached, such as order."},
	[CONVERSION_BAD_TOKEN] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
							  "invalid click token",
							  "It is forged, altered, or of another database or account.",
							  "Pass the token exactly as the click gave it."},
	[CONVERSION_BAD_RECIPIENT] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
								  "recipient is empty or too long",
								  "It may have 1 to 256 bytes.", NULL},
	[CONVERSION_BAD_GOAL] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
							 "goal is empty or too long", "It may have 1 to 256 bytes.",
							 NULL},
	[CONVERSION_BAD_ORDER_ID] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
								 "order id is empty or too long",
								 "It may have 1 to 256 bytes.", NULL},
	[CONVERSION_BAD_VALUE] = {"refused", ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
							  "value of a conversion is negative or not a number", NULL,
							  "Record a refund with smstrack_reverse."},
	[CONVERSION_HUGE_VALUE] = {"refused", ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
							   "value of a conversion is too large",
							   "It must be less than 10^15.", NULL},
	[CONVERSION_BAD_CURRENCY] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
								 "unknown currency \"%s\"", NULL,
								 "Give the ISO 4217 code in capitals, such as EUR."},
	[CONVERSION_HALF_VALUE] = {"refused", ERRCODE_INVALID_PARAMETER_VALUE,
							   "value and currency of a conversion go together", NULL,
							   "Give both, or neither."},
	[CONVERSION_BAD_TIME] = {"refused", ERRCODE_INVALID_DATETIME_FORMAT,
							 "invalid time of a conversion", NULL,
							 "Give it as in 2026-03-01T10:20:00Z, with an offset."},
	[CONVERSION_BAD_ITEM] =
		{"refused", ERRCODE_INVALID_PARAMETER_VALUE,
		 "a conversion is no object, or a part of it has the wrong type", NULL,
		 "Its keys are token or recipient, goal, order_id, value, currency "
		 "and at; value and order_id are numbers or texts, all else are texts."},
	[CONVERSION_NO_MESSAGE] = {"refused", ERRCODE_UNDEFINED_OBJECT,
							   "message of the click token does not exist",
							   "It was erased since the click.", NULL},
};

const char *
conversion_status_name(ConversionStatus status)
{
	return complaints[status].name;
}

/* Says in words why a conversion was refused; NULL where it was not. */
char *
conversion_complaint(const Conversion *conversion)
{
	const Complaint *complaint = &complaints[conversion->status];

	if (complaint->message == NULL)
		return NULL;
	if (conversion->status == CONVERSION_BAD_CURRENCY)
		return psprintf("unknown currency \"%s\"", text_to_cstring(conversion->currency));
	return pstrdup(complaint->message);
}

/* Raises an error where a conversion was refused. */
void
conversion_raise(const Conversion *conversion)
{
	const Complaint *complaint = &complaints[conversion->status];

	if (complaint->message != NULL)
		ereport(
			ERROR,
			(errcode(complaint->sqlstate),
			 errmsg_internal("%s", conversion_complaint(conversion)),
			 complaint->detail == NULL ? 0 : errdetail_internal("%s", complaint->detail),
			 complaint->hint == NULL ? 0 : errhint("%s", complaint->hint)));
}

/* Tells whether a text is neither empty nor too long. */
static bool
is_name(const text *name)
{
	return VARSIZE_ANY_EXHDR(name) > 0 && VARSIZE_ANY_EXHDR(name) <= NAME_MAX_BYTES;
}

static ConversionStatus
check_source(const Conversion *conversion)
{
	if (!conversion->by_recipient && conversion->token == NULL)
		return CONVERSION_NULL_TOKEN;
	if (conversion->by_recipient && conversion->recipient == NULL)
		return CONVERSION_NULL_RECIPIENT;
	if (conversion->by_recipient && !is_name(conversion->recipient))
		return CONVERSION_BAD_RECIPIENT;
	return conversion->status;
}

static ConversionStatus
check_names(const Conversion *conversion)
{
	if (conversion->goal == NULL)
		return CONVERSION_NULL_GOAL;
	if (!is_name(conversion->goal))
		return CONVERSION_BAD_GOAL;
	if (conversion->order_id != NULL && !is_name(conversion->order_id))
		return CONVERSION_BAD_ORDER_ID;
	return conversion->status;
}

/* Checks that a value is a sum of money that somebody can have paid; rounds it. */
static ConversionStatus
check_value(Conversion *conversion)
{
	if (conversion->has_value != (conversion->currency != NULL))
		return CONVERSION_HALF_VALUE;
	if (!conversion->has_value)
		return conversion->status;
	if (!money_is_amount(conversion->value))
		return CONVERSION_BAD_VALUE;
	conversion->value = money_round(conversion->value);
	if (money_is_huge(conversion->value))
		return CONVERSION_HUGE_VALUE;
	if (!currency_known(VARDATA_ANY(conversion->currency),
						VARSIZE_ANY_EXHDR(conversion->currency)))
		return CONVERSION_BAD_CURRENCY;
	return conversion->status;
}

/* Says what the account's declaration of the goal says. */
static void
read_goal(Conversion *conversion)
{
	static StoreStatement statement = {
		.query = "SELECT value, currency, counting = 'once' FROM smstrack.goal "
				 "WHERE account = $1 AND name = $2",
		.arguments = 2,
		.types = {TEXTOID, TEXTOID}};
	Datum values[] = {CStringGetTextDatum(conversion->account),
					  PointerGetDatum(conversion->goal)};
	HeapTuple row;
	TupleDesc descriptor;
	bool no_value;
	bool null;
	Datum value;

	if (store_run(&statement, values, NULL) == 0)
		return;
	row = SPI_tuptable->vals[0];
	descriptor = SPI_tuptable->tupdesc;
	conversion->once = DatumGetBool(SPI_getbinval(row, descriptor, 3, &null));
	value = SPI_getbinval(row, descriptor, 1, &no_value);
	if (!conversion->has_value && conversion->currency == NULL && !no_value)
	{
		conversion->has_value = conversion->is_default_value = true;
		conversion->value = value;
	}
	value = SPI_getbinval(row, descriptor, 2, &null);
	if (conversion->has_value && conversion->currency == NULL && !null)
		conversion->currency = DatumGetTextPP(value);
}

/* What is needed of a message whose link was clicked, beside the click. */
#define CLICK_COLUMNS                                                                    \
	"m.link_domain, coalesce(m.campaign, 0), coalesce(m.variant, 0), m.test,"            \
	" coalesce(extract(epoch FROM c.attribution_window),"                                \
	"  extract(epoch FROM d.attribution_window), $1)::bigint,"                           \
	" coalesce(c.attribution = 'first_click', false) "
#define CLICK_TABLES                                                                     \
	"JOIN smstrack.link_domain AS d ON d.id = m.link_domain "                            \
	"LEFT JOIN smstrack.campaign AS c ON c.id = m.campaign "

static void
read_click(HeapTuple row, TupleDesc descriptor, ConversionClick *click)
{
	Datum values[9];
	bool nulls[9];

	heap_deform_tuple(row, descriptor, values, nulls);
	memset(click, 0, sizeof(*click));
	click->message_id = DatumGetInt64(values[0]);
	click->position = DatumGetInt32(values[1]);
	click->at = DatumGetTimestampTz(values[2]);
	click->link_domain = DatumGetInt32(values[3]);
	click->campaign = DatumGetInt32(values[4]);
	click->variant = DatumGetInt32(values[5]);
	click->test = DatumGetBool(values[6]);
	click->window = DatumGetInt64(values[7]);
	click->first_click = DatumGetBool(values[8]);
}

/* Finds the clicks of a recipient before a conversion, the last ones first. */
#define FIND_CLICKS(messages, hits)                                                      \
	/* the first click stands in the message, whether its hit is still there or not */   \
	"SELECT m.message_id, h.\"position\", h.at, " CLICK_COLUMNS                          \
	"FROM (SELECT DISTINCT c.message_id FROM smstrack.clicker AS c"                      \
	"  WHERE c.recipient_hash = $2) AS k " /* OFFSET keeps the order: after a launch     \
											* that was undone, statistics say that there \
											* is no message, and all would be read for   \
											* each conversion */                         \
	"CROSS JOIN LATERAL (SELECT * FROM " messages " AS m"                                \
	"  WHERE m.message_id = k.message_id OFFSET 0) AS m " CLICK_TABLES                   \
	"CROSS JOIN LATERAL ("                                                               \
	"  SELECT h.\"position\"::integer AS \"position\", date_trunc('second', h.at) AS at" \
	"  FROM " hits " AS h WHERE h.message_id = m.message_id AND h.class = 'c'"           \
	"    AND h.at > $5 - interval '400 days' AND h.at < $5 + interval '5 min 1 s'"       \
	"  GROUP BY 1, 2"                                                                    \
	"  UNION ALL"                                                                        \
	"  SELECT (SELECT min(p) FROM generate_series(0, 15) AS p"                           \
	"      WHERE m.clicked_links >> p & 1 = 1),"                                         \
	"    date_trunc('second', m.first_click_at)"                                         \
	"  WHERE m.first_click_at < $5 + interval '5 min 1 s' AND m.clicked_links <> 0"      \
	"    AND NOT EXISTS (SELECT FROM " hits " AS h"                                      \
	"      WHERE h.message_id = m.message_id AND h.class = 'c'"                          \
	"        AND h.at >= m.first_click_at"                                               \
	"        AND h.at < m.first_click_at + interval '1 s')"                              \
	") AS h "                                                                            \
	"WHERE m.recipient = $3 AND d.account = $4 AND NOT m.test"                           \
	"  AND coalesce(c.conversions, true) "                                               \
	"ORDER BY h.at DESC, m.message_id DESC, h.\"position\" LIMIT " CLICKS_MAX

/* Fetches the recipient's messages and clicks from other nodes. */
static void
fetch_clicked(Datum recipient_hash, Datum *messages, Datum *hits)
{
	static StoreStatement statement = {
		.query = "SELECT coalesce(array_agg(DISTINCT c.message_id), '{}') "
				 "FROM smstrack.clicker AS c WHERE c.recipient_hash = $1",
		.arguments = 1,
		.types = {INT8OID}};
	Datum ids;
	bool null;

	store_run(&statement, &recipient_hash, NULL);
	ids = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	*messages = far_messages(ids);
	*hits = far_hits(ids, 'c');
}

/* Runs FIND_CLICKS; gives the number of rows. */
static int
find_clicks(Conversion *conversion)
{
	static StoreStatement here = {
		.query = FIND_CLICKS("smstrack.message", "smstrack.hit"),
		.arguments = 5,
		.types = {INT4OID, INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID}};
	static StoreStatement far = {
		.query = FIND_CLICKS("unnest($6)", "unnest($7)"),
		.arguments = 7,
		.types = {INT4OID, INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID}};
	Datum values[7] = {
		Int32GetDatum(setting_attribution_window),
		Int64GetDatum(conversion->recipient_hash), PointerGetDatum(conversion->recipient),
		CStringGetTextDatum(conversion->account), TimestampTzGetDatum(conversion->at)};

	if (!catalog_is_distributed())
		return (int) store_run(&here, values, NULL);
	fetch_clicked(values[1], &values[5], &values[6]);
	far.types[5] = far_rows_type(CATALOG_MESSAGE);
	far.types[6] = far_rows_type(CATALOG_HIT);
	return (int) store_run(&far, values, NULL);
}

/* Reads the clicks of the recipient before the conversion, the last ones first. */
static void
read_clicks(Conversion *conversion)
{
	int rows = find_clicks(conversion);

	/* room for the named click, which may be none of them */
	conversion->clicks = palloc(sizeof(ConversionClick) * ((Size) rows + 1));
	conversion->click_count = rows;
	for (int i = 0; i < rows; i++)
		read_click(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, &conversion->clicks[i]);
}

/* Enters the click that the token names among the others. */
static void
add_named_click(Conversion *conversion, const ConversionClick *named)
{
	int at = 0;

	while (at < conversion->click_count &&
		   (conversion->clicks[at].message_id != named->message_id ||
			conversion->clicks[at].position != named->position ||
			conversion->clicks[at].at != named->at))
		at++;
	if (at == conversion->click_count)
		conversion->clicks[conversion->click_count++] = *named;
	conversion->clicks[at].named = true;
	conversion->named = at;
}

/* Reads what is needed of the message of the click that the token names. */
static void
read_named_click(const Token *token, ConversionClick *click)
{
	static StoreStatement statement = {
		.query = "SELECT m.message_id, $3, $4, " CLICK_COLUMNS
				 "FROM smstrack.message AS m " CLICK_TABLES "WHERE m.message_id = $2",
		.arguments = 4,
		.types = {INT4OID, INT8OID, INT4OID, TIMESTAMPTZOID}};
	Datum values[] = {
		Int32GetDatum(setting_attribution_window),
		Int64GetDatum((int64) (token->number / CODE_POSITIONS)),
		Int32GetDatum((int32) (token->number % CODE_POSITIONS)),
		TimestampTzGetDatum(time_t_to_timestamptz((pg_time_t) token->clicked_s))};

	if (store_run(&statement, values, NULL) == 0)
		elog(ERROR, "message of a conversion has vanished");
	read_click(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, click);
}

const LinkDomain *
conversion_token_domain(const text *token_text, Token *token)
{
	const char *chars = VARDATA_ANY(token_text);
	const LinkDomain *domain = NULL;

	if (token_read(chars, VARSIZE_ANY_EXHDR(token_text), token) &&
		token->link_domain <= PG_INT32_MAX)
		domain = domain_by_id((int32) token->link_domain);
	return domain != NULL && token_verify(chars, domain->keys.token) ? domain : NULL;
}

/* Verifies the token; finds account and recipient by it. */
static ConversionStatus
work_out_token(Conversion *conversion, Token *token)
{
	const LinkDomain *domain = conversion_token_domain(conversion->token, token);
	FoundMessage message;

	if (domain == NULL || (conversion->only_account != NULL &&
						   strcmp(conversion->only_account, domain->account) != 0))
		return CONVERSION_BAD_TOKEN;
	conversion->account = pstrdup(domain->account);
	/* an erased message has no codes any more */
	if (!message_find((int64) (token->number / CODE_POSITIONS), GetActiveSnapshot(),
					  &message) ||
		message.code_length == 0)
		return CONVERSION_NO_MESSAGE;
	conversion->recipient = message.recipient;
	return conversion->status;
}

static void
work_out_recipient(Conversion *conversion)
{
	bool valid;

	conversion->account =
		conversion->only_account != NULL ? conversion->only_account : setting_account;
	conversion->recipient = recipient_normalise(conversion->recipient, &valid);
}

/* Hashes the recipient as smstrack.clicker has it. */
static void
work_out_hash(Conversion *conversion)
{
	unsigned char key[32];

	if (conversion->recipient == NULL || !recipient_key(conversion->account, false, key))
		return;
	conversion->has_hash = true;
	conversion->recipient_hash =
		recipient_hash_bigint(key, VARDATA_ANY(conversion->recipient),
							  VARSIZE_ANY_EXHDR(conversion->recipient));
}

int
conversion_anchor(const Conversion *conversion)
{
	int last = 0;

	if (conversion->named >= 0)
		return conversion->named;
	if (conversion->chosen >= 0 || conversion->status != CONVERSION_LATE)
		return conversion->chosen;
	/* the last ones come first, and some may have come after the conversion */
	while (conversion->clicks[last].at > conversion->at)
		last++;
	return last;
}

/* Says what the conversion counts once for, where that is not its order. */
static void
work_out_once_key(Conversion *conversion)
{
	int click = conversion_anchor(conversion);

	if (conversion->once && conversion->has_hash)
		conversion->once_key = cstring_to_text(
			psprintf("r%016llx", (unsigned long long) conversion->recipient_hash));
	else if ((conversion->once || conversion->order_id == NULL) && click >= 0)
		conversion->once_key = cstring_to_text(psprintf(
			"c" INT64_FORMAT ":%d:" INT64_FORMAT, conversion->clicks[click].message_id,
			conversion->clicks[click].position,
			(int64) timestamptz_to_time_t(conversion->clicks[click].at)));
}

/*
 * Chooses the click by the rule of attribution.h. A test message's click is there only
 * where it was named; it is credited itself, so that a trial counts for no real message.
 */
void
conversion_choose(Conversion *conversion, AttributionVerdict *verdict)
{
	AttributionClick *clicks =
		palloc(sizeof(AttributionClick) * ((Size) conversion->click_count + 1));
	AttributionChoice choice = {0};

	for (int i = 0; i < conversion->click_count; i++)
		clicks[i] = (AttributionClick){
			conversion->clicks[i].at, conversion->clicks[i].window * USECS_PER_SEC,
			conversion->clicks[i].named,
			conversion->clicks[i].first_click && !conversion->clicks[i].test};
	*verdict = attribution_choose(clicks, (size_t) conversion->click_count,
								  conversion->at, &choice);
	conversion->chosen = *verdict == ATTRIBUTION_CHOSEN ? (int) choice.click : -1;
	conversion->first_click = choice.first_click;
	pfree(clicks);
}

/* Gives the window of a click as an interval. */
Datum
conversion_window(const ConversionClick *click)
{
	Interval *window = palloc0(sizeof(Interval));

	window->day = (int32) (click->window / SECS_PER_DAY);
	window->time = (click->window % SECS_PER_DAY) * USECS_PER_SEC;
	return IntervalPGetDatum(window);
}

/* Finds the clicks and chooses one; what is refused for it is refused later, if the
 * ledger does not know the conversion already, and what is late is credited to none. */
static void
work_out_clicks(Conversion *conversion, const Token *token)
{
	AttributionVerdict verdict;
	ConversionClick named;

	work_out_hash(conversion);
	if (conversion->has_hash)
		read_clicks(conversion);
	else
		conversion->clicks = palloc(sizeof(ConversionClick));
	if (!conversion->by_recipient)
	{
		read_named_click(token, &named);
		add_named_click(conversion, &named);
	}
	conversion_choose(conversion, &verdict);
	if (verdict == ATTRIBUTION_LATE)
		conversion->status = CONVERSION_LATE;
	else if (verdict != ATTRIBUTION_CHOSEN)
		conversion->status =
			conversion->by_recipient ? CONVERSION_NO_CLICK : CONVERSION_EARLY;
	work_out_once_key(conversion);
}

void
conversion_check(Conversion *conversion)
{
	conversion->status = check_names(conversion);
	if (conversion->status != CONVERSION_COUNTED)
		return;
	read_goal(conversion);
	conversion->status = check_value(conversion);
}

void
conversion_work_out(Conversion *conversion)
{
	TimestampTz now = GetCurrentTimestamp();
	Token token;

	conversion->named = conversion->chosen = -1;
	if (conversion->status == CONVERSION_COUNTED)
		conversion->status = check_source(conversion);
	if (conversion->status == CONVERSION_COUNTED)
		conversion->status = check_names(conversion);
	if (conversion->status == CONVERSION_COUNTED && !conversion->by_recipient)
		conversion->status = work_out_token(conversion, &token);
	if (conversion->status != CONVERSION_COUNTED)
		return;
	if (conversion->by_recipient)
		work_out_recipient(conversion);
	if (!conversion->has_at)
		conversion->at = now;
	read_goal(conversion);
	conversion->status = check_value(conversion);
	if (conversion->status == CONVERSION_COUNTED && TIMESTAMP_IS_NOBEGIN(conversion->at))
		conversion->status = CONVERSION_EARLY;
	else if (conversion->status == CONVERSION_COUNTED &&
			 conversion->at > now + ATTRIBUTION_TOLERANCE)
		conversion->status = CONVERSION_FUTURE;
	if (conversion->status == CONVERSION_COUNTED)
		work_out_clicks(conversion, &token);
}
