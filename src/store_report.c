/*
 * store_report.c: enters delivery reports. A report never goes back: of two statuses the
 * later one in the order accepted, sent, expired, failed, delivered holds, whichever came
 * first; of two reports of one status, the earlier time. So reports may come twice, and
 * in any order.
 *
 * Rows are locked as everywhere: messages by id, then the outbox.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "message_tally.h"
#include "settings.h"
#include "store_handover.h"
#include "store_nodes.h"
#include "store_run.h"

/*
 * Reports of the account's messages, joined to one a message. Nothing was sent later than
 * it is reported, whatever the provider's clock says. Of what is reported without a time
 * nothing else is known, but that a click comes later: who clicked would be a bot.
 */
#define REPORTS                                                                          \
	"WITH report AS ("                                                                   \
	"  SELECT r.message_id, array_position("                                             \
	"      '{accepted,sent,expired,failed,delivered}'::text[], r.status) AS rank,"       \
	"    least(r.at, now()) AS at, coalesce(r.at <= now(), false) AS timed, r.error,"    \
	"    r.charged"                                                                      \
	"  FROM unnest($1, $2, $3, $4, $5) AS r (message_id, status, at, error, charged)), " \
	"summed AS ("                                                                        \
	"  SELECT message_id, max(rank) AS rank, max(charged) AS charged,"                   \
	"    min(at) FILTER (WHERE rank = 2 AND timed) AS timed_at,"                         \
	"    bool_or(rank = 2 AND NOT timed) AS untimed,"                                    \
	"    (array_agg(at ORDER BY rank DESC, at))[1] AS at,"                               \
	"    (array_agg(error ORDER BY rank DESC, at) FILTER (WHERE error IS NOT NULL))[1] " \
	"AS error"                                                                           \
	"  FROM report GROUP BY message_id) "

/* What the changed messages took from the sums over messages, and what they add. */
#define CHANGES                                                                          \
	"SELECT count(*) FILTER (WHERE v.sign = 1), c.test, c.link_domain,"                  \
	"  coalesce(c.campaign, 0), coalesce(c.variant, 0), c.country::integer,"             \
	"  coalesce(v.currency, ''), sum(v.sign), sum(v.sign) FILTER (WHERE v.status <> "    \
	"'p'),"                                                                              \
	"  sum(v.sign) FILTER (WHERE v.status IN ('s', 'd') OR v.sent_at IS NOT NULL),"      \
	"  sum(v.sign) FILTER (WHERE v.status = 'd'),"                                       \
	"  sum(v.sign) FILTER (WHERE v.status = 'f'),"                                       \
	"  sum(v.sign) FILTER (WHERE v.status = 'e'),"                                       \
	"  sum(v.sign) FILTER (WHERE v.charged IS NOT NULL),"                                \
	"  sum(v.sign * c.segments_before), sum(v.sign * c.segments_after), 0::bigint,"      \
	"  sum(v.sign * c.segments_before * c.segment_price),"                               \
	"  sum(v.sign * c.segments_after * c.segment_price), sum(v.sign * v.charged),"       \
	"  sum(v.sign * c.segments_after * c.segment_price) FILTER (WHERE v.charged IS "     \
	"NULL) "                                                                             \
	"FROM changed AS c CROSS JOIN LATERAL (VALUES"                                       \
	"  (-1, c.former_status, c.former_sent_at, c.former_charged, c.former_currency),"    \
	"  (1, c.status, c.sent_at, c.charged_cost, c.currency)"                             \
	"  ) AS v (sign, status, sent_at, charged, currency) "                               \
	"GROUP BY 2, 3, 4, 5, 6, 7"

/* Takes the rows of CHANGES to the sums over messages; gives how many messages changed.
 */
