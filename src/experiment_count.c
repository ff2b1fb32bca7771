/*
 * experiment_count.c: what became of those whom a campaign's variants were allotted to.
 *
 * The unit is a recipient, and his first message where single ones are many. Only those
 * count who could have had several variants: who got the winner afterwards was compared
 * with nobody. A launch's messages are known by their ids and by the time of its
 * transaction, and read in one pass over these ids; conversions are few, and looked up
 * from their side. What was taken back since is none.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "experiment.h"

/* Columns of the query. */
enum
{
	COLUMN_ID = 1,
	COLUMN_NAME,
	COLUMN_WEIGHT,
	COLUMN_RECIPIENTS,
	COLUMN_DELIVERED,
	COLUMN_MATURE,
	COLUMN_PENDING,
	COLUMN_CLICKED,
	COLUMN_CONVERTED,
	COLUMN_BUYERS,
	COLUMN_VALUE,
	COLUMN_SQUARES,
	COLUMN_COST,
	COLUMN_EXPECTED,
	COLUMN_PREPARED,
	COLUMN_OPT_OUTS,
	COLUMN_MONEY,
	COLUMN_FOREIGN,
	COLUMN_OLD_ENOUGH
};

/*
 * The query. $1 campaign, $2 maturity, $3 goal, $4 currency, $5 minimum time. The time of
 * sending is the provider's where it is known; who is known not to be reached has no
 * outcome.
 */
#define SENT	"coalesce(m.sent_at, m.created_at)"
#define REACHED "m.status NOT IN ('f', 'e')"

/* Until when messages are mature: reckoned once, not for each of them. */
#define BY		"(SELECT now() - $2)"

/* Launches in which several variants could be had. */
#define BATCH                                                                            \
	"batch AS MATERIALIZED ("                                                            \
	"  SELECT l.launched_at, l.first_message_id, l.last_message_id, l.prepared,"         \
	"    l.variants, l.weights"                                                          \
	"  FROM smstrack.launch AS l"                                                        \
	"  WHERE l.campaign = $1 AND NOT l.test AND cardinality(l.variants) > 1"             \
	"    AND l.first_message_id IS NOT NULL)"

/* What is counted of messages m by variant, whoever they were allotted by. */
#define SUMS                                                                             \
	" AS variant, m.currency, count(*) AS recipients,"                                   \
	"  count(*) FILTER (WHERE m.status = 'd') AS delivered,"                             \
	"  count(*) FILTER (WHERE " SENT " <= " BY " AND " REACHED ") AS mature,"            \
	"  count(*) FILTER (WHERE " SENT " > " BY " AND " REACHED ") AS pending,"            \
	"  count(*) FILTER (WHERE m.first_click_at IS NOT NULL AND " SENT " <= " BY          \
	"    AND " REACHED " AND m.first_click_at <= " SENT " + $2) AS clicked,"             \
	"  sum(coalesce(m.charged_cost, m.segment_price * m.segments_after)) AS cost,"       \
	"  min(m.created_at) AS first_at"

#define COUNTED                                                                          \
	"counted AS MATERIALIZED ("                                                          \
	"  SELECT m.variant" SUMS                                                            \
	"  FROM batch AS b JOIN smstrack.message AS m"                                       \
	"    ON m.message_id BETWEEN b.first_message_id AND b.last_message_id"               \
	"    AND m.campaign = $1 AND m.created_at = b.launched_at AND m.variant IS NOT NULL" \
	"  GROUP BY m.variant, m.currency"                                                   \
	"  UNION ALL"                                                                        \
	"  SELECT r.variant" SUMS                                                            \
	"  FROM smstrack.trial AS r"                                                         \
	"  JOIN smstrack.message AS m ON m.message_id = r.message_id"                        \
	"  WHERE r.campaign = $1 GROUP BY r.variant, m.currency)"

/* Between what ids all messages lie: what else was converted need not be looked at. */
#define SPAN                                                                             \
	"span AS MATERIALIZED ("                                                             \
	"  SELECT min(s.first) AS first, max(s.last) AS last"                                \
	"  FROM (SELECT min(b.first_message_id), max(b.last_message_id) FROM batch AS b"     \
	"    UNION ALL"                                                                      \
	"    SELECT min(r.message_id), max(r.message_id) FROM smstrack.trial AS r"           \
	"    WHERE r.campaign = $1) AS s (first, last))"

