-- Reports by campaign and variant, live: they read the tallies, and so cost the same however
-- many messages and hits there are. They run with the reader's rights: row security of the
-- tables leaves him his account. sql/73-report-cache.sql keeps the same columns.

CREATE FUNCTION smstrack.rate_base(prepared bigint, delivered bigint, failed bigint, expired bigint, reached bigint)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN delivered + failed + expired >= 0.95 * prepared AND delivered > 0 AND delivered >= reached
    THEN 'delivered' ELSE 'prepared' END;
COMMENT ON FUNCTION smstrack.rate_base(bigint, bigint, bigint, bigint, bigint) IS
    'What rates are shares of: delivered, where the fate of at least 95 % of the prepared messages is known and no more were reached (clicked, say) than delivered; else prepared.';

-- What is counted once a variant, without money.
CREATE VIEW smstrack.variant_count WITH (security_invoker = true) AS
SELECT
    d.account,
    m.campaign,
    m.variant,
    sum(m.prepared)::bigint AS prepared,
    sum(m.sent)::bigint AS sent,
    sum(m.delivered)::bigint AS delivered,
    sum(m.failed)::bigint AS failed,
    sum(m.expired)::bigint AS expired,
    sum(m.unpriced)::bigint AS unpriced,
    sum(m.segments_before)::bigint AS segments_before,
    sum(m.segments_after)::bigint AS segments_after,
    sum(m.opt_outs)::bigint AS opt_outs,
    coalesce(sum(p.views), 0)::bigint AS views,
    coalesce(sum(p.clicks), 0)::bigint AS clicks,
    coalesce(sum(p.bots), 0)::bigint AS bots,
    coalesce(sum(f.viewers), 0)::bigint AS viewers,
    coalesce(sum(f.clickers), 0)::bigint AS clickers,
    coalesce(sum(k.conversions), 0)::bigint AS conversions,
    coalesce(sum(k.reversals), 0)::bigint AS reversals,
    coalesce(sum(k.converters), 0)::bigint AS converters
FROM (
    SELECT
        t.link_domain,
        t.campaign,
        t.variant,
        sum(t.prepared) AS prepared,
        sum(t.sent) AS sent,
        sum(t.delivered) AS delivered,
        sum(t.failed) AS failed,
        sum(t.expired) AS expired,
        sum(t.prepared) FILTER (WHERE t.currency = '') AS unpriced,
        sum(t.segments_before) AS segments_before,
        sum(t.segments_after) AS segments_after,
        sum(t.opt_outs) AS opt_outs
    FROM smstrack.message_tally AS t
    GROUP BY t.link_domain, t.campaign, t.variant
) AS m
JOIN smstrack.link_domain AS d ON d.id = m.link_domain
-- a few rows of many, by the beginning of the tally's key
CROSS JOIN LATERAL (
    SELECT sum(t.views) AS views, sum(t.clicks) AS clicks, sum(t.bots) AS bots
    FROM smstrack.tally AS t
    WHERE t.link_domain = m.link_domain AND t.campaign = m.campaign AND t.variant = m.variant AND t.grain = 't'
) AS p
CROSS JOIN LATERAL (
    SELECT sum(t.viewers) AS viewers, sum(t.clickers) AS clickers
    FROM smstrack.tally AS t
    WHERE t.link_domain = m.link_domain AND t.campaign = m.campaign AND t.variant = m.variant AND t.grain = 'c'
) AS f
CROSS JOIN LATERAL (
    SELECT
        sum(t.conversions) AS conversions,
        sum(t.reversals) AS reversals,
        sum(t.converters) FILTER (WHERE t.grain = 'm') AS converters
    FROM smstrack.conversion_tally AS t
    WHERE t.link_domain = m.link_domain AND t.campaign = m.campaign AND t.variant = m.variant
        AND t.grain IN ('t', 'm')
) AS k
GROUP BY d.account, m.campaign, m.variant;
COMMENT ON VIEW smstrack.variant_count IS
    'Counts by variant, live; what campaign_live and others are made of.';
