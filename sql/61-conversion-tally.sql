-- Sums of conversions: what reports read instead of the ledger, kept in the transactions
-- that write it.

CREATE TABLE smstrack.conversion_tally (
    link_domain integer NOT NULL,
    campaign integer NOT NULL,
    variant integer NOT NULL,
    part bigint NOT NULL,
    conversions bigint NOT NULL,
    converters bigint NOT NULL,
    reversals bigint NOT NULL,
    slot smallint NOT NULL,
    grain "char" NOT NULL,
    goal text NOT NULL,
    currency text NOT NULL,
    source text NOT NULL,
    value numeric NOT NULL,
    reversed_value numeric NOT NULL,
    CONSTRAINT conversion_tally_pkey
        PRIMARY KEY (link_domain, campaign, variant, grain, part, goal, currency, source, slot)
) WITH (fillfactor = 50);
COMMENT ON TABLE smstrack.conversion_tally IS
    'Sums over the ledger, without test messages. A key''s number is the sum of its slots; the views conversion_position_tally, conversion_quarter_tally and converter_tally give it.';
COMMENT ON COLUMN smstrack.conversion_tally.link_domain IS 'Link domain of the credited messages.';
COMMENT ON COLUMN smstrack.conversion_tally.campaign IS 'Campaign of the credited messages; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_tally.variant IS 'Variant of the credited messages; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_tally.part IS 'By grain: position; quarters of an hour since 1970 in UTC.';
COMMENT ON COLUMN smstrack.conversion_tally.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.conversion_tally.converters IS
    'Messages whose first conversion this is: of the goal by this link (t), of the goal (q), of any goal (m).';
COMMENT ON COLUMN smstrack.conversion_tally.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.conversion_tally.slot IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.conversion_tally.grain IS
    't totals by position; q by quarter of an hour of the conversion; m messages by quarter of an hour of their first conversion of any goal.';
COMMENT ON COLUMN smstrack.conversion_tally.goal IS 'Goal; empty for grain m.';
COMMENT ON COLUMN smstrack.conversion_tally.currency IS 'ISO 4217 code; empty for none.';
COMMENT ON COLUMN smstrack.conversion_tally.source IS 'client or server; empty for grain m.';
COMMENT ON COLUMN smstrack.conversion_tally.value IS 'Value of the conversions, before anything was taken back.';
COMMENT ON COLUMN smstrack.conversion_tally.reversed_value IS 'Value that was taken back.';

-- One definition for keeping the sums and for checking them: what the conversions of a
-- message add to them.
CREATE VIEW smstrack.conversion_part AS
SELECT
    c.message_id,
    c.link_domain,
    c.campaign,
    c.variant,
    g.grain::"char" AS grain,
    g.part,
    g.goal,
    g.currency,
    g.source,
    g.counts::integer AS conversions,
    g.first::integer AS converters,
    (g.counts AND c.reversed_at IS NOT NULL)::integer AS reversals,
    CASE WHEN g.counts THEN coalesce(c.value, 0) ELSE 0 END AS value,
    CASE WHEN g.counts THEN c.reversed_value ELSE 0 END AS reversed_value
FROM (
    SELECT
        k.*,
        floor(extract(epoch FROM k.at) / 900)::bigint AS quarter,
        row_number() OVER (PARTITION BY k.message_id ORDER BY k.at, k.conversion_id) AS nth,
        row_number() OVER (PARTITION BY k.message_id, k.goal ORDER BY k.at, k.conversion_id) AS nth_of_goal,
        row_number() OVER (PARTITION BY k.message_id, k.goal, k."position"
                           ORDER BY k.at, k.conversion_id) AS nth_of_position
    FROM smstrack.conversion AS k
    WHERE k.message_id IS NOT NULL AND NOT k.test
) AS c
CROSS JOIN LATERAL (
    VALUES ('t', c."position"::bigint, c.goal, coalesce(c.currency, ''), c.source, true, c.nth_of_position = 1),
           ('q', c.quarter, c.goal, coalesce(c.currency, ''), c.source, true, c.nth_of_goal = 1),
           ('m', c.quarter, '', '', '', false, c.nth = 1)
) AS g (grain, part, goal, currency, source, counts, first)
WHERE g.counts OR g.first;
COMMENT ON VIEW smstrack.conversion_part IS
    'What each conversion adds to smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.message_id IS 'Message that it is credited to.';
COMMENT ON COLUMN smstrack.conversion_part.link_domain IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.campaign IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.variant IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.grain IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.part IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.goal IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.currency IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.source IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.conversions IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.converters IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.reversals IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.value IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_part.reversed_value IS 'As in smstrack.conversion_tally.';

CREATE VIEW smstrack.conversion_position_tally WITH (security_invoker = true) AS
SELECT
    t.link_domain,
    t.campaign,
    t.variant,
    t.part::integer AS "position",
    t.goal,
    nullif(t.currency, '') AS currency,
    t.source,
    sum(t.conversions)::bigint AS conversions,
    sum(t.converters)::bigint AS converters,
    sum(t.value) AS value,
    sum(t.reversals)::bigint AS reversals,
    sum(t.reversed_value) AS reversed_value
FROM smstrack.conversion_tally AS t
WHERE t.grain = 't'
GROUP BY t.link_domain, t.campaign, t.variant, t.part, t.goal, t.currency, t.source
-- what was corrected leaves sums of nothing behind
HAVING sum(t.conversions) <> 0;
COMMENT ON VIEW smstrack.conversion_position_tally IS
    'Sums by variant, position, goal, currency and source, live.';
