-- Sums over messages: what was prepared, became of it, and cost. They are kept in the
-- transactions that prepare and report, and written when those commit.

CREATE TABLE smstrack.message_tally (
    link_domain integer NOT NULL,
    campaign integer NOT NULL,
    variant integer NOT NULL,
    country integer NOT NULL,
    slot smallint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    prepared bigint NOT NULL,
    reported bigint NOT NULL,
    sent bigint NOT NULL,
    delivered bigint NOT NULL,
    failed bigint NOT NULL,
    expired bigint NOT NULL,
    charged bigint NOT NULL,
    segments_before bigint NOT NULL,
    segments_after bigint NOT NULL,
    opt_outs bigint NOT NULL,
    cost_before numeric NOT NULL,
    cost_after numeric NOT NULL,
    charged_cost numeric NOT NULL,
    uncharged_cost numeric NOT NULL,
    CONSTRAINT message_tally_pkey PRIMARY KEY (link_domain, campaign, variant, country, currency, slot)
) WITH (fillfactor = 50);
COMMENT ON TABLE smstrack.message_tally IS
    'Sums over all messages but tests. A key''s number is the sum of its slots; written at the end of each transaction.';
COMMENT ON COLUMN smstrack.message_tally.link_domain IS 'Link domain of the messages.';
COMMENT ON COLUMN smstrack.message_tally.campaign IS 'Campaign of the messages; 0 for single messages.';
COMMENT ON COLUMN smstrack.message_tally.variant IS 'Variant of the messages; 0 for single messages.';
COMMENT ON COLUMN smstrack.message_tally.country IS 'Country of the recipients: smstrack.country_name; 0: not known.';
COMMENT ON COLUMN smstrack.message_tally.currency IS 'ISO 4217 code of the costs; empty: the messages have no price.';
COMMENT ON COLUMN smstrack.message_tally.slot IS 'Writers use different slots, so as not to wait for each other; prepared transactions those below 0; smstrack_maintain folds all into 0.';
COMMENT ON COLUMN smstrack.message_tally.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.message_tally.reported IS 'Messages of which any delivery report came.';
COMMENT ON COLUMN smstrack.message_tally.sent IS 'Messages reported as sent or delivered, whatever became of them since.';
COMMENT ON COLUMN smstrack.message_tally.delivered IS 'Messages delivered.';
COMMENT ON COLUMN smstrack.message_tally.failed IS 'Messages failed.';
COMMENT ON COLUMN smstrack.message_tally.expired IS 'Messages expired.';
COMMENT ON COLUMN smstrack.message_tally.charged IS 'Messages of which a charged cost was reported.';
COMMENT ON COLUMN smstrack.message_tally.segments_before IS 'Segments of the bodies as given.';
COMMENT ON COLUMN smstrack.message_tally.segments_after IS 'Segments of the bodies as sent.';
COMMENT ON COLUMN smstrack.message_tally.opt_outs IS 'Opt-outs by the opt-out link of the messages; who opted in again stays counted.';
COMMENT ON COLUMN smstrack.message_tally.cost_before IS 'Estimated cost of segments_before.';
COMMENT ON COLUMN smstrack.message_tally.cost_after IS 'Estimated cost of segments_after.';
COMMENT ON COLUMN smstrack.message_tally.charged_cost IS 'Charged cost, where it was reported.';
COMMENT ON COLUMN smstrack.message_tally.uncharged_cost IS 'Estimated cost of segments_after of the messages without a charged cost.';

-- Where messages of a time or a campaign are: the logbook walks the primary key of these
-- blocks alone. An index on the times of messages would cost each of them; ids alone do not
-- tell, for a session may use one long after others used higher ones.
CREATE TABLE smstrack.message_block (
    hour integer NOT NULL,
    campaign integer NOT NULL,
    block bigint NOT NULL,
    slot smallint NOT NULL,
    CONSTRAINT message_block_pkey PRIMARY KEY (hour, campaign, block, slot)
);
COMMENT ON TABLE smstrack.message_block IS
    'Which ids have messages of an hour and a campaign; written once for up to 1024 messages.';
COMMENT ON COLUMN smstrack.message_block.hour IS 'Hour of created_at, counted from 1970 in UTC.';
COMMENT ON COLUMN smstrack.message_block.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.message_block.block IS 'The messages'' ids by 1024.';
COMMENT ON COLUMN smstrack.message_block.slot IS 'As in smstrack.message_tally: writers do not wait for each other.';

CREATE FUNCTION smstrack.write_message_tally()
RETURNS void
AS 'MODULE_PATHNAME', 'smstrack_write_message_tally'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION smstrack.write_message_tally() IS
    'Writes what the transaction changed in smstrack.message_tally now, and not when it commits: for who reads it in the same transaction.';
REVOKE EXECUTE ON FUNCTION smstrack.write_message_tally() FROM PUBLIC;

-- The same numbers from the messages: what smstrack.message_tally must equal.
CREATE VIEW smstrack.message_recount WITH (security_invoker = true) AS
SELECT
    m.link_domain,
    coalesce(m.campaign, 0) AS campaign,
    coalesce(m.variant, 0) AS variant,
    m.country::integer AS country,
    coalesce(m.currency, '') COLLATE "C" AS currency,
    count(*) AS prepared,
    count(*) FILTER (WHERE m.status <> 'p') AS reported,
    count(*) FILTER (WHERE m.status IN ('s', 'd') OR m.sent_at IS NOT NULL) AS sent,
    count(*) FILTER (WHERE m.status = 'd') AS delivered,
    count(*) FILTER (WHERE m.status = 'f') AS failed,
    count(*) FILTER (WHERE m.status = 'e') AS expired,
    count(m.charged_cost) AS charged,
    sum(m.segments_before)::bigint AS segments_before,
    sum(m.segments_after)::bigint AS segments_after,
    coalesce(sum(m.segments_before * m.segment_price), 0) AS cost_before,
    coalesce(sum(m.segments_after * m.segment_price), 0) AS cost_after,
    coalesce(sum(m.charged_cost), 0) AS charged_cost,
    coalesce(sum(m.segments_after * m.segment_price) FILTER (WHERE m.charged_cost IS NULL), 0) AS uncharged_cost