static int64
count_changes(uint64 rows)
{
	int64 changed = 0;
	bool null;

	for (uint64 row = 0; row < rows; row++)
	{
		MessageTally change;
		int at = 1;

#define COLUMN()                                                                         \
	SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, at++, &null)
		memset(&change, 0, sizeof(change));
		changed += DatumGetInt64(COLUMN());
		if (DatumGetBool(COLUMN()))
			continue;
		change.key.link_domain = DatumGetInt32(COLUMN());
		change.key.campaign = DatumGetInt32(COLUMN());
		change.key.variant = DatumGetInt32(COLUMN());
		change.key.country = DatumGetInt32(COLUMN());
		text_to_cstring_buffer(DatumGetTextPP(COLUMN()), change.key.currency,
							   sizeof(change.key.currency));
		/* a NULL is read as 0 */
		for (int column = 0; column < MESSAGE_COUNTS; column++)
			change.counts[column] = DatumGetInt64(COLUMN());
		for (int column = 0; column < MESSAGE_COSTS; column++)
		{
			Datum cost = COLUMN();

			change.costs[column] = null ? NULL : DatumGetNumeric(cost);
		}
#undef COLUMN
		message_tally_add(&change);
	}
	return changed;
}

/* Has Citus ask for the reported messages alone, wherever they are. */
#define FAR " AND m.message_id = ANY ($1)"

/*
 * Finds a message whose charged cost cannot be added to its price. Here OFFSET keeps the
 * order: for the first row by id the planner would go through all messages, and through
 * all reports for each.
 */
#define CHARGED_HERE                                                                     \
	"CROSS JOIN LATERAL (SELECT * FROM smstrack.message AS m"                            \
	"  WHERE m.message_id = r.message_id OFFSET 0) AS m"
#define CHARGED_FAR "JOIN smstrack.message AS m ON m.message_id = r.message_id" FAR
#define FIND_CHARGED(messages)                                                           \
	{                                                                                    \
		.query = "SELECT m.message_id, m.currency "                                      \
				 "FROM unnest($1, $2) AS r (message_id, charged) " messages              \
				 "  JOIN smstrack.link_domain AS d ON d.id = m.link_domain "             \
				 "WHERE r.charged IS NOT NULL AND d.account = $3"                        \
				 "  AND coalesce(m.currency <> $4, coalesce(m.currency, $4) IS NULL) "   \
				 "ORDER BY 1 LIMIT 1",                                                   \
		.arguments = 4, .types = {                                                       \
			INT8ARRAYOID,                                                                \
			NUMERICARRAYOID,                                                             \
			TEXTOID,                                                                     \
			TEXTOID                                                                      \
		}                                                                                \
	}

/* Refuses to add up two currencies, or costs of none. */
static void
check_charged(Datum *reports, bool has_currency)
{
	static StoreStatement find = FIND_CHARGED(CHARGED_HERE);
	static StoreStatement find_far = FIND_CHARGED(CHARGED_FAR);
	Datum values[] = {reports[0], reports[4], reports[5], reports[6]};
	const char *currency;
	int64 message_id;
	bool null;

	if (store_run(catalog_is_distributed() ? &find_far : &find, values,
				  has_currency ? NULL : "   n") == 0)
		return;
	message_id = DatumGetInt64(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
	currency = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2);
	if (currency == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("charged cost has no currency"),
						errdetail("Message " INT64_FORMAT " has no price whose currency "
								  "it could be.",
								  message_id),
						errhint("Name the currency of the charged costs.")));
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("charged cost is in another currency than the price"),
					errdetail("Message " INT64_FORMAT " has prices in %s.", message_id,
							  currency),
					errhint("Report charged costs in the currency of smstrack.price.")));
}

/*
 * Enters the reports into their messages; what was said of one without a recipient is not
 * kept: it may name him.
 */