COMMENT ON COLUMN smstrack.variant_count.account IS 'Account.';
COMMENT ON COLUMN smstrack.variant_count.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.variant_count.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.variant_count.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.variant_count.sent IS 'Messages sent or delivered.';
COMMENT ON COLUMN smstrack.variant_count.delivered IS 'Messages delivered.';
COMMENT ON COLUMN smstrack.variant_count.failed IS 'Messages failed.';
COMMENT ON COLUMN smstrack.variant_count.expired IS 'Messages expired.';
COMMENT ON COLUMN smstrack.variant_count.unpriced IS 'Messages without a price.';
COMMENT ON COLUMN smstrack.variant_count.segments_before IS 'Segments of the bodies as given.';
COMMENT ON COLUMN smstrack.variant_count.segments_after IS 'Segments of the bodies as sent.';
COMMENT ON COLUMN smstrack.variant_count.opt_outs IS 'Opt-outs by link.';
COMMENT ON COLUMN smstrack.variant_count.views IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.variant_count.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.variant_count.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.variant_count.viewers IS 'Messages of which a preview was fetched.';
COMMENT ON COLUMN smstrack.variant_count.clickers IS 'Messages of which a link was clicked.';
COMMENT ON COLUMN smstrack.variant_count.conversions IS 'Conversions.';
COMMENT ON COLUMN smstrack.variant_count.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.variant_count.converters IS 'Messages that a conversion followed.';

-- What is summed by variant and currency.
CREATE VIEW smstrack.variant_money WITH (security_invoker = true) AS
SELECT
    d.account,
    t.campaign,
    t.variant,
    t.currency,
    sum(t.priced)::bigint AS priced,
    sum(t.estimated_cost) AS estimated_cost,
    sum(t.charged_cost) AS charged_cost,
    sum(t.uncharged_cost) AS uncharged_cost,
    sum(t.value) AS value,
    sum(t.reversed_value) AS reversed_value
FROM (
    SELECT m.link_domain, m.campaign, m.variant, m.currency, m.prepared AS priced, m.cost_after AS estimated_cost,
           m.charged_cost, m.uncharged_cost, 0::bigint AS conversions, 0::numeric AS value, 0::numeric AS reversed_value
    FROM smstrack.message_tally AS m
    WHERE m.currency <> ''
    UNION ALL
    SELECT k.link_domain, k.campaign, k.variant, k.currency, 0, 0, 0, 0, k.conversions, k.value, k.reversed_value
    FROM smstrack.conversion_tally AS k
    WHERE k.grain = 't' AND k.currency <> ''
) AS t
JOIN smstrack.link_domain AS d ON d.id = t.link_domain
GROUP BY d.account, t.campaign, t.variant, t.currency
-- what was corrected leaves sums of nothing behind
HAVING sum(t.priced) <> 0 OR sum(t.conversions) <> 0;
COMMENT ON VIEW smstrack.variant_money IS
    'Money by variant and currency, live; what campaign_live and others are made of.';
COMMENT ON COLUMN smstrack.variant_money.account IS 'Account.';
COMMENT ON COLUMN smstrack.variant_money.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.variant_money.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.variant_money.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN smstrack.variant_money.priced IS 'Messages priced in the currency.';
COMMENT ON COLUMN smstrack.variant_money.estimated_cost IS 'Estimated cost of the bodies as sent.';
COMMENT ON COLUMN smstrack.variant_money.charged_cost IS 'Charged cost.';
COMMENT ON COLUMN smstrack.variant_money.uncharged_cost IS 'Estimated cost of the messages without a charged cost.';
COMMENT ON COLUMN smstrack.variant_money.value IS 'Value of conversions.';
COMMENT ON COLUMN smstrack.variant_money.reversed_value IS 'Value that was taken back.';

-- By campaign and by variant: one query, where what stands in braces is of variants alone.
DO $do$
DECLARE
    query CONSTANT text := $query$