FROM smstrack.message AS m
WHERE NOT m.test AND m.status <> 'l'
GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW smstrack.message_recount IS
    'What smstrack.message_tally sums to, counted anew from the messages; to check it by. Opt-outs are not in the messages.';
COMMENT ON COLUMN smstrack.message_recount.link_domain IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.campaign IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.variant IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.country IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.currency IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.prepared IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.reported IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.sent IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.delivered IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.failed IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.expired IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.charged IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.segments_before IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.segments_after IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.cost_before IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.cost_after IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.charged_cost IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_recount.uncharged_cost IS 'As in smstrack.message_tally.';

CREATE VIEW smstrack.message_tally_difference WITH (security_invoker = true) AS
WITH kept AS (
    SELECT t.link_domain, t.campaign, t.variant, t.country, t.currency,
           sum(t.prepared) AS prepared,
           sum(t.reported) AS reported,
           sum(t.sent) AS sent,
           sum(t.delivered) AS delivered,
           sum(t.failed) AS failed,
           sum(t.expired) AS expired,
           sum(t.charged) AS charged,
           sum(t.segments_before) AS segments_before,
           sum(t.segments_after) AS segments_after,
           sum(t.cost_before) AS cost_before,
           sum(t.cost_after) AS cost_after,
           sum(t.charged_cost) AS charged_cost,
           sum(t.uncharged_cost) AS uncharged_cost
    FROM smstrack.message_tally AS t
    GROUP BY t.link_domain, t.campaign, t.variant, t.country, t.currency
)
SELECT
    link_domain,
    campaign,
    variant,
    country,
    currency,
    (coalesce(k.prepared, 0) - coalesce(r.prepared, 0))::bigint AS prepared,
    (coalesce(k.reported, 0) - coalesce(r.reported, 0))::bigint AS reported,
    (coalesce(k.sent, 0) - coalesce(r.sent, 0))::bigint AS sent,
    (coalesce(k.delivered, 0) - coalesce(r.delivered, 0))::bigint AS delivered,
    (coalesce(k.failed, 0) - coalesce(r.failed, 0))::bigint AS failed,
    (coalesce(k.expired, 0) - coalesce(r.expired, 0))::bigint AS expired,
    (coalesce(k.charged, 0) - coalesce(r.charged, 0))::bigint AS charged,
    (coalesce(k.segments_before, 0) - coalesce(r.segments_before, 0))::bigint AS segments_before,
    (coalesce(k.segments_after, 0) - coalesce(r.segments_after, 0))::bigint AS segments_after,
    coalesce(k.cost_before, 0) - coalesce(r.cost_before, 0) AS cost_before,
    coalesce(k.cost_after, 0) - coalesce(r.cost_after, 0) AS cost_after,
    coalesce(k.charged_cost, 0) - coalesce(r.charged_cost, 0) AS charged_cost,
    coalesce(k.uncharged_cost, 0) - coalesce(r.uncharged_cost, 0) AS uncharged_cost
FROM kept AS k
FULL JOIN smstrack.message_recount AS r USING (link_domain, campaign, variant, country, currency)
WHERE (coalesce(k.prepared, 0),
       coalesce(k.reported, 0),
       coalesce(k.sent, 0),
       coalesce(k.delivered, 0),
       coalesce(k.failed, 0),
       coalesce(k.expired, 0),
       coalesce(k.charged, 0),
       coalesce(k.segments_before, 0),
       coalesce(k.segments_after, 0),
       coalesce(k.cost_before, 0),
       coalesce(k.cost_after, 0),
       coalesce(k.charged_cost, 0),
       coalesce(k.uncharged_cost, 0))
   <> (coalesce(r.prepared, 0),
       coalesce(r.reported, 0),
       coalesce(r.sent, 0),
       coalesce(r.delivered, 0),
       coalesce(r.failed, 0),
       coalesce(r.expired, 0),
       coalesce(r.charged, 0),
       coalesce(r.segments_before, 0),
       coalesce(r.segments_after, 0),
       coalesce(r.cost_before, 0),
       coalesce(r.cost_after, 0),
       coalesce(r.charged_cost, 0),
       coalesce(r.uncharged_cost, 0));
COMMENT ON VIEW smstrack.message_tally_difference IS
    'Tally of messages less recount, where they differ: no row, but for what the own transaction has not written yet.';
COMMENT ON COLUMN smstrack.message_tally_difference.link_domain IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_tally_difference.campaign IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_tally_difference.variant IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_tally_difference.country IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_tally_difference.currency IS 'As in smstrack.message_tally.';
COMMENT ON COLUMN smstrack.message_tally_difference.prepared IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.reported IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.sent IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.delivered IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.failed IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.expired IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.charged IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.segments_before IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.segments_after IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.cost_before IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.cost_after IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.charged_cost IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.message_tally_difference.uncharged_cost IS 'Tally less recount.';
