-- Who reads reports: his account alone, through whatever he may read; no recipient where he
-- may see none. And what the reports are called, column by column.
\set ON_ERROR_STOP on
BEGIN;
SELECT no_plan();
\set messages 600
\set hits 3000
\ir ../data/history.sql
INSERT INTO smstrack.link_alias (host, code, target_url) SELECT host, 'summer', 'https://a.example/' FROM smstrack.link_domain;
SELECT count(*) FROM smstrack_refresh() \g /dev/null
CREATE ROLE regress_ours;
CREATE ROLE regress_masked;
SELECT smstrack_grant('regress_ours', 'reader') \g /dev/null
SELECT smstrack_grant('regress_masked', 'reader_masked') \g /dev/null
GRANT SELECT ON history_audience TO regress_masked;
SELECT throws_ok($$SELECT smstrack_grant('regress_ours', 'readers')$$, '22023', 'unknown kind of role "readers"', 'an unknown kind');

-- Everything that a reader may read and that has an account, or leads to one.
CREATE TEMPORARY TABLE readable AS
SELECT c.relname::text AS name,
       EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'account') AS has_account,
       EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'link_domain' AND a.atttypid = 'integer'::regtype) AS has_domain
FROM pg_class AS c
WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND has_any_column_privilege('regress_ours', c.oid, 'SELECT');
GRANT SELECT ON readable TO regress_ours, regress_masked;
SELECT cmp_ok((SELECT count(*) FROM readable WHERE has_account), '>=', 20::bigint, 'there are reports');
SELECT set_eq('SELECT name FROM readable WHERE NOT has_account AND NOT has_domain', $$VALUES ('refresh_log'), ('variant')$$, 'nearly all have an account or a link domain');
CREATE TEMPORARY TABLE domain_of AS SELECT id, account FROM smstrack.link_domain;
GRANT SELECT ON domain_of TO regress_ours, regress_masked;
-- Counts rows of one account and of others, as whoever asks.
CREATE FUNCTION pg_temp.rows_of(name text, has_account boolean, own text, OUT own_rows bigint, OUT others bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(CASE WHEN has_account THEN 'SELECT count(*) FILTER (WHERE account = %L), count(*) FILTER (WHERE account <> %1$L) FROM smstrack.%I'
        ELSE 'SELECT count(*) FILTER (WHERE account = %L), count(*) FILTER (WHERE account <> %1$L) FROM smstrack.%I JOIN domain_of ON id = link_domain' END, own, name) INTO own_rows, others;
END
$$;
SELECT is_empty($$SELECT name, r.* FROM readable, pg_temp.rows_of(name, has_account, 'default') AS r WHERE (has_account OR has_domain) AND least(own_rows, others) = 0$$,
                'the owner sees rows of both accounts in everything');

SET smstrack.account = 'default';
SET ROLE regress_ours;
SELECT is_empty($$SELECT name, r.* FROM readable, pg_temp.rows_of(name, has_account, 'default') AS r WHERE (has_account OR has_domain) AND (own_rows = 0 OR others <> 0)$$,
                'a reader sees those of his account, and no others');
SELECT is((SELECT count(*) FROM smstrack.variant), (SELECT count(*) FROM smstrack.variant JOIN smstrack.campaign AS c ON c.id = campaign), 'variants too');
SELECT is_empty($$SELECT * FROM smstrack_logbook(page_size => 10000) WHERE account <> 'default'$$, 'in the logbook too');
SELECT throws_ok($$SELECT * FROM smstrack_logbook(campaign => 'theirs')$$, '42704', NULL, 'where the others'' campaigns are unknown');
SELECT throws_ok($$SELECT * FROM smstrack_timeline('theirs')$$, '42704', NULL, 'and in the timeline');
SELECT is_empty($$SELECT smstrack.logbook_page((SELECT max(campaign_id) + n FROM smstrack.campaign_report), NULL, NULL, NULL, 9223372036854775807, 10) FROM generate_series(1, 3) AS n$$, 'whatever number is asked for');
SELECT throws_ok($$SET smstrack.account = 'other'$$, '42501', NULL, 'a reader does not choose his account');
SELECT throws_ok($$SELECT set_config('smstrack.account', 'other', true)$$, '42501', NULL, 'by no means');
SELECT throws_ok('SELECT * FROM smstrack.' || t, '42501', NULL, 'nor reads smstrack.' || t)
FROM unnest('{message,hit,hit_default,user_agent,conversion,secret,account_secret,opt_out,outbox,launch,campaign_cache,timeline_cache,recount,idempotency}'::text[]) AS t;
SELECT throws_ok('SELECT smstrack_refresh()', '42501', NULL, 'nor refreshes');
SELECT throws_ok('SELECT fallback_url FROM smstrack.link_domain', '42501', NULL, 'of link domains he reads names only');
SELECT cmp_ok((SELECT count(*) FROM smstrack.message_report WHERE recipient LIKE '+%'), '>', 300::bigint, 'he sees recipients');
SELECT cmp_ok((SELECT least(count(label), count(error)) FROM smstrack.message_report), '>', 0::bigint, 'labels and errors');
SELECT results_eq($$SELECT * FROM smstrack.campaign_report ORDER BY campaign_id, currency$$, $$SELECT * FROM smstrack.campaign_live ORDER BY campaign_id, currency$$, 'live and materialized agree for him');
RESET ROLE;

SET smstrack.account = 'other';
SET ROLE regress_ours;
SELECT is_empty($$SELECT name, r.* FROM readable, pg_temp.rows_of(name, has_account, 'other') AS r WHERE (has_account OR has_domain) AND (own_rows = 0 OR others <> 0)$$,
                'the same from the other side');
RESET ROLE;
SET smstrack.account = 'nobody';
SET ROLE regress_ours;
SELECT is_empty($$SELECT name, r.* FROM readable, pg_temp.rows_of(name, has_account, 'nobody') AS r WHERE (has_account OR has_domain) AND (own_rows <> 0 OR others <> 0)$$, 'an account without anything sees nothing');
RESET ROLE;
RESET smstrack.account;

-- Masked.
SELECT is(smstrack.mask_recipient('+4915112345678'), '+49*********78', 'a number keeps its country and two digits');
SELECT is(smstrack.mask_recipient('customer-4711'), '********', 'an identifier nothing');
SELECT is(smstrack.mask_recipient('+4915'), '********', 'nor what is too short to be one');
SET ROLE regress_masked;
SELECT is_empty($$SELECT recipient FROM smstrack.message_report WHERE recipient !~ '^(\+\d\d\*+\d\d|\*{8})$'$$, 'a masked reader sees no recipient in the logbook');
SELECT is_empty($$SELECT recipient FROM smstrack.click_report WHERE recipient !~ '^(\+\d\d\*+\d\d|\*{8})$'$$, 'nor among clicks');
SELECT is_empty($$SELECT recipient FROM smstrack.recipient_report WHERE recipient !~ '^(\+\d\d\*+\d\d|\*{8})$'$$, 'nor among contacts');
SELECT is_empty($$SELECT r.* FROM smstrack.message_report AS r JOIN history_audience AS a USING (recipient)$$, 'and finds none by comparing');
SELECT is_empty('SELECT body, label, error FROM smstrack.message_report WHERE num_nonnulls(body, label, error) > 0', 'bodies, labels and errors may name people too');
SELECT is_empty('SELECT label FROM smstrack.click_report WHERE label IS NOT NULL', 'among clicks as well');
SELECT throws_ok($$SELECT * FROM smstrack_logbook(recipient => '+4915100000001')$$, '42501', NULL, 'nor asks for one');
SELECT cmp_ok((SELECT count(*) FROM smstrack_logbook(page_size => 10000)), '>', 300::bigint, 'but pages through the logbook');
SELECT results_eq('SELECT sum(total_clicks) FROM smstrack.campaign_report', 'SELECT sum(total_clicks) FROM smstrack.campaign_live', 'and reads what names nobody');
SELECT is_empty($$SELECT name, r.* FROM readable, pg_temp.rows_of(name, has_account, 'default') AS r WHERE (has_account OR has_domain) AND (own_rows = 0 OR others <> 0)$$, 'of his account alone');
RESET ROLE;

-- Names, order and types: what a BI tool was told stays so.
SELECT is(
    (SELECT string_agg(attname || ' ' || atttypid::regtype, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = ('smstrack.' || r.name || k)::regclass AND attnum > 0 AND NOT attisdropped),
    r.columns, r.name || k || ' has the columns that it had')
FROM (VALUES
    ('campaign', 'account text, campaign_id integer, campaign text, currency text, prepared bigint, sent bigint, delivered bigint, failed bigint, expired bigint, delivery_coverage numeric, previews_fetched bigint, preview_requests bigint, unique_clicks bigint, total_clicks bigint, bots bigint, rate_base text, click_rate numeric, view_coverage numeric, conversions bigint, reversals bigint, unique_conversions bigint, conversion_rate numeric, opt_outs bigint, segments_before bigint, segments_after bigint, unpriced bigint, value numeric, reversed_value numeric, estimated_cost numeric, charged_cost numeric, cost numeric, cost_per_click numeric, cost_per_conversion numeric, value_less_cost numeric'),
    ('click_report', 'message_id bigint, position integer, account text, recipient text, label text, target_url text, first_view_at timestamp with time zone, views bigint, first_click_at timestamp with time zone, clicks bigint, bots bigint, conversions bigint, devices bigint, networks bigint, forwarded boolean, campaign_id integer, campaign text, variant text'),
    ('conversion', 'account text, campaign_id integer, campaign text, goal text, currency text, source text, conversions bigint, unique_conversions bigint, reversals bigint, value numeric, reversed_value numeric, average_value numeric'),
    ('cost', 'account text, campaign_id integer, campaign text, country text, currency text, prepared bigint, segments_before bigint, segments_after bigint, segments_delta bigint, cost_before numeric, cost_after numeric, cost_delta numeric, charged bigint, charged_cost numeric, cost numeric'),
    ('country', 'account text, campaign_id integer, campaign text, country text, prefix text, prepared bigint, sent bigint, delivered bigint, failed bigint, expired bigint, previews_fetched bigint, preview_requests bigint, unique_clicks bigint, total_clicks bigint, bots bigint, rate_base text, click_rate numeric, opt_outs bigint'),
    ('device', 'account text, campaign_id integer, campaign text, os text, device text, preview_requests bigint, total_clicks bigint, bots bigint, click_share numeric'),
    ('funnel', 'account text, campaign_id integer, campaign text, step_number integer, step text, messages bigint, share_of_prepared numeric, coverage numeric'),
    ('link', 'account text, campaign_id integer, campaign text, variant_id integer, variant text, position integer, target_url text, prepared bigint, previews_fetched bigint, preview_requests bigint, unique_clicks bigint, total_clicks bigint, bots bigint, click_rate numeric, click_share numeric, conversions bigint, reversals bigint, rate_base text'),
    ('message_report', 'message_id bigint, account text, created_at timestamp with time zone, recipient text, label text, link_domain text, status text, sent_at timestamp with time zone, body text, links integer, encoding_before text, encoding_after text, segments_before integer, segments_after integer, viewed boolean, first_view_at timestamp with time zone, clicked boolean, first_click_at timestamp with time zone, converted boolean, first_conversion_at timestamp with time zone, campaign_id integer, campaign text, variant text, variant_body text, status_at timestamp with time zone, error text, country text, currency text, cost_before numeric, cost_after numeric, charged_cost numeric, conversions bigint, value numeric, value_currency text'),
    ('recipient_report', 'account text, recipient text, country text, messages bigint, campaigns bigint, delivered bigint, failed bigint, viewed bigint, clicked bigint, converted bigint, segments bigint, first_message_at timestamp with time zone, last_message_at timestamp with time zone, last_click_at timestamp with time zone'),
    ('timeline', 'account text, campaign_id integer, campaign text, at timestamp with time zone, first_previews bigint, preview_requests bigint, first_clicks bigint, total_clicks bigint, bots bigint, conversions bigint, first_conversions bigint'),
    ('variant', 'account text, campaign_id integer, campaign text, variant_id integer, variant text, currency text, prepared bigint, sent bigint, delivered bigint, failed bigint, expired bigint, delivery_coverage numeric, previews_fetched bigint, preview_requests bigint, unique_clicks bigint, total_clicks bigint, bots bigint, rate_base text, click_rate numeric, view_coverage numeric, conversions bigint, reversals bigint, unique_conversions bigint, conversion_rate numeric, opt_outs bigint, segments_before bigint, segments_after bigint, unpriced bigint, value numeric, reversed_value numeric, estimated_cost numeric, charged_cost numeric, cost numeric, cost_per_click numeric, cost_per_conversion numeric, value_less_cost numeric')
) AS r (name, columns), unnest(CASE WHEN r.name ~ '_report$' THEN '{""}'::text[] ELSE '{_live,_report}' END) AS k;
SELECT is_empty(
    $$SELECT c.relname, a.attname, a.atttypid::regtype FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relname ~ '_(report|live)$' AND a.attnum > 0
        AND a.atttypid <> ALL ('{text,bigint,integer,boolean,numeric,timestamptz}'::regtype[])$$, 'plain types alone');

-- What is never NULL, in rows of every sort, of all accounts.
CREATE FUNCTION pg_temp.found_null(report text, never_null text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    EXECUTE format('SELECT string_agg(key, '' '' ORDER BY key COLLATE "C") FROM ('
                   'SELECT key FROM (SELECT to_jsonb(t) AS j FROM smstrack.%I AS t) AS t, jsonb_each(j) '
                   'GROUP BY key HAVING bool_or(value = ''null'')) AS k WHERE key = ANY ($1)', report)
        INTO columns USING never_null;
    RETURN concat_ws(' ', columns, (SELECT 'no column ' || string_agg(c, ' ') FROM unnest(never_null) AS c
                                    WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('smstrack.' || report) AND attname = c)));
END
$$;
SELECT is(pg_temp.found_null(r.name, string_to_array(r.columns, ' ')), '', 'of ' || r.name || ', what is never NULL')
FROM (VALUES
    ('campaign_report', 'account campaign_id'),
    ('variant_report', 'account campaign_id variant_id'),
    ('funnel_report', 'account campaign_id step step_number'),
    ('link_report', 'account campaign_id variant_id position preview_requests total_clicks bots conversions reversals'),
    ('timeline_report', 'account campaign_id at first_previews preview_requests first_clicks total_clicks bots conversions first_conversions'),
    ('device_report', 'account campaign_id os device preview_requests total_clicks bots'),
    ('country_report', 'account campaign_id prepared sent delivered failed expired preview_requests total_clicks bots rate_base opt_outs'),
    ('conversion_report', 'account campaign_id goal source conversions unique_conversions reversals'),
    ('cost_report', 'account campaign_id prepared segments_before segments_after segments_delta charged'),
    ('message_report', 'message_id account created_at link_domain status links encoding_before encoding_after segments_before segments_after viewed clicked converted campaign_id conversions'),
    ('click_report', 'message_id position account views clicks bots conversions devices networks forwarded campaign_id'),
    ('recipient_report', 'account recipient messages campaigns delivered failed viewed clicked converted segments first_message_at last_message_at'),
    ('alias_report', 'account host code target_url views clicks bots')
) AS r (name, columns);

-- Local hours and days where clocks are put back and forward, and in zones of half and
-- quarter hours.
CREATE FUNCTION pg_temp.clicks_at(times timestamptz[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM smstrack.tally WHERE campaign = smstrack.campaign_id('empty');
    INSERT INTO smstrack.tally (link_domain, campaign, variant, grain, part, slot, views, clicks, bots, viewers, clickers)
    SELECT d.id, smstrack.campaign_id('empty'), 0, 'q', extract(epoch FROM t.at)::bigint / 900, 0, 0, t.n, 0, 0, 0
    FROM unnest(times) WITH ORDINALITY AS t (at, n), smstrack.link_domain AS d WHERE d.host = 'go.history.example'
$$;
CREATE FUNCTION pg_temp.timeline(bucket text, zone text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(to_char(local_time, 'MM-DD HH24:MI') || '=' || total_clicks, ', ' ORDER BY at) FROM smstrack_timeline('empty', bucket, zone)
$$;
SELECT pg_temp.clicks_at('{2025-10-26 00:30+00,2025-10-26 01:30+00}') \g /dev/null
SELECT is(pg_temp.timeline('hour', 'Europe/Berlin'), '10-26 02:00=1, 10-26 02:00=2', 'the hour that comes twice has two rows');
SELECT is(pg_temp.timeline('day', 'Europe/Berlin'), '10-26 00:00=3', 'its day one, of 25 hours');
SELECT pg_temp.clicks_at('{2025-03-30 00:45+00,2025-03-30 01:00+00,2025-03-30 21:45+00,2025-03-30 22:00+00}') \g /dev/null
SELECT is(pg_temp.timeline('hour', 'Europe/Berlin'), '03-30 01:00=1, 03-30 03:00=2, 03-30 23:00=3, 03-31 00:00=4', 'an hour that never comes has none');
SELECT is(pg_temp.timeline('day', 'Europe/Berlin'), '03-30 00:00=6, 03-31 00:00=4', 'a day of 23 hours ends in time');
SELECT pg_temp.clicks_at('{2025-01-01 18:00+00,2025-01-01 18:15+00,2025-01-01 19:00+00}') \g /dev/null
SELECT is(pg_temp.timeline('day', 'Asia/Kathmandu'), '01-01 00:00=1, 01-02 00:00=5', 'a day that begins at a quarter past');
SELECT is(pg_temp.timeline('hour', 'Asia/Kathmandu'), '01-01 23:00=1, 01-02 00:00=5', 'and its hours');
SELECT is(pg_temp.timeline('hour', 'Asia/Kolkata'), '01-01 23:00=3, 01-02 00:00=3', 'hours that begin at half past');
SELECT pg_temp.clicks_at('{2025-04-05 14:45+00,2025-04-05 15:00+00,2025-04-05 15:30+00}') \g /dev/null
SELECT is(pg_temp.timeline('hour', 'Australia/Lord_Howe'), '04-06 01:00=1, 04-06 01:30=2, 04-06 02:00=3', 'clocks that are put back half an hour');
SELECT is(pg_temp.timeline('day', 'Australia/Lord_Howe'), '04-06 00:00=6', 'and their day');

-- Text for spreadsheets.
SELECT is(smstrack_csv_text(v), r, 'csv_text of ' || coalesce(to_json(v)::text, 'NULL')) FROM (VALUES
    ('=1+1', '''=1+1'), ('+49151', '''+49151'), ('-2', '''-2'), ('@SUM(A1)', '''@SUM(A1)'), (E'\t=1', E'''\t=1'), (E'\r\n=1', E'''\r\n=1'),
    ('  =1', '''  =1'), (U&'\FF1D1', U&'''\FF1D1'), (U&'\FEFF=1', U&'''\FEFF=1'), ('Hello = world', 'Hello = world'), ('', ''), ('a-b', 'a-b'), (NULL, NULL)) AS t (v, r);
SELECT lives_ok($$COPY (SELECT smstrack_csv_text(recipient) AS recipient, clicked FROM smstrack.message_report) TO '/dev/null' (FORMAT csv, HEADER)$$, 'COPY takes it');

SELECT * FROM finish();
ROLLBACK;
