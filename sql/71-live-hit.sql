-- Reports over hits, live, as those of sql/71-live.sql: by link, time, device and country.

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
    'What click_rate is a share of: delivered, where the fate of at least 95 % of the prepared messages is known, some were delivered, and no more were clicked than delivered; else prepared.';
COMMENT ON COLUMN smstrack.country_live.click_rate IS
    'unique_clicks by the messages that rate_base says; NULL where there are none.';
COMMENT ON COLUMN smstrack.country_live.opt_outs IS 'Opt-outs by the opt-out link of the messages.';