WITH known AS (
    SELECT p.account, p.id AS campaign{, v.id AS variant}
    FROM smstrack.campaign AS p{ JOIN smstrack.variant AS v ON v.campaign = p.id}
    UNION
    SELECT n.account, n.campaign{, n.variant} FROM smstrack.variant_count AS n
), counted AS (
    SELECT
        k.account,
        k.campaign,
        {k.variant,}
        coalesce(sum(n.prepared), 0)::bigint AS prepared,
        coalesce(sum(n.sent), 0)::bigint AS sent,
        coalesce(sum(n.delivered), 0)::bigint AS delivered,
        coalesce(sum(n.failed), 0)::bigint AS failed,
        coalesce(sum(n.expired), 0)::bigint AS expired,
        coalesce(sum(n.unpriced), 0)::bigint AS unpriced,
        coalesce(sum(n.segments_before), 0)::bigint AS segments_before,
        coalesce(sum(n.segments_after), 0)::bigint AS segments_after,
        coalesce(sum(n.opt_outs), 0)::bigint AS opt_outs,
        coalesce(sum(n.views), 0)::bigint AS views,
        coalesce(sum(n.clicks), 0)::bigint AS clicks,
        coalesce(sum(n.bots), 0)::bigint AS bots,
        coalesce(sum(n.viewers), 0)::bigint AS viewers,
        coalesce(sum(n.clickers), 0)::bigint AS clickers,
        coalesce(sum(n.conversions), 0)::bigint AS conversions,
        coalesce(sum(n.reversals), 0)::bigint AS reversals,
        coalesce(sum(n.converters), 0)::bigint AS converters
    FROM known AS k
    LEFT JOIN smstrack.variant_count AS n USING (account, campaign{, variant})
    GROUP BY k.account, k.campaign{, k.variant}
), based AS (
    SELECT
        n.*,
        smstrack.rate_base(n.prepared, n.delivered, n.failed, n.expired,
                           greatest(n.viewers, n.clickers, n.converters)) AS rate_base
    FROM counted AS n
), money AS (
    SELECT
        n.account, n.campaign,{ n.variant,}
        n.currency,
        sum(n.priced) AS priced,
        sum(n.estimated_cost) AS estimated_cost,
        sum(n.charged_cost) AS charged_cost,
        sum(n.charged_cost + n.uncharged_cost) AS cost,
        sum(n.value - n.reversed_value) AS value,
        sum(n.reversed_value) AS reversed_value,
        row_number() OVER (PARTITION BY n.account, n.campaign{, n.variant} ORDER BY sum(n.priced) DESC, n.currency) AS nth,
        sum(sum(n.priced)) OVER (PARTITION BY n.account, n.campaign{, n.variant}) > 0 AS has_price
    FROM smstrack.variant_money AS n
    GROUP BY n.account, n.campaign,{ n.variant,} n.currency
), put AS (
    SELECT
        b.*,
        m.currency,
        m.priced,
        m.value,
        m.reversed_value,
        CASE WHEN m.has_price THEN m.estimated_cost END AS estimated_cost,
        m.charged_cost,
        CASE WHEN m.has_price THEN m.cost END AS cost,
        coalesce(m.nth, 1) = 1 AS first,
        CASE b.rate_base WHEN 'delivered' THEN b.delivered ELSE b.prepared END AS base,
        -- one code a link for all, or none: whoever clicked is not known
        p.name,
        coalesce(p.tracking, 'full') = 'full' AS tracked
    FROM based AS b
    LEFT JOIN money AS m USING (account, campaign{, variant})
    LEFT JOIN smstrack.campaign AS p ON p.id = b.campaign
)
SELECT
    c.account,
    c.campaign AS campaign_id,
    c.name AS campaign,
    {c.variant AS variant_id, v.name AS variant,}
    c.currency,
    CASE WHEN c.first THEN c.prepared END AS prepared,
    CASE WHEN c.first THEN c.sent END AS sent,
    CASE WHEN c.first THEN c.delivered END AS delivered,
    CASE WHEN c.first THEN c.failed END AS failed,
    CASE WHEN c.first THEN c.expired END AS expired,
    CASE WHEN c.first THEN round((c.delivered + c.failed + c.expired)::numeric / nullif(c.prepared, 0), 6) END
        AS delivery_coverage,
    CASE WHEN c.first AND c.tracked THEN c.viewers END AS previews_fetched,
    CASE WHEN c.first THEN c.views END AS preview_requests,
    CASE WHEN c.first AND c.tracked THEN c.clickers END AS unique_clicks,
    CASE WHEN c.first THEN c.clicks END AS total_clicks,
    CASE WHEN c.first THEN c.bots END AS bots,
    CASE WHEN c.first THEN c.rate_base END AS rate_base,
    CASE WHEN c.first AND c.tracked THEN round(c.clickers::numeric / nullif(c.base, 0), 6) END AS click_rate,
    CASE WHEN c.first AND c.tracked THEN round(c.viewers::numeric / nullif(c.base, 0), 6) END AS view_coverage,
    CASE WHEN c.first THEN c.conversions END AS conversions,
    CASE WHEN c.first THEN c.reversals END AS reversals,
    CASE WHEN c.first AND c.tracked THEN c.converters END AS unique_conversions,
    CASE WHEN c.first AND c.tracked THEN round(c.converters::numeric / nullif(c.base, 0), 6) END AS conversion_rate,
    CASE WHEN c.first THEN c.opt_outs END AS opt_outs,
    CASE WHEN c.first THEN c.segments_before END AS segments_before,
    CASE WHEN c.first THEN c.segments_after END AS segments_after,
    CASE WHEN c.first THEN c.unpriced END AS unpriced,
    c.value,
    c.reversed_value,
    c.estimated_cost,
    c.charged_cost,
    c.cost,
    CASE WHEN c.tracked AND c.priced > 0 THEN round(c.cost / nullif(c.clickers, 0), 6) END AS cost_per_click,
    CASE WHEN c.priced > 0 THEN round(c.cost / nullif(c.conversions - c.reversals, 0), 6) END AS cost_per_conversion,
    c.value - c.cost AS value_less_cost
