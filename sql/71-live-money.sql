-- Reports on money, live, as those of sql/71-live.sql: conversions and costs.

CREATE VIEW smstrack.conversion_live WITH (security_invoker = true) AS
SELECT
    d.account,
    t.campaign AS campaign_id,
    (SELECT p.name FROM smstrack.campaign AS p WHERE p.id = t.campaign) AS campaign,
    t.goal,
    t.currency,
    t.source,
    sum(t.conversions)::bigint AS conversions,
    sum(t.converters)::bigint AS unique_conversions,
    sum(t.reversals)::bigint AS reversals,
    CASE WHEN t.currency IS NOT NULL THEN sum(t.value - t.reversed_value) END AS value,
    CASE WHEN t.currency IS NOT NULL THEN sum(t.reversed_value) END AS reversed_value,
    CASE WHEN t.currency IS NOT NULL
        THEN round(sum(t.value - t.reversed_value) / nullif(sum(t.conversions - t.reversals), 0), 6) END AS average_value
FROM smstrack.conversion_quarter_tally AS t
JOIN smstrack.link_domain AS d ON d.id = t.link_domain
GROUP BY d.account, t.campaign, t.goal, t.currency, t.source
HAVING sum(t.conversions) <> 0;
COMMENT ON VIEW smstrack.conversion_live IS
    'One row a campaign, goal, currency and source.';
COMMENT ON COLUMN smstrack.conversion_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.conversion_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.conversion_live.goal IS 'Goal, such as order or registration.';
COMMENT ON COLUMN smstrack.conversion_live.currency IS 'ISO 4217 code of the value; NULL: conversions without a value.';
COMMENT ON COLUMN smstrack.conversion_live.source IS 'client: reported by a browser; server: by a server.';
COMMENT ON COLUMN smstrack.conversion_live.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.conversion_live.unique_conversions IS
    'Messages that a conversion of the goal followed, each once, under the currency and source of the first.';
COMMENT ON COLUMN smstrack.conversion_live.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.conversion_live.value IS 'Value, less what was taken back.';
COMMENT ON COLUMN smstrack.conversion_live.reversed_value IS 'Value that was taken back.';
COMMENT ON COLUMN smstrack.conversion_live.average_value IS 'value by the conversions that were not taken back wholly.';

CREATE VIEW smstrack.cost_live WITH (security_invoker = true) AS
SELECT
    d.account,
    t.campaign AS campaign_id,
    (SELECT p.name FROM smstrack.campaign AS p WHERE p.id = t.campaign) AS campaign,
    smstrack.country_name(t.country::smallint) AS country,
    nullif(t.currency, '') AS currency,
    sum(t.prepared)::bigint AS prepared,
    sum(t.segments_before)::bigint AS segments_before,
    sum(t.segments_after)::bigint AS segments_after,
    sum(t.segments_after - t.segments_before)::bigint AS segments_delta,
    CASE WHEN t.currency <> '' THEN sum(t.cost_before) END AS cost_before,
    CASE WHEN t.currency <> '' THEN sum(t.cost_after) END AS cost_after,
    CASE WHEN t.currency <> '' THEN sum(t.cost_after - t.cost_before) END AS cost_delta,
    sum(t.charged)::bigint AS charged,
    CASE WHEN t.currency <> '' THEN sum(t.charged_cost) END AS charged_cost,
    CASE WHEN t.currency <> '' THEN sum(t.charged_cost + t.uncharged_cost) END AS cost
FROM smstrack.message_tally AS t
JOIN smstrack.link_domain AS d ON d.id = t.link_domain
GROUP BY d.account, t.campaign, t.country, t.currency
HAVING sum(t.prepared) <> 0;
COMMENT ON VIEW smstrack.cost_live IS
    'One row a campaign, country and currency: segments and money before and after tracking.';
COMMENT ON COLUMN smstrack.cost_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.cost_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.cost_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.cost_live.country IS
    'ISO 3166 code of the country of the recipients'' numbers; NULL: not known.';
COMMENT ON COLUMN smstrack.cost_live.currency IS 'ISO 4217 code of the costs; NULL: no price is known.';
COMMENT ON COLUMN smstrack.cost_live.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.cost_live.segments_before IS 'Segments of the bodies as given.';
COMMENT ON COLUMN smstrack.cost_live.segments_after IS 'Segments of the bodies as sent.';
COMMENT ON COLUMN smstrack.cost_live.segments_delta IS 'What tracking added, or, negative, saved.';
COMMENT ON COLUMN smstrack.cost_live.cost_before IS 'Estimated cost of segments_before.';
COMMENT ON COLUMN smstrack.cost_live.cost_after IS 'Estimated cost of segments_after.';
COMMENT ON COLUMN smstrack.cost_live.cost_delta IS 'What tracking added, or, negative, saved.';
COMMENT ON COLUMN smstrack.cost_live.charged IS 'Messages of which a charged cost was reported.';
COMMENT ON COLUMN smstrack.cost_live.charged_cost IS 'Charged cost, as far as it was reported.';
COMMENT ON COLUMN smstrack.cost_live.cost IS
    'Charged cost where it was reported, estimated cost of the other messages.';
