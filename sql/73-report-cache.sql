-- The same reports materialized: *_cache holds what the live views said at the last
-- smstrack_refresh, of all accounts; *_report shows the session's account of it. A
-- materialized view has no row security, so that nobody but the owner reads it itself.
-- Each has a unique index over columns that are never NULL: rows that have not changed are
-- found by it, and left alone.
--
-- They are not registered for dumps: a dump would refresh them, and so would pg_upgrade,
-- which fails at it. Where one is empty (before the first refresh, after a restore) its
-- report shows what the live view says.

CREATE MATERIALIZED VIEW smstrack.campaign_cache AS
SELECT
    l.*,
    coalesce(l.currency, '') AS currency_key
FROM smstrack.campaign_live AS l
WITH DATA;
CREATE UNIQUE INDEX campaign_cache_idx ON smstrack.campaign_cache (account, campaign_id, currency_key);
COMMENT ON MATERIALIZED VIEW smstrack.campaign_cache IS
    'What smstrack.campaign_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.campaign_cache.account IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.campaign_id IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.campaign IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.currency IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.prepared IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.sent IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.delivered IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.failed IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.expired IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.delivery_coverage IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.previews_fetched IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.preview_requests IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.unique_clicks IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.total_clicks IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.bots IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.rate_base IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.click_rate IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.view_coverage IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.conversions IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.reversals IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.unique_conversions IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.conversion_rate IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.opt_outs IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.segments_before IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.segments_after IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.unpriced IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.value IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.reversed_value IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.estimated_cost IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.charged_cost IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.cost IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.cost_per_click IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.cost_per_conversion IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.value_less_cost IS 'As in smstrack.campaign_live.';
COMMENT ON COLUMN smstrack.campaign_cache.currency_key IS 'The same as currency, empty where that is NULL: a key.';

CREATE VIEW smstrack.campaign_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.currency,
    c.prepared,
    c.sent,
    c.delivered,
    c.failed,
    c.expired,
    c.delivery_coverage,
    c.previews_fetched,
    c.preview_requests,
    c.unique_clicks,
    c.total_clicks,
    c.bots,
    c.rate_base,
    c.click_rate,
    c.view_coverage,
    c.conversions,
    c.reversals,
    c.unique_conversions,
    c.conversion_rate,
    c.opt_outs,
    c.segments_before,
    c.segments_after,
    c.unpriced,
    c.value,
    c.reversed_value,
    c.estimated_cost,
    c.charged_cost,
    c.cost,
    c.cost_per_click,
    c.cost_per_conversion,
    c.value_less_cost