FROM put AS c{ LEFT JOIN smstrack.variant AS v ON v.id = c.variant}
$query$;
BEGIN
    EXECUTE 'CREATE VIEW smstrack.campaign_live WITH (security_invoker = true) AS ' || regexp_replace(query, '\{[^}]*\}', '', 'g');
    EXECUTE 'CREATE VIEW smstrack.variant_live WITH (security_invoker = true) AS ' || translate(query, '{}', '');
END
$do$;
COMMENT ON VIEW smstrack.campaign_live IS
    'One row a campaign, and one more for each further currency that it has money in. Counts stand in the first row of a campaign alone, that of the currency most of its messages are priced in, and are NULL in its others: whatever is summed is summed once.';
COMMENT ON COLUMN smstrack.campaign_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.campaign_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.campaign_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.campaign_live.currency IS
    'ISO 4217 code of the money in this row; NULL: there is neither price nor value.';
COMMENT ON COLUMN smstrack.campaign_live.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.campaign_live.sent IS
    'Messages that the provider reported as sent or delivered, whatever became of them since.';
COMMENT ON COLUMN smstrack.campaign_live.delivered IS 'Messages reported as delivered.';
COMMENT ON COLUMN smstrack.campaign_live.failed IS 'Messages reported as failed.';
COMMENT ON COLUMN smstrack.campaign_live.expired IS 'Messages reported as expired.';
COMMENT ON COLUMN smstrack.campaign_live.delivery_coverage IS
    'Share of the prepared messages whose fate is known: delivered, failed or expired.';
COMMENT ON COLUMN smstrack.campaign_live.previews_fetched IS
    'Messages of which a preview was fetched. Some devices never fetch one, some fetch for nobody.';
COMMENT ON COLUMN smstrack.campaign_live.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.campaign_live.unique_clicks IS
    'Messages of which a link was clicked; NULL where that is not known: anonymous campaigns, and those without tracking.';
COMMENT ON COLUMN smstrack.campaign_live.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.campaign_live.bots IS 'Requests of bots and scanners; in no other column.';
COMMENT ON COLUMN smstrack.campaign_live.rate_base IS
    'What click_rate, conversion_rate and view_coverage are shares of: delivered, where the fate of at least 95 % of the prepared messages is known, some were delivered, and no more were viewed, clicked or converted than delivered; else prepared.';
COMMENT ON COLUMN smstrack.campaign_live.click_rate IS
    'unique_clicks by the messages that rate_base says; NULL where there are none.';
COMMENT ON COLUMN smstrack.campaign_live.view_coverage IS 'previews_fetched by the messages that rate_base says.';
COMMENT ON COLUMN smstrack.campaign_live.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.campaign_live.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.campaign_live.unique_conversions IS 'Messages that a conversion followed; NULL where unique_clicks is.';
COMMENT ON COLUMN smstrack.campaign_live.conversion_rate IS 'unique_conversions by the messages that rate_base says.';
COMMENT ON COLUMN smstrack.campaign_live.opt_outs IS
    'Opt-outs by the opt-out link of the messages; who opted in again stays counted.';