COMMENT ON COLUMN smstrack.conversion_position_tally.link_domain IS 'Link domain.';
COMMENT ON COLUMN smstrack.conversion_position_tally.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_position_tally.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_position_tally."position" IS 'Which link, from 0.';
COMMENT ON COLUMN smstrack.conversion_position_tally.goal IS 'Goal.';
COMMENT ON COLUMN smstrack.conversion_position_tally.currency IS 'ISO 4217 code; NULL for conversions without a value.';
COMMENT ON COLUMN smstrack.conversion_position_tally.source IS 'client or server.';
COMMENT ON COLUMN smstrack.conversion_position_tally.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.conversion_position_tally.converters IS
    'Messages, each once a link and goal: under the currency and source of the first conversion.';
COMMENT ON COLUMN smstrack.conversion_position_tally.value IS 'Value, before anything was taken back.';
COMMENT ON COLUMN smstrack.conversion_position_tally.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.conversion_position_tally.reversed_value IS 'Value that was taken back.';

CREATE VIEW smstrack.conversion_quarter_tally WITH (security_invoker = true) AS
SELECT
    t.link_domain,
    t.campaign,
    t.variant,
    to_timestamp(t.part * 900) AS at,
    t.goal,
    nullif(t.currency, '') AS currency,
    t.source,
    sum(t.conversions)::bigint AS conversions,
    sum(t.converters)::bigint AS converters,
    sum(t.value) AS value,
    sum(t.reversals)::bigint AS reversals,
    sum(t.reversed_value) AS reversed_value
FROM smstrack.conversion_tally AS t
WHERE t.grain = 'q'
GROUP BY t.link_domain, t.campaign, t.variant, t.part, t.goal, t.currency, t.source
-- what was corrected leaves sums of nothing behind
HAVING sum(t.conversions) <> 0;
COMMENT ON VIEW smstrack.conversion_quarter_tally IS
    'Sums by variant, quarter of an hour of the conversion, goal, currency and source, live.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.link_domain IS 'Link domain.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.at IS 'Begin of the quarter of an hour.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.goal IS 'Goal.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.currency IS 'ISO 4217 code; NULL for conversions without a value.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.source IS 'client or server.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.converters IS 'Messages whose first conversion of the goal fell into it.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.value IS 'Value, before anything was taken back.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.reversals IS 'Conversions of it that were taken back wholly, whenever.';
COMMENT ON COLUMN smstrack.conversion_quarter_tally.reversed_value IS 'Value that was taken back of them, whenever.';

CREATE VIEW smstrack.converter_tally WITH (security_invoker = true) AS
SELECT
    t.link_domain,
    t.campaign,
    t.variant,
    to_timestamp(t.part * 900) AS at,
    sum(t.converters)::bigint AS converters
FROM smstrack.conversion_tally AS t
WHERE t.grain = 'm'
GROUP BY t.link_domain, t.campaign, t.variant, t.part
HAVING sum(t.converters) <> 0;
COMMENT ON VIEW smstrack.converter_tally IS
    'Messages with a conversion of any goal, each once, by quarter of an hour of the first, live.';
COMMENT ON COLUMN smstrack.converter_tally.link_domain IS 'Link domain.';
COMMENT ON COLUMN smstrack.converter_tally.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.converter_tally.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.converter_tally.at IS 'Begin of the quarter of an hour.';
COMMENT ON COLUMN smstrack.converter_tally.converters IS 'Messages whose first conversion fell into it.';

CREATE VIEW smstrack.conversion_tally_difference AS
WITH difference AS (
    SELECT t.link_domain, t.campaign, t.variant, t.grain, t.part, t.goal, t.currency, t.source,
           t.conversions, t.converters, t.reversals, t.value, t.reversed_value
    FROM smstrack.conversion_tally AS t
    UNION ALL
    SELECT p.link_domain, p.campaign, p.variant, p.grain, p.part, p.goal, p.currency, p.source,
           -p.conversions, -p.converters, -p.reversals, -p.value, -p.reversed_value
    FROM smstrack.conversion_part AS p
)
SELECT
    d.link_domain,
    d.campaign,
    d.variant,
    d.grain,
    d.part,
    d.goal,
    d.currency,
    d.source,
    sum(d.conversions)::bigint AS conversions,
    sum(d.converters)::bigint AS converters,
    sum(d.reversals)::bigint AS reversals,
    sum(d.value) AS value,
    sum(d.reversed_value) AS reversed_value
FROM difference AS d
GROUP BY d.link_domain, d.campaign, d.variant, d.grain, d.part, d.goal, d.currency, d.source
HAVING sum(d.conversions) <> 0 OR sum(d.converters) <> 0 OR sum(d.reversals) <> 0
    OR sum(d.value) <> 0 OR sum(d.reversed_value) <> 0;
COMMENT ON VIEW smstrack.conversion_tally_difference IS
    'smstrack.conversion_tally less what the ledger says, where they differ: no row.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.link_domain IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.campaign IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.variant IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.grain IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.part IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.goal IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.currency IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.source IS 'As in smstrack.conversion_tally.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.conversions IS 'Tally less ledger.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.converters IS 'Tally less ledger.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.reversals IS 'Tally less ledger.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.value IS 'Tally less ledger.';
COMMENT ON COLUMN smstrack.conversion_tally_difference.reversed_value IS 'Tally less ledger.';
