-- Reports over campaigns, live: they read the tallies, and so cost the same however many
-- messages and hits there are. They run with the reader's rights: row security of the
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
           m.charged_cost, m.uncharged_cost, 0::numeric AS value, 0::numeric AS reversed_value
    FROM smstrack.message_tally AS m
    WHERE m.currency <> ''
    UNION ALL
    SELECT k.link_domain, k.campaign, k.variant, k.currency, 0, 0, 0, 0, k.value, k.reversed_value
    FROM smstrack.conversion_tally AS k
    WHERE k.grain = 't' AND k.currency <> ''
) AS t
JOIN smstrack.link_domain AS d ON d.id = t.link_domain
GROUP BY d.account, t.campaign, t.variant, t.currency;
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
    'What click_rate, conversion_rate and view_coverage are shares of: delivered, where the fate of at least 95 % of the prepared messages is known, else prepared.';
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

CREATE VIEW smstrack.link_live WITH (security_invoker = true) AS
WITH hit AS (
    SELECT d.account, t.campaign, t.variant, t."position", sum(t.views)::bigint AS views, sum(t.clicks)::bigint AS clicks,
           sum(t.bots)::bigint AS bots, sum(t.viewers)::bigint AS viewers, sum(t.clickers)::bigint AS clickers
    FROM smstrack.position_tally AS t
    JOIN smstrack.link_domain AS d ON d.id = t.link_domain
    GROUP BY d.account, t.campaign, t.variant, t."position"
), conversion AS (
    SELECT d.account, t.campaign, t.variant, t."position", sum(t.conversions)::bigint AS conversions,
           sum(t.reversals)::bigint AS reversals
    FROM smstrack.conversion_position_tally AS t
    JOIN smstrack.link_domain AS d ON d.id = t.link_domain
    GROUP BY d.account, t.campaign, t.variant, t."position"
), link AS (
    SELECT p.account, v.campaign, v.id AS variant, (u.ordinality - 1)::integer AS "position"
    FROM smstrack.variant AS v
    JOIN smstrack.campaign AS p ON p.id = v.campaign
    CROSS JOIN LATERAL unnest(v.target_urls) WITH ORDINALITY AS u (url, ordinality)
    UNION
    SELECT h.account, h.campaign, h.variant, h."position" FROM hit AS h
    UNION
    SELECT c.account, c.campaign, c.variant, c."position" FROM conversion AS c
), based AS (
    SELECT
        n.account,
        n.campaign,
        n.variant,
        n.prepared,
        n.delivered,
        smstrack.rate_base(n.prepared, n.delivered, n.failed, n.expired,
                           greatest(n.viewers, n.clickers, n.converters)) AS rate_base
    FROM smstrack.variant_count AS n
)
SELECT
    l.account,
    l.campaign AS campaign_id,
    p.name AS campaign,
    l.variant AS variant_id,
    v.name AS variant,
    l."position",
    v.target_urls[l."position" + 1] AS target_url,
    CASE WHEN l.variant <> 0 THEN coalesce(n.prepared, 0) END AS prepared,
    CASE WHEN coalesce(p.tracking, 'full') = 'full' THEN coalesce(h.viewers, 0) END AS previews_fetched,
    coalesce(h.views, 0) AS preview_requests,
    CASE WHEN coalesce(p.tracking, 'full') = 'full' THEN coalesce(h.clickers, 0) END AS unique_clicks,
    coalesce(h.clicks, 0) AS total_clicks,
    coalesce(h.bots, 0) AS bots,
    CASE WHEN l.variant <> 0 AND p.tracking = 'full'
        THEN round(coalesce(h.clickers, 0)::numeric
                   / nullif(CASE n.rate_base WHEN 'delivered' THEN n.delivered ELSE n.prepared END, 0), 6) END AS click_rate,
    CASE WHEN coalesce(p.tracking, 'full') = 'full'
        THEN round(coalesce(h.clickers, 0)::numeric
                   / nullif(sum(h.clickers) OVER (PARTITION BY l.account, l.campaign, l.variant), 0), 6) END AS click_share,
    coalesce(c.conversions, 0) AS conversions,
    coalesce(c.reversals, 0) AS reversals,
    CASE WHEN l.variant <> 0 THEN coalesce(n.rate_base, 'prepared') END AS rate_base