COMMENT ON COLUMN smstrack.campaign_live.segments_before IS 'Segments of the bodies as given.';
COMMENT ON COLUMN smstrack.campaign_live.segments_after IS 'Segments of the bodies as sent.';
COMMENT ON COLUMN smstrack.campaign_live.unpriced IS 'Messages that no price is known of: they are in no cost.';
COMMENT ON COLUMN smstrack.campaign_live.value IS 'Value of the conversions in this currency, less what was taken back.';
COMMENT ON COLUMN smstrack.campaign_live.reversed_value IS 'Value that was taken back.';
COMMENT ON COLUMN smstrack.campaign_live.estimated_cost IS
    'Estimated cost of all messages priced in this currency; NULL where no message has a price.';
COMMENT ON COLUMN smstrack.campaign_live.charged_cost IS 'Charged cost, of the messages that it was reported of.';
COMMENT ON COLUMN smstrack.campaign_live.cost IS
    'Charged cost where it was reported, estimated cost of the other messages.';
COMMENT ON COLUMN smstrack.campaign_live.cost_per_click IS
    'cost by unique_clicks, whatever currency those messages are priced in; NULL where none is in this one.';
COMMENT ON COLUMN smstrack.campaign_live.cost_per_conversion IS
    'cost by conversions, whatever currency they are in, without those taken back wholly; NULL as cost_per_click.';
COMMENT ON COLUMN smstrack.campaign_live.value_less_cost IS 'value less cost.';
COMMENT ON VIEW smstrack.variant_live IS
    'One row a variant, and one more for each further currency that it has money in. Counts stand in the first row of a variant alone, that of the currency most of its messages are priced in, and are NULL in its others: whatever is summed is summed once.';
COMMENT ON COLUMN smstrack.variant_live.variant_id IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.variant_live.variant IS 'Name of the variant; NULL for single messages.';
DO $$
DECLARE
    described record;
BEGIN
    FOR described IN
        SELECT a.attname, col_description(a.attrelid, a.attnum) AS meaning
        FROM pg_attribute AS a
        WHERE a.attrelid = 'smstrack.campaign_live'::regclass AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN smstrack.variant_live.%I IS %L', described.attname, described.meaning);
    END LOOP;
END
$$;

CREATE VIEW smstrack.funnel_live WITH (security_invoker = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    s.step_number,
    s.step,
    s.messages,
    round(s.messages::numeric / nullif(c.prepared, 0), 6) AS share_of_prepared,
    CASE s.step WHEN 'delivered' THEN c.delivery_coverage WHEN 'preview fetched' THEN c.view_coverage END AS coverage
FROM smstrack.campaign_live AS c
CROSS JOIN LATERAL (
    VALUES (1, 'prepared', c.prepared),
           (2, 'sent', c.sent),
           (3, 'delivered', c.delivered),
           (4, 'preview fetched', c.previews_fetched),
           (5, 'clicked', c.unique_clicks),
           (6, 'converted', c.unique_conversions)
) AS s (step_number, step, messages)
WHERE c.prepared IS NOT NULL;
COMMENT ON VIEW smstrack.funnel_live IS
    'One row a campaign and step of the way from prepared to converted.';
COMMENT ON COLUMN smstrack.funnel_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.funnel_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.funnel_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.funnel_live.step_number IS '1 to 6.';
COMMENT ON COLUMN smstrack.funnel_live.step IS
    'prepared, sent, delivered, preview fetched, clicked, converted. Many click without a preview: it is no condition of a click.';
COMMENT ON COLUMN smstrack.funnel_live.messages IS 'Messages that came as far; NULL where that is not known.';
COMMENT ON COLUMN smstrack.funnel_live.share_of_prepared IS 'Share of the prepared messages.';
COMMENT ON COLUMN smstrack.funnel_live.coverage IS
    'How much of it can be seen: for delivered, the share of prepared messages whose fate is known; for preview fetched, view_coverage of campaign_live; else NULL.';