#define UPDATE_MESSAGES(far)                                                             \
	REPORTS                                                                              \
	", known AS (SELECT s.*, m.message_id AS id,"                                        \
	"    least(s.timed_at, CASE WHEN s.untimed THEN least(now(), m.first_click_at) END)" \
	"      AS sent_at,"                                                                  \
	"    coalesce(array_position('{a,s,e,f,d}'::\"char\"[], m.status), 0) AS former,"    \
	"    m.status AS former_status, m.sent_at AS former_sent_at,"                        \
	"    m.charged_cost AS former_charged, m.currency AS former_currency"                \
	"  FROM summed AS s JOIN smstrack.message AS m ON m.message_id = s.message_id" far   \
	"  JOIN smstrack.link_domain AS d ON d.id = m.link_domain"                           \
	"  WHERE d.account = $6 AND m.status <> 'l'), "                                      \
	"changed AS (UPDATE smstrack.message AS m SET"                                       \
	"  status = CASE WHEN k.rank > k.former THEN ('{a,s,e,f,d}'::\"char\"[])[k.rank]"    \
	"    ELSE m.status END,"                                                             \
	"  status_at = CASE WHEN k.rank > k.former THEN k.at"                                \
	"    WHEN k.rank = k.former THEN least(m.status_at, k.at) ELSE m.status_at END,"     \
	"  sent_at = least(m.sent_at, k.sent_at),"                                           \
	"  error = CASE WHEN m.recipient IS NULL THEN NULL WHEN k.rank >= k.former THEN "    \
	"coalesce(k.error, m.error)"                                                         \
	"    ELSE coalesce(m.error, k.error) END,"                                           \
	"  charged_cost = greatest(m.charged_cost, k.charged),"                              \
	"  currency = CASE WHEN k.charged IS NULL THEN m.currency"                           \
	"    ELSE coalesce(m.currency, $7) END "                                             \
	"FROM known AS k WHERE m.message_id = k.message_id" far                              \
	"  AND (k.rank > k.former OR k.rank = k.former AND k.at < m.status_at"               \
	"    OR k.sent_at < coalesce(m.sent_at, 'infinity')"                                 \
	"    OR k.error IS NOT NULL AND m.recipient IS NOT NULL AND (m.error IS NULL OR "    \
	"k.rank >= k.former AND "                                                            \
	"k.error <> m.error)"                                                                \
	"    OR k.charged > coalesce(m.charged_cost, -1)) "                                  \
	"RETURNING m.*, k.former_status, k.former_sent_at, k.former_charged,"                \
	"  k.former_currency) " CHANGES

/* Enters the reports into their messages; gives how many changed. */
static int64
update_messages(Datum *values, const char *nulls)
{
#define TYPES                                                                            \
	{                                                                                    \
		INT8ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, NUMERICARRAYOID,  \
			TEXTOID, TEXTOID                                                             \
	}
	static StoreStatement here = {
		.query = UPDATE_MESSAGES(""), .arguments = 7, .types = TYPES};
	static StoreStatement far = {
		.query = UPDATE_MESSAGES(FAR), .arguments = 7, .types = TYPES};
#undef TYPES

	return count_changes(
		store_run(catalog_is_distributed() ? &far : &here, values, nulls));
}

/* Takes what was reported out of the outbox. */
static void
leave_outbox(Datum message_ids, Datum account)
{
	/* rows of several shards cannot be locked in order; their messages are locked */
	static StoreStatement spread = {
		.query = "DELETE FROM smstrack.outbox AS o WHERE o.message_id = ANY ($1)"
				 " AND o.campaign = ANY (ARRAY(SELECT c.id FROM smstrack.campaign AS c"
				 "   WHERE c.account = $2))",
		.arguments = 2,
		.types = {INT8ARRAYOID, TEXTOID}};
	static StoreStatement statement = {
		.query = "DELETE FROM smstrack.outbox AS o WHERE o.message_id = ANY (ARRAY("
				 "  SELECT q.message_id FROM smstrack.outbox AS q"
				 "    JOIN smstrack.campaign AS c ON c.id = q.campaign"
				 "  WHERE q.message_id = ANY ($1) AND c.account = $2"
				 "  ORDER BY q.message_id FOR UPDATE OF q))",
		.arguments = 2,
		.types = {INT8ARRAYOID, TEXTOID}};
	Datum values[] = {message_ids, account};

	store_run(catalog_is_distributed() ? &spread : &statement, values, NULL);
}

int64
store_reports(ArrayType *message_ids, ArrayType *statuses, ArrayType *times,
			  ArrayType *errors, ArrayType *charged, text *currency)
{
	Datum account = CStringGetTextDatum(setting_account);
	Datum values[] = {PointerGetDatum(message_ids), PointerGetDatum(statuses),
					  PointerGetDatum(times),		PointerGetDatum(errors),
					  PointerGetDatum(charged),		account,
					  PointerGetDatum(currency)};
	CatalogUser caller = catalog_become_owner();
	int64 changed;
	int64 *locked;

	store_plan_anew();
	store_on_all_nodes();
	check_charged(values, currency != NULL);
	(void) store_lock_messages(values[0], STORE_LOCK_NO_KEY_UPDATE, &locked);
	changed = update_messages(values, currency == NULL ? "      n" : NULL);
	leave_outbox(values[0], account);
	catalog_become_caller(caller);
	return changed;
}