FROM link AS l
LEFT JOIN hit AS h USING (account, campaign, variant, "position")
LEFT JOIN conversion AS c USING (account, campaign, variant, "position")
LEFT JOIN based AS n USING (account, campaign, variant)
LEFT JOIN smstrack.campaign AS p ON p.id = l.campaign
LEFT JOIN smstrack.variant AS v ON v.id = l.variant;
COMMENT ON VIEW smstrack.link_live IS
    'One row a variant and link: which link in which campaign.';
COMMENT ON COLUMN smstrack.link_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.link_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.link_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.link_live.variant_id IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.link_live.variant IS 'Name of the variant; NULL for single messages.';
COMMENT ON COLUMN smstrack.link_live."position" IS 'Which link of the body, from 0; the opt-out link is none of them.';
COMMENT ON COLUMN smstrack.link_live.target_url IS
    'Where it leads now, with merge fields; NULL for single messages, whose targets differ.';
COMMENT ON COLUMN smstrack.link_live.prepared IS
    'Messages of the variant; NULL for single messages, which have different links.';
COMMENT ON COLUMN smstrack.link_live.previews_fetched IS
    'Messages of which a preview of this link was fetched; NULL where that is not known.';
COMMENT ON COLUMN smstrack.link_live.preview_requests IS 'Requests for its preview.';
COMMENT ON COLUMN smstrack.link_live.unique_clicks IS 'Messages of which this link was clicked; NULL where that is not known.';
COMMENT ON COLUMN smstrack.link_live.total_clicks IS 'Clicks on it.';
COMMENT ON COLUMN smstrack.link_live.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.link_live.click_rate IS
    'unique_clicks by the messages of the variant that rate_base says; NULL where there are none, or of single messages.';
COMMENT ON COLUMN smstrack.link_live.click_share IS 'Share of the unique clicks on all links of the variant.';
COMMENT ON COLUMN smstrack.link_live.conversions IS
    'Conversions that followed a click on it, those that were taken back too.';
COMMENT ON COLUMN smstrack.link_live.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.link_live.rate_base IS
    'What click_rate is a share of: delivered or prepared, as in smstrack.variant_live; NULL for single messages.';

CREATE VIEW smstrack.timeline_live WITH (security_invoker = true) AS
SELECT
    d.account,
    s.campaign AS campaign_id,
    p.name AS campaign,
    to_timestamp(s.part * 900) AS at,
    s.viewers AS first_previews,
    s.views AS preview_requests,
    s.clickers AS first_clicks,
    s.clicks AS total_clicks,
    s.bots,
    s.conversions,
    s.converters AS first_conversions
FROM (
    -- by numbers alone: the first link domain stands for the account. No quarter of an hour
    -- has 2^31 of anything: sums of integers are bigint, those of bigint numeric and slow.
    SELECT
        d.first_domain,
        t.campaign,
        t.part,
        sum(t.viewers::integer) AS viewers,
        sum(t.views::integer) AS views,
        sum(t.clickers::integer) AS clickers,
        sum(t.clicks::integer) AS clicks,
        sum(t.bots::integer) AS bots,
        sum(t.conversions::integer) AS conversions,
        sum(t.converters::integer) AS converters
    FROM (
        SELECT h.link_domain, h.campaign, h.part, h.viewers, h.views, h.clickers, h.clicks, h.bots,
               0::bigint AS conversions, 0::bigint AS converters
        FROM smstrack.tally AS h
        WHERE h.grain = 'q'
        UNION ALL
        SELECT c.link_domain, c.campaign, c.part, 0, 0, 0, 0, 0,
               c.conversions, CASE WHEN c.grain = 'm' THEN c.converters ELSE 0 END
        FROM smstrack.conversion_tally AS c
        WHERE c.grain IN ('q', 'm')
    ) AS t
    JOIN (
        SELECT l.id, min(l.id) OVER (PARTITION BY l.account) AS first_domain FROM smstrack.link_domain AS l
    ) AS d ON d.id = t.link_domain
    GROUP BY d.first_domain, t.campaign, t.part
) AS s
JOIN smstrack.link_domain AS d ON d.id = s.first_domain
LEFT JOIN smstrack.campaign AS p ON p.id = s.campaign
WHERE s.viewers + s.views + s.clickers + s.clicks + s.bots + s.conversions + s.converters > 0;
COMMENT ON VIEW smstrack.timeline_live IS
    'One row a campaign and quarter of an hour in which something happened; smstrack_timeline sums them to local hours and days.';