FROM (
    SELECT * FROM smstrack.campaign_cache
    UNION ALL
    SELECT l.*, coalesce(l.currency, '') AS currency_key FROM smstrack.campaign_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.campaign_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.campaign_report IS
    'One row a campaign, and one more for each further currency that it has money in. Counts stand in the first row of a campaign alone, that of the currency most of its messages are priced in, and are NULL in its others: whatever is summed is summed once. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.campaign_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.campaign_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.campaign_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.campaign_report.currency IS
    'ISO 4217 code of the money in this row; NULL: the campaign has neither price nor value.';
COMMENT ON COLUMN smstrack.campaign_report.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.campaign_report.sent IS
    'Messages that the provider reported as sent or delivered, whatever became of them since.';
COMMENT ON COLUMN smstrack.campaign_report.delivered IS 'Messages reported as delivered.';
COMMENT ON COLUMN smstrack.campaign_report.failed IS 'Messages reported as failed.';
COMMENT ON COLUMN smstrack.campaign_report.expired IS 'Messages reported as expired.';
COMMENT ON COLUMN smstrack.campaign_report.delivery_coverage IS
    'Share of the prepared messages whose fate is known: delivered, failed or expired.';
COMMENT ON COLUMN smstrack.campaign_report.previews_fetched IS
    'Messages of which a preview was fetched. Some devices never fetch one, some fetch for nobody.';
COMMENT ON COLUMN smstrack.campaign_report.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.campaign_report.unique_clicks IS
    'Messages of which a link was clicked; NULL where that is not known: anonymous campaigns, and those without tracking.';
COMMENT ON COLUMN smstrack.campaign_report.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.campaign_report.bots IS 'Requests of bots and scanners; in no other column.';
COMMENT ON COLUMN smstrack.campaign_report.rate_base IS
    'What click_rate, conversion_rate and view_coverage are shares of: delivered, where the fate of at least 95 % of the prepared messages is known, else prepared.';
COMMENT ON COLUMN smstrack.campaign_report.click_rate IS
    'unique_clicks by the messages that rate_base says; NULL where there are none.';
COMMENT ON COLUMN smstrack.campaign_report.view_coverage IS 'previews_fetched by the messages that rate_base says.';
COMMENT ON COLUMN smstrack.campaign_report.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.campaign_report.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.campaign_report.unique_conversions IS 'Messages that a conversion followed; NULL where unique_clicks is.';
COMMENT ON COLUMN smstrack.campaign_report.conversion_rate IS 'unique_conversions by the messages that rate_base says.';
COMMENT ON COLUMN smstrack.campaign_report.opt_outs IS
    'Opt-outs by the opt-out link of the messages; who opted in again stays counted.';
COMMENT ON COLUMN smstrack.campaign_report.segments_before IS 'Segments of the bodies as given.';
COMMENT ON COLUMN smstrack.campaign_report.segments_after IS 'Segments of the bodies as sent.';
COMMENT ON COLUMN smstrack.campaign_report.unpriced IS 'Messages that no price is known of: they are in no cost.';
COMMENT ON COLUMN smstrack.campaign_report.value IS 'Value of the conversions in this currency, less what was taken back.';
COMMENT ON COLUMN smstrack.campaign_report.reversed_value IS 'Value that was taken back.';
COMMENT ON COLUMN smstrack.campaign_report.estimated_cost IS
    'Estimated cost of all messages priced in this currency; NULL where no message has a price.';
COMMENT ON COLUMN smstrack.campaign_report.charged_cost IS 'Charged cost, of the messages that it was reported of.';
COMMENT ON COLUMN smstrack.campaign_report.cost IS
    'Charged cost where it was reported, estimated cost of the other messages.';
COMMENT ON COLUMN smstrack.campaign_report.cost_per_click IS
    'cost by unique_clicks of the campaign; NULL where no message is priced in this currency.';
COMMENT ON COLUMN smstrack.campaign_report.cost_per_conversion IS
    'cost by conversions of the campaign, without those taken back wholly; NULL as cost_per_click.';
COMMENT ON COLUMN smstrack.campaign_report.value_less_cost IS 'value less cost.';

CREATE MATERIALIZED VIEW smstrack.variant_cache AS
SELECT
    l.*,
    coalesce(l.currency, '') AS currency_key
FROM smstrack.variant_live AS l
WITH DATA;
CREATE UNIQUE INDEX variant_cache_idx ON smstrack.variant_cache (account, campaign_id, variant_id, currency_key);
COMMENT ON MATERIALIZED VIEW smstrack.variant_cache IS
    'What smstrack.variant_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.variant_cache.account IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.campaign_id IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.campaign IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.variant_id IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.variant IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.currency IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.prepared IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.sent IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.delivered IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.failed IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.expired IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.delivery_coverage IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.previews_fetched IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.preview_requests IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.unique_clicks IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.total_clicks IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.bots IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.rate_base IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.click_rate IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.view_coverage IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.conversions IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.reversals IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.unique_conversions IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.conversion_rate IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.opt_outs IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.segments_before IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.segments_after IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.unpriced IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.value IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.reversed_value IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.estimated_cost IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.charged_cost IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.cost IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.cost_per_click IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.cost_per_conversion IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.value_less_cost IS 'As in smstrack.variant_live.';
COMMENT ON COLUMN smstrack.variant_cache.currency_key IS 'The same as currency, empty where that is NULL: a key.';

CREATE VIEW smstrack.variant_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.variant_id,
    c.variant,
    c.currency,
    c.prepared,
    c.sent,
    c.delivered,
    c.failed,
    c.expired,
    c.delivery_coverage,
    c.previews_fetched,
    c.preview_requests,
    c.unique_clicks,
    c.total_clicks,
    c.bots,
    c.rate_base,
    c.click_rate,
    c.view_coverage,
    c.conversions,
    c.reversals,
    c.unique_conversions,
    c.conversion_rate,
    c.opt_outs,
    c.segments_before,
    c.segments_after,
    c.unpriced,
    c.value,
    c.reversed_value,
    c.estimated_cost,
    c.charged_cost,
    c.cost,
    c.cost_per_click,
    c.cost_per_conversion,
    c.value_less_cost
FROM (
    SELECT * FROM smstrack.variant_cache
    UNION ALL
    SELECT l.*, coalesce(l.currency, '') AS currency_key FROM smstrack.variant_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.variant_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.variant_report IS
    'One row a variant, and one more for each further currency that it has money in. Counts stand in the first row of a variant alone, that of the currency most of its messages are priced in, and are NULL in its others: whatever is summed is summed once. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.variant_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.variant_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.variant_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.variant_report.variant_id IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.variant_report.variant IS 'Name of the variant; NULL for single messages.';
COMMENT ON COLUMN smstrack.variant_report.currency IS
    'ISO 4217 code of the money in this row; NULL: the campaign has neither price nor value.';
COMMENT ON COLUMN smstrack.variant_report.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.variant_report.sent IS
    'Messages that the provider reported as sent or delivered, whatever became of them since.';
COMMENT ON COLUMN smstrack.variant_report.delivered IS 'Messages reported as delivered.';
COMMENT ON COLUMN smstrack.variant_report.failed IS 'Messages reported as failed.';
COMMENT ON COLUMN smstrack.variant_report.expired IS 'Messages reported as expired.';
COMMENT ON COLUMN smstrack.variant_report.delivery_coverage IS
    'Share of the prepared messages whose fate is known: delivered, failed or expired.';
COMMENT ON COLUMN smstrack.variant_report.previews_fetched IS
    'Messages of which a preview was fetched. Some devices never fetch one, some fetch for nobody.';
COMMENT ON COLUMN smstrack.variant_report.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.variant_report.unique_clicks IS
    'Messages of which a link was clicked; NULL where that is not known: anonymous campaigns, and those without tracking.';
COMMENT ON COLUMN smstrack.variant_report.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.variant_report.bots IS 'Requests of bots and scanners; in no other column.';
COMMENT ON COLUMN smstrack.variant_report.rate_base IS
    'What click_rate, conversion_rate and view_coverage are shares of: delivered, where the fate of at least 95 % of the prepared messages is known, else prepared.';
COMMENT ON COLUMN smstrack.variant_report.click_rate IS
    'unique_clicks by the messages that rate_base says; NULL where there are none.';
COMMENT ON COLUMN smstrack.variant_report.view_coverage IS 'previews_fetched by the messages that rate_base says.';
COMMENT ON COLUMN smstrack.variant_report.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.variant_report.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.variant_report.unique_conversions IS 'Messages that a conversion followed; NULL where unique_clicks is.';
COMMENT ON COLUMN smstrack.variant_report.conversion_rate IS 'unique_conversions by the messages that rate_base says.';
COMMENT ON COLUMN smstrack.variant_report.opt_outs IS
    'Opt-outs by the opt-out link of the messages; who opted in again stays counted.';
COMMENT ON COLUMN smstrack.variant_report.segments_before IS 'Segments of the bodies as given.';
COMMENT ON COLUMN smstrack.variant_report.segments_after IS 'Segments of the bodies as sent.';
COMMENT ON COLUMN smstrack.variant_report.unpriced IS 'Messages that no price is known of: they are in no cost.';
COMMENT ON COLUMN smstrack.variant_report.value IS 'Value of the conversions in this currency, less what was taken back.';
COMMENT ON COLUMN smstrack.variant_report.reversed_value IS 'Value that was taken back.';
COMMENT ON COLUMN smstrack.variant_report.estimated_cost IS
    'Estimated cost of all messages priced in this currency; NULL where no message has a price.';
COMMENT ON COLUMN smstrack.variant_report.charged_cost IS 'Charged cost, of the messages that it was reported of.';
COMMENT ON COLUMN smstrack.variant_report.cost IS
    'Charged cost where it was reported, estimated cost of the other messages.';
COMMENT ON COLUMN smstrack.variant_report.cost_per_click IS
    'cost by unique_clicks of the variant; NULL where no message is priced in this currency.';
COMMENT ON COLUMN smstrack.variant_report.cost_per_conversion IS
    'cost by conversions of the variant, without those taken back wholly; NULL as cost_per_click.';
COMMENT ON COLUMN smstrack.variant_report.value_less_cost IS 'value less cost.';

CREATE MATERIALIZED VIEW smstrack.funnel_cache AS
SELECT
    l.*
FROM smstrack.funnel_live AS l
WITH DATA;
CREATE UNIQUE INDEX funnel_cache_idx ON smstrack.funnel_cache (account, campaign_id, step_number);
COMMENT ON MATERIALIZED VIEW smstrack.funnel_cache IS
    'What smstrack.funnel_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.funnel_cache.account IS 'As in smstrack.funnel_live.';
COMMENT ON COLUMN smstrack.funnel_cache.campaign_id IS 'As in smstrack.funnel_live.';
COMMENT ON COLUMN smstrack.funnel_cache.campaign IS 'As in smstrack.funnel_live.';
COMMENT ON COLUMN smstrack.funnel_cache.step_number IS 'As in smstrack.funnel_live.';
COMMENT ON COLUMN smstrack.funnel_cache.step IS 'As in smstrack.funnel_live.';
COMMENT ON COLUMN smstrack.funnel_cache.messages IS 'As in smstrack.funnel_live.';
COMMENT ON COLUMN smstrack.funnel_cache.share_of_prepared IS 'As in smstrack.funnel_live.';
COMMENT ON COLUMN smstrack.funnel_cache.coverage IS 'As in smstrack.funnel_live.';

CREATE VIEW smstrack.funnel_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.step_number,
    c.step,
    c.messages,
    c.share_of_prepared,
    c.coverage
FROM (
    SELECT * FROM smstrack.funnel_cache
    UNION ALL
    SELECT l.* FROM smstrack.funnel_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.funnel_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.funnel_report IS
    'One row a campaign and step of the way from prepared to converted. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.funnel_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.funnel_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.funnel_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.funnel_report.step_number IS '1 to 6.';
COMMENT ON COLUMN smstrack.funnel_report.step IS
    'prepared, sent, delivered, preview fetched, clicked, converted. Many click without a preview: it is no condition of a click.';
COMMENT ON COLUMN smstrack.funnel_report.messages IS 'Messages that came as far; NULL where that is not known.';
COMMENT ON COLUMN smstrack.funnel_report.share_of_prepared IS 'Share of the prepared messages.';
COMMENT ON COLUMN smstrack.funnel_report.coverage IS
    'How much of it can be seen: for delivered, the share of prepared messages whose fate is known; for preview fetched, view_coverage of campaign_report; else NULL.';

CREATE MATERIALIZED VIEW smstrack.link_cache AS
SELECT
    l.*
FROM smstrack.link_live AS l
WITH DATA;
CREATE UNIQUE INDEX link_cache_idx ON smstrack.link_cache (account, campaign_id, variant_id, "position");
COMMENT ON MATERIALIZED VIEW smstrack.link_cache IS
    'What smstrack.link_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.link_cache.account IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.campaign_id IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.campaign IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.variant_id IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.variant IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache."position" IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.target_url IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.prepared IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.previews_fetched IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.preview_requests IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.unique_clicks IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.total_clicks IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.bots IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.click_rate IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.click_share IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.conversions IS 'As in smstrack.link_live.';
COMMENT ON COLUMN smstrack.link_cache.reversals IS 'As in smstrack.link_live.';

CREATE VIEW smstrack.link_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.variant_id,
    c.variant,
    c."position",
    c.target_url,
    c.prepared,
    c.previews_fetched,
    c.preview_requests,
    c.unique_clicks,
    c.total_clicks,
    c.bots,
    c.click_rate,
    c.click_share,
    c.conversions,
    c.reversals
FROM (
    SELECT * FROM smstrack.link_cache
    UNION ALL
    SELECT l.* FROM smstrack.link_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.link_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.link_report IS
    'One row a variant and link: which link in which campaign. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.link_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.link_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.link_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.link_report.variant_id IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.link_report.variant IS 'Name of the variant; NULL for single messages.';
COMMENT ON COLUMN smstrack.link_report."position" IS 'Which link of the body, from 0; the opt-out link is none of them.';
COMMENT ON COLUMN smstrack.link_report.target_url IS
    'Where it leads now, with merge fields; NULL for single messages, whose targets differ.';
COMMENT ON COLUMN smstrack.link_report.prepared IS
    'Messages of the variant; NULL for single messages, which have different links.';
COMMENT ON COLUMN smstrack.link_report.previews_fetched IS
    'Messages of which a preview of this link was fetched; NULL where that is not known.';
COMMENT ON COLUMN smstrack.link_report.preview_requests IS 'Requests for its preview.';
COMMENT ON COLUMN smstrack.link_report.unique_clicks IS 'Messages of which this link was clicked; NULL where that is not known.';
COMMENT ON COLUMN smstrack.link_report.total_clicks IS 'Clicks on it.';
COMMENT ON COLUMN smstrack.link_report.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.link_report.click_rate IS 'unique_clicks by prepared.';
COMMENT ON COLUMN smstrack.link_report.click_share IS 'Share of the unique clicks on all links of the variant.';
COMMENT ON COLUMN smstrack.link_report.conversions IS
    'Conversions that followed a click on it, those that were taken back too.';
COMMENT ON COLUMN smstrack.link_report.reversals IS 'Conversions that were taken back wholly.';

-- A column that is always NULL: REFRESH looks for duplicates among rows without a NULL, by
-- sorting all of them; the unique index finds them anyway, and this is the biggest report.
CREATE MATERIALIZED VIEW smstrack.timeline_cache AS
SELECT
    l.*,
    NULL::boolean AS unchecked
FROM smstrack.timeline_live AS l
WITH DATA;
CREATE UNIQUE INDEX timeline_cache_idx ON smstrack.timeline_cache (account, campaign_id, at);
COMMENT ON MATERIALIZED VIEW smstrack.timeline_cache IS
    'What smstrack.timeline_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.timeline_cache.account IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.campaign_id IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.campaign IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.at IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.first_previews IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.preview_requests IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.first_clicks IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.total_clicks IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.bots IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.conversions IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.first_conversions IS 'As in smstrack.timeline_live.';
COMMENT ON COLUMN smstrack.timeline_cache.unchecked IS 'Always NULL.';

CREATE VIEW smstrack.timeline_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.at,
    c.first_previews,
    c.preview_requests,
    c.first_clicks,
    c.total_clicks,
    c.bots,
    c.conversions,
    c.first_conversions
FROM (
    SELECT * FROM smstrack.timeline_cache
    UNION ALL
    SELECT l.*, NULL::boolean AS unchecked FROM smstrack.timeline_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.timeline_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.timeline_report IS
    'One row a campaign and quarter of an hour in which something happened. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.timeline_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.timeline_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.timeline_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.timeline_report.at IS 'Begin of the quarter of an hour.';
COMMENT ON COLUMN smstrack.timeline_report.first_previews IS 'Messages of which a preview was first fetched then.';
COMMENT ON COLUMN smstrack.timeline_report.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.timeline_report.first_clicks IS 'Messages whose first click fell into it.';
COMMENT ON COLUMN smstrack.timeline_report.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.timeline_report.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.timeline_report.conversions IS 'Conversions that happened then, those that were taken back too.';
COMMENT ON COLUMN smstrack.timeline_report.first_conversions IS 'Messages whose first conversion fell into it.';

CREATE MATERIALIZED VIEW smstrack.device_cache AS
SELECT
    l.*
FROM smstrack.device_live AS l
WITH DATA;
CREATE UNIQUE INDEX device_cache_idx ON smstrack.device_cache (account, campaign_id, os, device);
COMMENT ON MATERIALIZED VIEW smstrack.device_cache IS
    'What smstrack.device_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.device_cache.account IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.campaign_id IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.campaign IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.os IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.device IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.preview_requests IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.total_clicks IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.bots IS 'As in smstrack.device_live.';
COMMENT ON COLUMN smstrack.device_cache.click_share IS 'As in smstrack.device_live.';

CREATE VIEW smstrack.device_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.os,
    c.device,
    c.preview_requests,
    c.total_clicks,
    c.bots,
    c.click_share
FROM (
    SELECT * FROM smstrack.device_cache
    UNION ALL
    SELECT l.* FROM smstrack.device_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.device_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.device_report IS
    'One row a campaign, operating system and kind of device. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.device_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.device_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.device_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.device_report.os IS 'Operating system.';
COMMENT ON COLUMN smstrack.device_report.device IS 'phone, tablet, desktop, server or unknown.';
COMMENT ON COLUMN smstrack.device_report.preview_requests IS
    'Requests for previews; where a messengers server fetches them, the device is the server.';
COMMENT ON COLUMN smstrack.device_report.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.device_report.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.device_report.click_share IS 'Share of the clicks of the campaign.';

CREATE MATERIALIZED VIEW smstrack.country_cache AS
SELECT
    l.*,
    coalesce(l.country, '') AS country_key
FROM smstrack.country_live AS l
WITH DATA;
CREATE UNIQUE INDEX country_cache_idx ON smstrack.country_cache (account, campaign_id, country_key);
COMMENT ON MATERIALIZED VIEW smstrack.country_cache IS
    'What smstrack.country_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.country_cache.account IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.campaign_id IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.campaign IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.country IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.prefix IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.prepared IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.sent IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.delivered IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.failed IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.expired IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.previews_fetched IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.preview_requests IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.unique_clicks IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.total_clicks IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.bots IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.rate_base IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.click_rate IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.opt_outs IS 'As in smstrack.country_live.';
COMMENT ON COLUMN smstrack.country_cache.country_key IS 'The same as country, empty where that is NULL: a key.';

CREATE VIEW smstrack.country_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.country,
    c.prefix,
    c.prepared,
    c.sent,
    c.delivered,
    c.failed,
    c.expired,
    c.previews_fetched,
    c.preview_requests,
    c.unique_clicks,
    c.total_clicks,
    c.bots,
    c.rate_base,
    c.click_rate,
    c.opt_outs
FROM (
    SELECT * FROM smstrack.country_cache
    UNION ALL
    SELECT l.*, coalesce(l.country, '') AS country_key FROM smstrack.country_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.country_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.country_report IS
    'One row a campaign and country of the recipients'' numbers. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.country_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.country_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.country_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.country_report.country IS
    'ISO 3166 code of the country of the recipients'' numbers; NULL: not known, and hits of anonymous campaigns.';
COMMENT ON COLUMN smstrack.country_report.prefix IS
    'E.164 prefix of the country, such as +49; countries that share one have the same.';
COMMENT ON COLUMN smstrack.country_report.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.country_report.sent IS
    'Messages that the provider reported as sent or delivered, whatever became of them since.';
COMMENT ON COLUMN smstrack.country_report.delivered IS 'Messages reported as delivered.';
COMMENT ON COLUMN smstrack.country_report.failed IS 'Messages reported as failed.';
COMMENT ON COLUMN smstrack.country_report.expired IS 'Messages reported as expired.';
COMMENT ON COLUMN smstrack.country_report.previews_fetched IS
    'Messages of which a preview was fetched. Some devices never fetch one, some fetch for nobody.';
COMMENT ON COLUMN smstrack.country_report.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.country_report.unique_clicks IS
    'Messages of which a link was clicked; NULL where that is not known: anonymous campaigns, and those without tracking.';
COMMENT ON COLUMN smstrack.country_report.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.country_report.bots IS 'Requests of bots and scanners; in no other column.';
COMMENT ON COLUMN smstrack.country_report.rate_base IS
    'What click_rate is a share of: delivered, where the fate of at least 95 % of the prepared messages is known, else prepared.';
COMMENT ON COLUMN smstrack.country_report.click_rate IS
    'unique_clicks by the messages that rate_base says; NULL where there are none.';
COMMENT ON COLUMN smstrack.country_report.opt_outs IS 'Opt-outs by the opt-out link of the messages.';

CREATE MATERIALIZED VIEW smstrack.conversion_cache AS
SELECT
    l.*,
    coalesce(l.currency, '') AS currency_key
FROM smstrack.conversion_live AS l
WITH DATA;
CREATE UNIQUE INDEX conversion_cache_idx ON smstrack.conversion_cache (account, campaign_id, goal, currency_key, source);
COMMENT ON MATERIALIZED VIEW smstrack.conversion_cache IS
    'What smstrack.conversion_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.conversion_cache.account IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.campaign_id IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.campaign IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.goal IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.currency IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.source IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.conversions IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.unique_conversions IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.reversals IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.value IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.reversed_value IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.average_value IS 'As in smstrack.conversion_live.';
COMMENT ON COLUMN smstrack.conversion_cache.currency_key IS 'The same as currency, empty where that is NULL: a key.';

CREATE VIEW smstrack.conversion_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.goal,
    c.currency,
    c.source,
    c.conversions,
    c.unique_conversions,
    c.reversals,
    c.value,
    c.reversed_value,
    c.average_value
FROM (
    SELECT * FROM smstrack.conversion_cache
    UNION ALL
    SELECT l.*, coalesce(l.currency, '') AS currency_key FROM smstrack.conversion_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.conversion_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.conversion_report IS
    'One row a campaign, goal, currency and source. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.conversion_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.conversion_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.conversion_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.conversion_report.goal IS 'Goal, such as order or registration.';
COMMENT ON COLUMN smstrack.conversion_report.currency IS 'ISO 4217 code of the value; NULL: conversions without a value.';
COMMENT ON COLUMN smstrack.conversion_report.source IS 'client: reported by a browser; server: by a server.';
COMMENT ON COLUMN smstrack.conversion_report.conversions IS 'Conversions, those that were taken back too.';
COMMENT ON COLUMN smstrack.conversion_report.unique_conversions IS
    'Messages that a conversion of the goal followed, each once, under the currency and source of the first.';
COMMENT ON COLUMN smstrack.conversion_report.reversals IS 'Conversions that were taken back wholly.';
COMMENT ON COLUMN smstrack.conversion_report.value IS 'Value, less what was taken back.';
COMMENT ON COLUMN smstrack.conversion_report.reversed_value IS 'Value that was taken back.';
COMMENT ON COLUMN smstrack.conversion_report.average_value IS 'value by the conversions that were not taken back wholly.';

CREATE MATERIALIZED VIEW smstrack.cost_cache AS
SELECT
    l.*,
    coalesce(l.country, '') AS country_key,
    coalesce(l.currency, '') AS currency_key
FROM smstrack.cost_live AS l
WITH DATA;
CREATE UNIQUE INDEX cost_cache_idx ON smstrack.cost_cache (account, campaign_id, country_key, currency_key);
COMMENT ON MATERIALIZED VIEW smstrack.cost_cache IS
    'What smstrack.cost_live said at the last smstrack_refresh, of all accounts.';
COMMENT ON COLUMN smstrack.cost_cache.account IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.campaign_id IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.campaign IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.country IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.currency IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.prepared IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.segments_before IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.segments_after IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.segments_delta IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.cost_before IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.cost_after IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.cost_delta IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.charged IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.charged_cost IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.cost IS 'As in smstrack.cost_live.';
COMMENT ON COLUMN smstrack.cost_cache.country_key IS 'The same as country, empty where that is NULL: a key.';
COMMENT ON COLUMN smstrack.cost_cache.currency_key IS 'The same as currency, empty where that is NULL: a key.';

CREATE VIEW smstrack.cost_report WITH (security_barrier = true) AS
SELECT
    c.account,
    c.campaign_id,
    c.campaign,
    c.country,
    c.currency,
    c.prepared,
    c.segments_before,
    c.segments_after,
    c.segments_delta,
    c.cost_before,
    c.cost_after,
    c.cost_delta,
    c.charged,
    c.charged_cost,
    c.cost
FROM (
    SELECT * FROM smstrack.cost_cache
    UNION ALL
    SELECT l.*, coalesce(l.country, '') AS country_key, coalesce(l.currency, '') AS currency_key FROM smstrack.cost_live AS l
    WHERE NOT EXISTS (SELECT FROM smstrack.cost_cache)
) AS c
WHERE (SELECT smstrack.sees_all_accounts()) OR c.account = smstrack.current_account();
COMMENT ON VIEW smstrack.cost_report IS
    'One row a campaign, country and currency: segments and money before and after tracking. As of the last smstrack_refresh; live before the first one.';
COMMENT ON COLUMN smstrack.cost_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.cost_report.campaign_id IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.cost_report.campaign IS 'Name of the campaign; NULL for single messages.';
COMMENT ON COLUMN smstrack.cost_report.country IS
    'ISO 3166 code of the country of the recipients'' numbers; NULL: not known.';
COMMENT ON COLUMN smstrack.cost_report.currency IS 'ISO 4217 code of the costs; NULL: no price is known.';
COMMENT ON COLUMN smstrack.cost_report.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.cost_report.segments_before IS 'Segments of the bodies as given.';
COMMENT ON COLUMN smstrack.cost_report.segments_after IS 'Segments of the bodies as sent.';
COMMENT ON COLUMN smstrack.cost_report.segments_delta IS 'What tracking added, or, negative, saved.';
COMMENT ON COLUMN smstrack.cost_report.cost_before IS 'Estimated cost of segments_before.';
COMMENT ON COLUMN smstrack.cost_report.cost_after IS 'Estimated cost of segments_after.';
COMMENT ON COLUMN smstrack.cost_report.cost_delta IS 'What tracking added, or, negative, saved.';
COMMENT ON COLUMN smstrack.cost_report.charged IS 'Messages of which a charged cost was reported.';
COMMENT ON COLUMN smstrack.cost_report.charged_cost IS 'Charged cost, as far as it was reported.';
COMMENT ON COLUMN smstrack.cost_report.cost IS
    'Charged cost where it was reported, estimated cost of the other messages.';

CREATE TABLE smstrack.refresh_log (
    report text NOT NULL,
    started_at timestamptz NOT NULL,
    duration interval NOT NULL,
    rows bigint NOT NULL,
    CONSTRAINT refresh_log_pkey PRIMARY KEY (report, started_at)
);
COMMENT ON TABLE smstrack.refresh_log IS
    'When smstrack_refresh refreshed which report; kept for 30 days, the last time for ever.';
COMMENT ON COLUMN smstrack.refresh_log.report IS 'Report, such as campaign_report.';
COMMENT ON COLUMN smstrack.refresh_log.started_at IS 'When its refresh began: it has what was committed before.';
COMMENT ON COLUMN smstrack.refresh_log.duration IS 'How long that took.';
COMMENT ON COLUMN smstrack.refresh_log.rows IS 'Rows that it had then, of all accounts.';

CREATE FUNCTION @extschema@.smstrack_refresh()
RETURNS SETOF smstrack.refresh_log
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
SECURITY DEFINER -- refreshing takes the owner of the materialized views
SET search_path = pg_catalog, pg_temp
SET work_mem = '64MB'
AS $$
DECLARE
    called_at CONSTANT timestamptz := clock_timestamp();
    part text;
    entry smstrack.refresh_log;
BEGIN
    PERFORM smstrack.write_message_tally();
    -- one at a time; whoever waited has no more to do for what began after it was called
    LOCK TABLE smstrack.refresh_log IN SHARE ROW EXCLUSIVE MODE;
    FOREACH part IN ARRAY ARRAY['campaign', 'variant', 'funnel', 'link', 'timeline', 'device', 'country', 'conversion', 'cost']
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM smstrack.refresh_log AS l
                              WHERE l.report = part || '_report' AND l.started_at >= called_at);
        entry.report := part || '_report';
        entry.started_at := clock_timestamp();
        EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY smstrack.%I', part || '_cache');
        EXECUTE format('SELECT count(*) FROM smstrack.%I', part || '_cache') INTO entry.rows;
        entry.duration := clock_timestamp() - entry.started_at;
        INSERT INTO smstrack.refresh_log SELECT entry.*;
        RETURN NEXT entry;
    END LOOP;
    DELETE FROM smstrack.refresh_log AS l
    WHERE l.started_at < now() - interval '30 days'
        AND EXISTS (SELECT FROM smstrack.refresh_log AS n WHERE n.report = l.report AND n.started_at > l.started_at);
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_refresh() IS
    'Refreshes the reports *_report without keeping anybody from reading them; gives a row for each. Two at once: the second waits, and refreshes what the first began before it was called. With pg_cron: SELECT cron.schedule(''smstrack reports'', ''*/5 * * * *'', ''SELECT @extschema@.smstrack_refresh()'').';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_refresh() FROM PUBLIC;