/* A row a message and currency that something was bought in. */
#define CONVERTED                                                                        \
	"converted AS MATERIALIZED ("                                                        \
	"  SELECT m.variant, m.message_id, c.currency,"                                      \
	"    sum(c.value - c.reversed_value) AS value"                                       \
	"  FROM smstrack.conversion AS c"                                                    \
	"  JOIN smstrack.message AS m ON m.message_id = c.message_id"                        \
	"    AND m.campaign = $1 AND m.variant IS NOT NULL"                                  \
	"  WHERE c.message_id BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)"  \
	"    AND c.campaign = $1 AND NOT c.test AND c.reversed_at IS NULL"                   \
	"    AND c.goal = coalesce($3, c.goal)"                                              \
	"    AND " REACHED " AND " SENT " <= " BY " AND c.at <= " SENT " + $2"               \
	"    AND (EXISTS (SELECT FROM batch AS b WHERE b.launched_at = m.created_at"         \
	"        AND m.message_id BETWEEN b.first_message_id AND b.last_message_id)"         \
	"      OR m.message_id IN (SELECT r.message_id FROM smstrack.trial AS r"             \
	"        WHERE r.campaign = $1))"                                                    \
	"  GROUP BY m.variant, m.message_id, c.currency)"

/* The currency that was asked for, or the only one. */
#define MONEY                                                                            \
	"money AS MATERIALIZED ("                                                            \
	"  SELECT coalesce($4, CASE WHEN min(u.currency) = max(u.currency)"                  \
	"    THEN min(u.currency) END) AS currency"                                          \
	"  FROM (SELECT currency FROM counted UNION SELECT currency FROM converted) AS u)"

#define TOTAL                                                                            \
	"total AS ("                                                                         \
	"  SELECT n.variant, sum(n.recipients)::bigint AS recipients,"                       \
	"    sum(n.delivered)::bigint AS delivered, sum(n.mature)::bigint AS mature,"        \
	"    sum(n.pending)::bigint AS pending, sum(n.clicked)::bigint AS clicked,"          \
	"    (sum(n.cost) FILTER (WHERE n.currency = y.currency)"                            \
	"      / sum(n.recipients) FILTER (WHERE n.currency = y.currency))::float8 AS cost," \
	"    coalesce(sum(n.recipients) FILTER (WHERE n.currency <> y.currency), 0)"         \
	"      AS other,"                                                                    \
	"    min(n.first_at) AS first_at"                                                    \
	"  FROM counted AS n, money AS y GROUP BY n.variant)"

#define BOUGHT                                                                           \
	"bought AS ("                                                                        \
	"  SELECT c.variant, count(DISTINCT c.message_id) AS converted,"                     \
	"    count(*) FILTER (WHERE c.currency = y.currency) AS buyers,"                     \
	"    (sum(c.value) FILTER (WHERE c.currency = y.currency))::float8 AS value,"        \
	"    (sum(c.value * c.value) FILTER (WHERE c.currency = y.currency))::float8"        \
	"      AS squares,"                                                                  \
	"    count(*) FILTER (WHERE c.currency <> y.currency) AS other"                      \
	"  FROM converted AS c, money AS y GROUP BY c.variant)"

/* How many recipients each variant was meant to get. */
#define MEANT                                                                            \
	"allotted AS ("                                                                      \
	"  SELECT b.prepared, b.variants, b.weights FROM batch AS b"                         \
	"  UNION ALL"                                                                        \
	"  SELECT r.prepared, a.variants, a.weights"                                         \
	"  FROM (SELECT r.allotment, count(*) AS prepared FROM smstrack.trial AS r"          \
	"    WHERE r.campaign = $1 GROUP BY r.allotment) AS r"                               \
	"  JOIN smstrack.allotment AS a ON a.id = r.allotment"                               \
	"), meant AS ("                                                                      \
	"  SELECT w.variant, sum(b.prepared * w.weight::float8"                              \
	"      / (SELECT sum(u.weight) FROM unnest(b.weights) AS u (weight))) AS expected"   \
	"  FROM allotted AS b, unnest(b.variants, b.weights) AS w (variant, weight)"         \
	"  GROUP BY w.variant)"

static const char count_query[] =
	"WITH " BATCH ", " COUNTED ", " SPAN ", " CONVERTED ", " MONEY ", " TOTAL ", " BOUGHT
	", " MEANT
	" SELECT v.id, v.name, v.weight, t.recipients, t.delivered, t.mature, t.pending,"
	"  t.clicked, o.converted, o.buyers, o.value, o.squares, t.cost, w.expected,"
	"  p.prepared, p.opt_outs, y.currency,"
	"  (coalesce(t.other, 0) + coalesce(o.other, 0))::bigint,"
	"  (SELECT min(first_at) FROM total) + $5 <= now() "
	"FROM smstrack.variant AS v CROSS JOIN money AS y "
	"LEFT JOIN total AS t ON t.variant = v.id "
	"LEFT JOIN bought AS o ON o.variant = v.id "
	"LEFT JOIN meant AS w ON w.variant = v.id "
	"LEFT JOIN (SELECT variant, sum(prepared)::bigint AS prepared,"
	"    sum(opt_outs)::bigint AS opt_outs"
	"  FROM smstrack.message_tally WHERE campaign = $1 GROUP BY variant) AS p"
	"  ON p.variant = v.id "
	"WHERE v.campaign = $1 AND (v.weight > 0 OR t.recipients > 0) ORDER BY v.id";