COMMENT ON COLUMN smstrack.timeline_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.timeline_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.timeline_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.timeline_live.at IS 'Begin of the quarter of an hour.';
COMMENT ON COLUMN smstrack.timeline_live.first_previews IS 'Messages of which a preview was first fetched then.';
COMMENT ON COLUMN smstrack.timeline_live.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.timeline_live.first_clicks IS 'Messages whose first click fell into it.';
COMMENT ON COLUMN smstrack.timeline_live.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.timeline_live.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.timeline_live.conversions IS 'Conversions that happened then, those that were taken back too.';
COMMENT ON COLUMN smstrack.timeline_live.first_conversions IS 'Messages whose first conversion fell into it.';

CREATE VIEW smstrack.device_live WITH (security_invoker = true) AS
SELECT
    d.account,
    t.campaign AS campaign_id,
    (SELECT p.name FROM smstrack.campaign AS p WHERE p.id = t.campaign) AS campaign,
    t.os,
    t.device,
    sum(t.views)::bigint AS preview_requests,
    sum(t.clicks)::bigint AS total_clicks,
    sum(t.bots)::bigint AS bots,
    round(sum(t.clicks) / nullif(sum(sum(t.clicks)) OVER (PARTITION BY d.account, t.campaign), 0), 6) AS click_share
FROM smstrack.device_tally AS t
JOIN smstrack.link_domain AS d ON d.id = t.link_domain
GROUP BY d.account, t.campaign, t.os, t.device
HAVING sum(t.views + t.clicks + t.bots) > 0;
COMMENT ON VIEW smstrack.device_live IS
    'One row a campaign, operating system and kind of device.';
COMMENT ON COLUMN smstrack.device_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.device_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.device_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.device_live.os IS 'Operating system.';
COMMENT ON COLUMN smstrack.device_live.device IS 'phone, tablet, desktop, server or unknown.';
COMMENT ON COLUMN smstrack.device_live.preview_requests IS
    'Requests for previews; where a messengers server fetches them, the device is the server.';
COMMENT ON COLUMN smstrack.device_live.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.device_live.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.device_live.click_share IS 'Share of the clicks of the campaign.';