static Datum
column(uint64 row, int number, bool *null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, null);
}

/* Reads a bigint; NULL is 0. */
static int64
read_count(uint64 row, int number)
{
	bool null;
	Datum value = column(row, number, &null);

	return null ? 0 : DatumGetInt64(value);
}

static double
read_number(uint64 row, int number, double otherwise)
{
	bool null;
	Datum value = column(row, number, &null);

	return null ? otherwise : DatumGetFloat8(value);
}

/* Fills in a variant and its arm. */
static void
read_variant(Experiment *experiment, uint64 row)
{
	static const int successes[] = {
		['c'] = COLUMN_CLICKED, ['o'] = COLUMN_CONVERTED, ['v'] = COLUMN_BUYERS};
	ExperimentVariant *variant = &experiment->variants[row];
	bool null;

	variant->id = DatumGetInt32(column(row, COLUMN_ID, &null));
	variant->name = TextDatumGetCString(column(row, COLUMN_NAME, &null));
	variant->weight = DatumGetInt32(column(row, COLUMN_WEIGHT, &null));
	variant->delivered = read_count(row, COLUMN_DELIVERED);
	variant->pending = read_count(row, COLUMN_PENDING);
	experiment->arms[row] =
		(DecideArm){.recipients = (double) read_count(row, COLUMN_RECIPIENTS),
					.expected = read_number(row, COLUMN_EXPECTED, 0),
					.mature = (double) read_count(row, COLUMN_MATURE),
					.successes = (double) read_count(
						row, successes[(unsigned char) experiment->metric]),
					.value = read_number(row, COLUMN_VALUE, 0),
					.squares = read_number(row, COLUMN_SQUARES, 0),
					.cost = read_number(row, COLUMN_COST, -1),
					.prepared = (double) read_count(row, COLUMN_PREPARED),
					.opt_outs = (double) read_count(row, COLUMN_OPT_OUTS)};
	experiment->foreign += read_count(row, COLUMN_FOREIGN);
}

/*
 * Has very many rows of few variants summed up by hashes: of a table that was just filled
 * the statistics say little, and sorting it takes most of the time. AtEOXact_GUC ends it.
 */
static int
hash_groups(void)
{
	int level = NewGUCNestLevel();

	(void) set_config_option("enable_sort", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	/* what cannot do without a sort seems dear enough to be compiled, which it is not */
	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	return level;
}

void
experiment_count(Experiment *experiment, bool read_only)
{
	Oid types[] = {INT4OID, INTERVALOID, TEXTOID, TEXTOID, INTERVALOID};
	Datum values[] = {Int32GetDatum(experiment->campaign),
					  IntervalPGetDatum(&experiment->maturity), (Datum) 0, (Datum) 0,
					  IntervalPGetDatum(&experiment->min_time)};
	char nulls[] = "  nn ";
	static void *plan;
	int settings_level;
	bool null;
	Datum money;

	if (experiment->goal != NULL)
	{
		values[2] = CStringGetTextDatum(experiment->goal);
		nulls[2] = ' ';
	}
	if (experiment->currency != NULL)
	{
		values[3] = CStringGetTextDatum(experiment->currency);
		nulls[3] = ' ';
	}
	settings_level = hash_groups();
	experiment_query(count_query, 5, types, values, nulls, read_only, &plan);
	AtEOXact_GUC(false, settings_level);
	if (SPI_processed > ARMS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("campaign \"%s\" has too many variants to compare",
							   experiment->name),
						errdetail("At most %d can be compared.", ARMS_MAX)));
	experiment->count = (int) SPI_processed;
	for (uint64 i = 0; i < SPI_processed; i++)
		read_variant(experiment, i);
	if (SPI_processed > 0)
	{
		money = column(0, COLUMN_MONEY, &null);
		experiment->money = null ? NULL : TextDatumGetCString(money);
		money = column(0, COLUMN_OLD_ENOUGH, &null);
		experiment->rule.old_enough = !null && DatumGetBool(money);
	}
}