CREATE VIEW smstrack.country_live WITH (security_invoker = true) AS
WITH message AS (
    SELECT d.account, t.campaign, smstrack.country_name(t.country::smallint) AS country, sum(t.prepared)::bigint AS prepared,
           sum(t.sent)::bigint AS sent, sum(t.delivered)::bigint AS delivered, sum(t.failed)::bigint AS failed,
           sum(t.expired)::bigint AS expired, sum(t.opt_outs)::bigint AS opt_outs
    FROM smstrack.message_tally AS t
    JOIN smstrack.link_domain AS d ON d.id = t.link_domain
    GROUP BY d.account, t.campaign, t.country
), hit AS (
    SELECT d.account, t.campaign, t.country, sum(t.views)::bigint AS views, sum(t.clicks)::bigint AS clicks,
           sum(t.bots)::bigint AS bots, sum(t.viewers)::bigint AS viewers, sum(t.clickers)::bigint AS clickers
    FROM smstrack.country_tally AS t
    JOIN smstrack.link_domain AS d ON d.id = t.link_domain
    GROUP BY d.account, t.campaign, t.country
), key AS (
    SELECT m.account, m.campaign, m.country FROM message AS m
    UNION
    SELECT h.account, h.campaign, h.country FROM hit AS h
), joined AS (
    SELECT
        k.account,
        k.campaign,
        k.country,
        coalesce(m.prepared, 0) AS prepared,
        coalesce(m.sent, 0) AS sent,
        coalesce(m.delivered, 0) AS delivered,
        coalesce(m.failed, 0) AS failed,
        coalesce(m.expired, 0) AS expired,
        coalesce(m.opt_outs, 0) AS opt_outs,
        coalesce(h.views, 0) AS views,
        coalesce(h.clicks, 0) AS clicks,
        coalesce(h.bots, 0) AS bots,
        coalesce(h.viewers, 0) AS viewers,
        coalesce(h.clickers, 0) AS clickers,
        smstrack.rate_base(m.prepared, m.delivered, m.failed, m.expired, coalesce(h.clickers, 0)) AS rate_base
    FROM key AS k
    LEFT JOIN message AS m ON m.account = k.account AND m.campaign = k.campaign AND m.country IS NOT DISTINCT FROM k.country
    LEFT JOIN hit AS h ON h.account = k.account AND h.campaign = k.campaign AND h.country IS NOT DISTINCT FROM k.country
)
SELECT
    b.account,
    b.campaign AS campaign_id,
    p.name AS campaign,
    b.country,
    smstrack.calling_code(b.country) AS prefix,
    b.prepared,
    b.sent,
    b.delivered,
    b.failed,
    b.expired,
    CASE WHEN coalesce(p.tracking, 'full') = 'full' THEN b.viewers END AS previews_fetched,
    b.views AS preview_requests,
    CASE WHEN coalesce(p.tracking, 'full') = 'full' THEN b.clickers END AS unique_clicks,
    b.clicks AS total_clicks,
    b.bots,
    b.rate_base,
    CASE WHEN coalesce(p.tracking, 'full') = 'full'
        THEN round(b.clickers::numeric / nullif(CASE b.rate_base WHEN 'delivered' THEN b.delivered ELSE b.prepared END, 0), 6) END
        AS click_rate,
    b.opt_outs
FROM joined AS b
LEFT JOIN smstrack.campaign AS p ON p.id = b.campaign;
COMMENT ON VIEW smstrack.country_live IS
    'One row a campaign and country of the recipients'' numbers.';
COMMENT ON COLUMN smstrack.country_live.account IS 'Account.';
COMMENT ON COLUMN smstrack.country_live.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.country_live.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.country_live.country IS
    'ISO 3166 code of the country of the recipients'' numbers; NULL: not known, and hits of anonymous campaigns.';
COMMENT ON COLUMN smstrack.country_live.prefix IS
    'E.164 prefix of the country, such as +49; countries that share one have the same.';
COMMENT ON COLUMN smstrack.country_live.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.country_live.sent IS
    'Messages that the provider reported as sent or delivered, whatever became of them since.';
COMMENT ON COLUMN smstrack.country_live.delivered IS 'Messages reported as delivered.';
COMMENT ON COLUMN smstrack.country_live.failed IS 'Messages reported as failed.';
COMMENT ON COLUMN smstrack.country_live.expired IS 'Messages reported as expired.';
COMMENT ON COLUMN smstrack.country_live.previews_fetched IS
    'Messages of which a preview was fetched. Some devices never fetch one, some fetch for nobody.';
COMMENT ON COLUMN smstrack.country_live.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.country_live.unique_clicks IS
    'Messages of which a link was clicked; NULL where that is not known: anonymous campaigns, and those without tracking.';
COMMENT ON COLUMN smstrack.country_live.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.country_live.bots IS 'Requests of bots and scanners; in no other column.';
COMMENT ON COLUMN smstrack.country_live.rate_base IS
    'What click_rate is a share of: delivered, where the fate of at least 95 % of the prepared messages is known, else prepared.';
COMMENT ON COLUMN smstrack.country_live.click_rate IS
    'unique_clicks by the messages that rate_base says; NULL where there are none.';
COMMENT ON COLUMN smstrack.country_live.opt_outs IS 'Opt-outs by the opt-out link of the messages.';

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
