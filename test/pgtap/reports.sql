-- Every report against a recount of messages, hits and conversions themselves, over a
-- history of 50,000 messages and 200,000 hits; and once more when a month of hits is gone.
\set ON_ERROR_STOP on
BEGIN;
SELECT no_plan();
\set messages 60000
\set hits 200000
\ir ../data/history.sql

-- What is recounted here knows nothing of tallies.
CREATE TEMPORARY VIEW own_message AS
SELECT m.*, d.account, coalesce(m.campaign, 0) AS campaign_id, coalesce(m.variant, 0) AS variant_id
FROM smstrack.message AS m JOIN smstrack.link_domain AS d ON d.id = m.link_domain
WHERE NOT m.test;
CREATE TEMPORARY VIEW own_hit AS
SELECT m.account, m.campaign_id, m.variant_id, h.message_id, h."position", h.at, h.class, h.os, h.device, h.country, m.status
FROM smstrack.hit AS h JOIN own_message AS m USING (message_id);
CREATE TEMPORARY VIEW own_conversion AS
SELECT m.account, m.campaign_id, m.variant_id, c.conversion_id, c.message_id, c."position", c.at, c.goal, c.currency, c.source, c.value, c.reversed_value, c.reversed_at
FROM smstrack.conversion AS c JOIN own_message AS m USING (message_id);

-- Two ways of a difference, and how much was compared.
CREATE FUNCTION pg_temp.same(report text, recount text, fewest bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    differences bigint;
    compared bigint;
    example text;
BEGIN
    EXECUTE format('CREATE TEMPORARY TABLE told AS SELECT * FROM (%s) AS x', report);
    EXECUTE 'CREATE TEMPORARY TABLE counted (LIKE told)';
    EXECUTE format('INSERT INTO counted %s', recount);
    SELECT count(*), min(x::text) INTO differences, example FROM (
        (SELECT 'told', t.* FROM told AS t EXCEPT ALL SELECT 'told', c.* FROM counted AS c) UNION ALL
        (SELECT 'counted', c.* FROM counted AS c EXCEPT ALL SELECT 'counted', t.* FROM told AS t)) AS x;
    SELECT count(*) INTO compared FROM told;
    DROP TABLE told, counted;
    RETURN NEXT is(differences, 0::bigint, coalesce('differs: ' || example, left(report, 100)));
    RETURN NEXT cmp_ok(compared, '>=', fewest, compared || ' rows');
END
$$;

SELECT cmp_ok((SELECT count(*) FROM smstrack.message), '>=', 50000::bigint, 'there are messages');
SELECT cmp_ok((SELECT count(*) FROM smstrack.hit), '>=', 200000::bigint, 'there are hits');
SELECT is((SELECT count(DISTINCT class) FROM smstrack.hit), 3::bigint, 'of all classes');
SELECT cmp_ok((SELECT count(DISTINCT currency) FROM smstrack.conversion WHERE reversed_value > 0), '>=', 3::bigint, 'there are reversals in three currencies');
SELECT is_empty('SELECT * FROM smstrack.message_tally_difference', 'the sums over messages equal a recount');
SELECT is_empty('SELECT * FROM smstrack.tally_difference', 'those over hits too');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'and those over conversions');

SELECT set_eq('SELECT report FROM smstrack_refresh()',
              $$VALUES ('campaign_report'), ('variant_report'), ('link_report'), ('timeline_report'), ('device_report'),
                       ('country_report'), ('conversion_report'), ('cost_report'), ('funnel_report')$$, 'all reports are refreshed');
SELECT s FROM (VALUES ('campaign', 9), ('variant', 20), ('link', 15), ('timeline', 1000), ('device', 10), ('country', 10), ('conversion', 15), ('cost', 12), ('funnel', 24)) AS v (r, n),
    LATERAL pg_temp.same('SELECT * FROM smstrack.' || r || '_live', 'SELECT * FROM smstrack.' || r || '_report', n) AS s;

-- Counts by campaign and by variant.
CREATE TEMPORARY VIEW own_count AS
WITH message AS (
    SELECT account, campaign_id, variant_id, count(*) AS prepared,
           count(*) FILTER (WHERE status IN ('s', 'd') OR sent_at IS NOT NULL) AS sent,
           count(*) FILTER (WHERE status = 'd') AS delivered, count(*) FILTER (WHERE status = 'f') AS failed,
           count(*) FILTER (WHERE status = 'e') AS expired, sum(segments_before)::bigint AS segments_before,
           sum(segments_after)::bigint AS segments_after, count(*) FILTER (WHERE currency IS NULL) AS unpriced,
           sum(least(clicked_links, 1))::bigint AS clicked
    FROM own_message WHERE status <> 'l' GROUP BY 1, 2, 3
), hit AS (
    SELECT account, campaign_id, variant_id, count(*) FILTER (WHERE class = 'v') AS views,
           count(*) FILTER (WHERE class = 'c') AS clicks, count(*) FILTER (WHERE class = 'b') AS bots,
           count(DISTINCT message_id) FILTER (WHERE class = 'v') AS viewers,
           count(DISTINCT message_id) FILTER (WHERE class = 'c') AS clickers
    FROM own_hit GROUP BY 1, 2, 3
), conversion AS (
    SELECT account, campaign_id, variant_id, count(*) AS conversions, count(reversed_at) AS reversals,
           count(DISTINCT message_id) AS converters
    FROM own_conversion GROUP BY 1, 2, 3
)
SELECT * FROM message LEFT JOIN hit USING (account, campaign_id, variant_id) LEFT JOIN conversion USING (account, campaign_id, variant_id);
CREATE TEMPORARY TABLE counted_once AS
SELECT account, campaign_id, variant_id, (SELECT tracking = 'anonymous' FROM smstrack.campaign WHERE id = campaign_id) IS TRUE AS anonymous,
       prepared, sent, delivered, failed, expired, segments_before, segments_after, unpriced, coalesce(views, 0) AS views,
       coalesce(clicks, 0) AS clicks, coalesce(bots, 0) AS bots, coalesce(viewers, 0) AS viewers, coalesce(clickers, 0) AS clickers,
       coalesce(conversions, 0) AS conversions, coalesce(reversals, 0) AS reversals, coalesce(converters, 0) AS converters
FROM own_count;
\set counts 'prepared, sent, delivered, failed, expired, segments_before, segments_after, unpriced, preview_requests, total_clicks, bots, conversions, reversals, previews_fetched, unique_clicks, unique_conversions'
\set counted_columns 'prepared, sent, delivered, failed, expired, segments_before, segments_after, unpriced, views, clicks, bots, conversions, reversals, CASE WHEN NOT anonymous THEN viewers END AS viewers, CASE WHEN NOT anonymous THEN clickers END AS clickers, CASE WHEN NOT anonymous THEN converters END AS converters'
SELECT * FROM pg_temp.same('SELECT account, campaign_id, variant_id, ' || :'counts' || ' FROM smstrack.variant_report WHERE prepared > 0',
                           'SELECT account, campaign_id, variant_id, ' || :'counted_columns' || ' FROM counted_once', 10);
SELECT * FROM pg_temp.same('SELECT account, campaign_id, ' || :'counts' || ' FROM smstrack.campaign_report WHERE prepared > 0', format($$
    SELECT account, campaign_id, %s FROM (
        SELECT account, campaign_id, anonymous, sum(prepared)::bigint AS prepared, sum(sent)::bigint AS sent, sum(delivered)::bigint AS delivered,
               sum(failed)::bigint AS failed, sum(expired)::bigint AS expired, sum(segments_before)::bigint AS segments_before,
               sum(segments_after)::bigint AS segments_after, sum(unpriced)::bigint AS unpriced, sum(views)::bigint AS views,
               sum(clicks)::bigint AS clicks, sum(bots)::bigint AS bots, sum(viewers)::bigint AS viewers, sum(clickers)::bigint AS clickers,
               sum(conversions)::bigint AS conversions, sum(reversals)::bigint AS reversals, sum(converters)::bigint AS converters
        FROM counted_once GROUP BY 1, 2, 3) AS c$$, :'counted_columns'), 5);
SELECT results_eq('SELECT sum(prepared)::bigint, count(DISTINCT campaign_id) FROM smstrack.campaign_report',
                  $$SELECT count(*), 6::bigint FROM own_message WHERE status <> 'l'$$, 'summed over all rows, each message counts once; a campaign without messages is there');
SELECT is((SELECT sum(opt_outs)::bigint FROM smstrack.campaign_report), (SELECT count(*) FROM smstrack.opt_out WHERE source = 'link'), 'opt-outs by link');
SELECT cmp_ok((SELECT sum(opt_outs)::bigint FROM smstrack.variant_report), '>', 0::bigint, 'there are some');

-- Rates, of the messages that the row names.
SELECT is_empty($$SELECT campaign FROM smstrack.campaign_report WHERE prepared IS NOT NULL
    AND (click_rate IS DISTINCT FROM round(unique_clicks::numeric / nullif(CASE rate_base WHEN 'delivered' THEN delivered ELSE prepared END, 0), 6)
         OR conversion_rate IS DISTINCT FROM round(unique_conversions::numeric / nullif(CASE rate_base WHEN 'delivered' THEN delivered ELSE prepared END, 0), 6)
         OR view_coverage IS DISTINCT FROM round(previews_fetched::numeric / nullif(CASE rate_base WHEN 'delivered' THEN delivered ELSE prepared END, 0), 6)
         OR delivery_coverage IS DISTINCT FROM round((delivered + failed + expired)::numeric / nullif(prepared, 0), 6))$$, 'rates are shares of what the row says');
SELECT results_eq($$SELECT campaign, rate_base FROM smstrack.campaign_report WHERE prepared IS NOT NULL AND account = 'default' ORDER BY campaign$$,
                  $$VALUES ('empty', 'prepared'), ('quiet', 'prepared'), ('spring', 'prepared'), ('summer', 'delivered'), (NULL, 'prepared')$$,
                  'of the delivered where that is known');
SELECT is_empty($$SELECT * FROM smstrack.variant_report WHERE NOT (click_rate BETWEEN 0 AND 1 AND view_coverage BETWEEN 0 AND 1 AND conversion_rate BETWEEN 0 AND 1)$$, 'rates lie between 0 and 1');
SELECT results_eq($$SELECT click_rate, view_coverage, conversion_rate, delivery_coverage, cost FROM smstrack.campaign_report WHERE campaign = 'empty'$$,
                  'SELECT NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric', 'and are NULL where nothing was sent');

-- Money, each currency for itself.
CREATE TEMPORARY VIEW own_money AS
SELECT account, campaign_id, variant_id, currency, sum(segments_after * segment_price) AS estimated, sum(charged_cost) AS charged,
       sum(coalesce(charged_cost, segments_after * segment_price)) AS cost, 0::numeric AS value, 0::numeric AS reversed
FROM own_message WHERE currency IS NOT NULL GROUP BY 1, 2, 3, 4
UNION ALL
SELECT account, campaign_id, variant_id, currency, 0, 0, 0, sum(value - reversed_value), sum(reversed_value)
FROM own_conversion WHERE currency IS NOT NULL GROUP BY 1, 2, 3, 4;
SELECT s FROM (VALUES ('campaign_report', '', 8), ('variant_report', ', variant_id', 15)) AS v (r, k, n), LATERAL pg_temp.same(format('SELECT account, campaign_id%s, currency, estimated_cost, charged_cost, cost, value, reversed_value, value_less_cost FROM smstrack.%s WHERE currency IS NOT NULL', k, r),
    format('SELECT account, campaign_id%s, currency, sum(estimated) AS estimated_cost, coalesce(sum(charged), 0) AS charged_cost, sum(cost) AS cost, sum(value) AS value, sum(reversed) AS reversed_value, sum(value) - sum(cost) AS value_less_cost FROM own_money GROUP BY account, campaign_id%1$s, currency', k), n) AS s;
SELECT is_empty($$SELECT c.* FROM smstrack.campaign_report AS c JOIN smstrack.campaign_report AS f ON f.account = c.account AND f.campaign_id = c.campaign_id AND f.prepared IS NOT NULL
    WHERE c.cost_per_click IS DISTINCT FROM CASE WHEN c.estimated_cost > 0 THEN round(c.cost / nullif(f.unique_clicks, 0), 6) END
       OR c.cost_per_conversion IS DISTINCT FROM CASE WHEN c.estimated_cost > 0 THEN round(c.cost / nullif(f.conversions - f.reversals, 0), 6) END$$,
    'costs a click and a conversion');

SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, country, currency, prepared, segments_before, segments_after, segments_delta, cost_before, cost_after, cost_delta, charged, charged_cost, cost FROM smstrack.cost_report',
    $$SELECT account, campaign_id, smstrack.country_name(country), currency, count(*), sum(segments_before)::bigint, sum(segments_after)::bigint, sum(segments_after - segments_before)::bigint,
             sum(segments_before * segment_price), sum(segments_after * segment_price), sum((segments_after - segments_before) * segment_price),
             count(charged_cost), CASE WHEN currency IS NOT NULL THEN coalesce(sum(charged_cost), 0) END, sum(coalesce(charged_cost, segments_after * segment_price))
      FROM own_message WHERE status <> 'l' GROUP BY account, campaign_id, country, currency$$, 10);

-- Links, time, devices, countries, goals.
SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, variant_id, "position", preview_requests, total_clicks, bots, conversions, previews_fetched, unique_clicks FROM smstrack.link_report WHERE preview_requests + total_clicks + bots > 0',
    $$SELECT h.account, h.campaign_id, h.variant_id, h."position", count(*) FILTER (WHERE class = 'v'), count(*) FILTER (WHERE class = 'c'), count(*) FILTER (WHERE class = 'b'),
             (SELECT count(*) FROM own_conversion AS c WHERE c.account = h.account AND c.campaign_id = h.campaign_id AND c.variant_id = h.variant_id AND c."position" = h."position"),
             CASE WHEN bool_or(status = 'l') THEN NULL ELSE count(DISTINCT message_id) FILTER (WHERE class = 'v') END,
             CASE WHEN bool_or(status = 'l') THEN NULL ELSE count(DISTINCT message_id) FILTER (WHERE class = 'c') END
      FROM own_hit AS h GROUP BY 1, 2, 3, 4$$, 10);
SELECT is_empty($$SELECT l.* FROM smstrack.link_report AS l
    JOIN smstrack.variant_report AS v ON v.account = l.account AND v.variant_id = l.variant_id AND v.prepared IS NOT NULL
    WHERE l.variant_id > 0 AND (l.rate_base <> v.rate_base OR l.click_rate IS DISTINCT FROM
          round(l.unique_clicks::numeric / nullif(CASE v.rate_base WHEN 'delivered' THEN v.delivered ELSE v.prepared END, 0), 6))$$,
    'the click rate of a link is a share of the same messages as its variant''s');
SELECT cmp_ok((SELECT count(DISTINCT rate_base) FROM smstrack.link_report WHERE click_rate > 0), '=', 2::bigint, 'delivered or prepared, which is said');
SELECT results_eq($$SELECT variant, "position", target_url, prepared IS NOT NULL FROM smstrack.link_report WHERE campaign = 'empty'$$,
                  $$VALUES ('A', 0, 'https://shop.example/nobody', true)$$, 'a link that nobody asked for is there too');
SELECT is_empty($$SELECT account, campaign_id, variant_id FROM smstrack.link_report GROUP BY 1, 2, 3 HAVING abs(sum(click_share) - 1) > 0.00001$$, 'shares of clicks add up to one');
SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, at, first_previews, preview_requests, first_clicks, total_clicks, bots, conversions, first_conversions FROM smstrack.timeline_report',
    $$SELECT account, campaign_id, quarter, sum(fv)::bigint, sum(v)::bigint, sum(fc)::bigint, sum(c)::bigint, sum(b)::bigint, sum(k)::bigint, sum(fk)::bigint FROM (
        SELECT account, campaign_id, date_bin('15 minutes', at, '1970-01-01 00:00+00') AS quarter, (class = 'v')::int AS v, (class = 'c')::int AS c, (class = 'b')::int AS b,
               (class = 'v' AND nth = 1)::int AS fv, (class = 'c' AND nth = 1)::int AS fc, 0 AS k, 0 AS fk
        FROM (SELECT *, row_number() OVER (PARTITION BY message_id, class ORDER BY at) AS nth FROM own_hit) AS h
        UNION ALL
        SELECT account, campaign_id, date_bin('15 minutes', at, '1970-01-01 00:00+00'), 0, 0, 0, 0, 0, 1, (nth = 1)::int
        FROM (SELECT *, row_number() OVER (PARTITION BY message_id ORDER BY at, conversion_id) AS nth FROM own_conversion) AS c) AS x
      GROUP BY 1, 2, 3$$, 1000);
SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, os, device, preview_requests, total_clicks, bots FROM smstrack.device_report',
    $$SELECT account, campaign_id, smstrack.os_name(os), smstrack.device_name(device), count(*) FILTER (WHERE class = 'v'), count(*) FILTER (WHERE class = 'c'), count(*) FILTER (WHERE class = 'b')
      FROM own_hit GROUP BY 1, 2, 3, 4$$, 10);
SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, country, preview_requests, total_clicks, bots, previews_fetched, unique_clicks FROM smstrack.country_report WHERE preview_requests + total_clicks + bots > 0',
    $$SELECT account, campaign_id, smstrack.country_name(country), count(*) FILTER (WHERE class = 'v'), count(*) FILTER (WHERE class = 'c'), count(*) FILTER (WHERE class = 'b'),
             CASE WHEN bool_or(status = 'l') THEN NULL ELSE count(DISTINCT message_id) FILTER (WHERE class = 'v') END,
             CASE WHEN bool_or(status = 'l') THEN NULL ELSE count(DISTINCT message_id) FILTER (WHERE class = 'c') END
      FROM own_hit GROUP BY 1, 2, 3$$, 8);
SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, country, prefix, prepared, sent, delivered, failed, expired FROM smstrack.country_report WHERE prepared > 0',
    $$SELECT account, campaign_id, smstrack.country_name(country), CASE smstrack.country_name(country) WHEN 'DE' THEN '+49' WHEN 'AT' THEN '+43' WHEN 'GB' THEN '+44' WHEN 'FR' THEN '+33' WHEN 'US' THEN '+1' END,
             count(*), count(*) FILTER (WHERE status IN ('s', 'd') OR sent_at IS NOT NULL), count(*) FILTER (WHERE status = 'd'), count(*) FILTER (WHERE status = 'f'), count(*) FILTER (WHERE status = 'e')
      FROM own_message WHERE status <> 'l' GROUP BY 1, 2, 3, 4$$, 10);
SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, goal, currency, source, conversions, unique_conversions, reversals, value, reversed_value FROM smstrack.conversion_report',
    $$SELECT account, campaign_id, goal, currency, source, count(*), count(*) FILTER (WHERE nth = 1), count(reversed_at), sum(value - reversed_value), CASE WHEN currency IS NOT NULL THEN sum(reversed_value) END
      FROM (SELECT *, row_number() OVER (PARTITION BY message_id, goal ORDER BY at, conversion_id) AS nth FROM own_conversion) AS c GROUP BY 1, 2, 3, 4, 5$$, 10);
SELECT * FROM pg_temp.same(
    'SELECT account, campaign_id, step_number, messages FROM smstrack.funnel_report',
    $$SELECT account, campaign_id, n, m FROM smstrack.campaign_report, LATERAL (VALUES (1, prepared), (2, sent), (3, delivered), (4, previews_fetched), (5, unique_clicks), (6, unique_conversions)) AS s (n, m)
      WHERE prepared IS NOT NULL$$, 24);

-- One row a message, a message's link, a contact.
SELECT * FROM pg_temp.same(
    'SELECT message_id, account, recipient, status, segments_before, segments_after, viewed, first_view_at, clicked, first_click_at, converted, first_conversion_at, conversions, value, value_currency, cost_after, charged_cost, currency, country FROM smstrack.message_report',
    $$SELECT m.message_id, m.account, m.recipient, CASE m.status WHEN 'p' THEN 'prepared' WHEN 'a' THEN 'accepted' WHEN 's' THEN 'sent' WHEN 'd' THEN 'delivered' WHEN 'f' THEN 'failed' ELSE 'expired' END,
             m.segments_before::int, m.segments_after::int, v.at IS NOT NULL, v.at, c.at IS NOT NULL, c.at, k.at IS NOT NULL, k.at, coalesce(k.n, 0),
             CASE WHEN k.currencies = 1 THEN k.value END, CASE WHEN k.currencies = 1 THEN k.currency END, m.segments_after * m.segment_price, m.charged_cost, m.currency, smstrack.country(m.recipient)
      FROM own_message AS m
      LEFT JOIN (SELECT message_id, min(at) AS at FROM own_hit WHERE class = 'v' GROUP BY 1) AS v USING (message_id)
      LEFT JOIN (SELECT message_id, min(at) AS at FROM own_hit WHERE class = 'c' GROUP BY 1) AS c USING (message_id)
      LEFT JOIN (SELECT message_id, min(at) AS at, count(*) AS n, count(DISTINCT currency) AS currencies, min(currency) AS currency, sum(value - reversed_value) AS value FROM own_conversion GROUP BY 1) AS k USING (message_id)
      WHERE m.status <> 'l' AND (m.recipient IS NOT NULL)
      UNION ALL
      SELECT message_id, account, recipient, status, segments_before, segments_after, viewed, first_view_at, clicked, first_click_at, converted, first_conversion_at, conversions, value, value_currency, cost_after, charged_cost, currency, country
      FROM smstrack.message_report WHERE recipient IS NULL$$, 40000);
SELECT * FROM pg_temp.same(
    'SELECT message_id, "position", views, clicks, bots, first_view_at, first_click_at, conversions FROM smstrack.click_report WHERE clicks + views + bots > 0',
    $$SELECT h.message_id, h."position", count(*) FILTER (WHERE class = 'v'), count(*) FILTER (WHERE class = 'c'), count(*) FILTER (WHERE class = 'b'),
             min(at) FILTER (WHERE class = 'v'), min(at) FILTER (WHERE class = 'c'), (SELECT count(*) FROM own_conversion AS c WHERE c.message_id = h.message_id AND c."position" = h."position")
      FROM own_hit AS h WHERE status <> 'l' GROUP BY 1, 2$$, 1000);
SELECT * FROM pg_temp.same(
    'SELECT account, recipient, messages, delivered, failed, viewed, clicked, converted, segments FROM smstrack.recipient_report',
    $$SELECT account, recipient, count(*), count(*) FILTER (WHERE status = 'd'), count(*) FILTER (WHERE status IN ('f', 'e')), count(first_view_at), count(first_click_at), count(first_conversion_at), sum(segments_after)::bigint
      FROM own_message WHERE recipient IS NOT NULL GROUP BY 1, 2$$, 10000);

-- Local time.
CREATE FUNCTION pg_temp.local(bucket text, zone text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT * FROM pg_temp.same(format('SELECT local_time, first_clicks, total_clicks, bots FROM smstrack_timeline(''spring'', %L, %L)', bucket, zone),
        format('SELECT date_trunc(%L, at AT TIME ZONE %L), count(*) FILTER (WHERE class = ''c'' AND nth = 1), count(*) FILTER (WHERE class = ''c''), count(*) FILTER (WHERE class = ''b'')
                FROM (SELECT h.*, row_number() OVER (PARTITION BY message_id, class ORDER BY at) AS nth FROM own_hit AS h
                      WHERE campaign_id = smstrack.campaign_id(''spring'')) AS h
                GROUP BY 1', bucket, zone), 3)
$$;
SELECT s FROM (VALUES ('day', 'UTC'), ('day', 'Asia/Kathmandu'), ('hour', 'Asia/Kathmandu'), ('hour', 'Asia/Kolkata'), ('day', 'Australia/Lord_Howe'), ('week', 'America/New_York'), ('month', 'Pacific/Auckland')) AS z (bucket, zone), LATERAL pg_temp.local(z.bucket, z.zone) AS s;

-- A month of hits is dropped: the reports stay.
CREATE TEMPORARY TABLE before AS SELECT r.campaign_id, r.total_clicks, r.unique_clicks, r.bots FROM smstrack.campaign_live AS r;
DELETE FROM smstrack.hit WHERE at < now() - interval '60 days';
SELECT cmp_ok((SELECT count(*) FROM smstrack.tally_difference), '>', 0::bigint, 'old hits are gone');
SELECT set_eq('SELECT campaign_id, total_clicks, unique_clicks, bots FROM smstrack.campaign_live', 'SELECT * FROM before', 'the reports stay');

-- The logbook in pages.
SELECT is_empty($$SELECT message_id FROM own_message WHERE status <> 'l' AND NOT message_id <@ smstrack.message_ranges(campaign_id, created_at, created_at)$$, 'every message is where the logbook looks');
SELECT cmp_ok((SELECT count(*) FROM smstrack.message_block), '<', 200::bigint, 'which few rows say');
SELECT * FROM pg_temp.same($$SELECT message_id FROM smstrack_logbook(campaign => 'summer', page_size => 10000)$$,
    $$SELECT message_id FROM own_message WHERE campaign_id = smstrack.campaign_id('summer') ORDER BY 1 DESC LIMIT 10000$$, 5000);
CREATE FUNCTION pg_temp.pages(OUT ids bigint[], OUT pages integer) LANGUAGE plpgsql AS $$
DECLARE
    page bigint[];
BEGIN
    ids := '{}';
    pages := 0;
    LOOP
        page := ARRAY(SELECT message_id FROM smstrack_logbook(campaign => 'spring', clicked => true, before_id => ids[cardinality(ids)], page_size => 700));
        EXIT WHEN page = '{}';
        ids := ids || page;
        pages := pages + 1;
    END LOOP;
END
$$;
SELECT is((SELECT ids FROM pg_temp.pages()), ARRAY(SELECT message_id FROM own_message WHERE campaign_id = smstrack.campaign_id('spring') AND first_click_at IS NOT NULL ORDER BY 1 DESC),
          'pages follow one another, without a gap and without an overlap');
SELECT cmp_ok((SELECT pages FROM pg_temp.pages()), '>', 2, 'there are several');
SELECT is(ARRAY(SELECT message_id FROM smstrack_logbook(recipient => '+43660' || '0000001')), ARRAY(SELECT message_id FROM own_message WHERE recipient = '+436600000001' AND account = 'default' ORDER BY 1 DESC), 'of a recipient');
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query
    LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END
$$;
SELECT unalike(pg_temp.plan(format('SELECT %s FROM smstrack.%I WHERE campaign = ''c1'' AND variant = ''A''', u.wanted, u.report)), '%(SubPlan%', 'campaign and variant of ' || u.report || ' are not looked up for each message')
FROM (VALUES ('message_report', 'message_id'), ('click_report', 'clicks')) AS u (report, wanted);
CREATE FUNCTION pg_temp.messages_read() RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_stat_get_xact_tuples_returned('smstrack.message'::regclass) + pg_stat_get_xact_tuples_fetched('smstrack.message'::regclass)
$$;
SELECT ok(NOT smstrack.upkeep_note_recipients(), 'upkeep notes which recipients stand where');
SELECT pg_temp.messages_read() AS read_before \gset
SELECT count(*) AS found FROM smstrack_logbook(recipient => '+436600000001') \gset
SELECT cmp_ok(pg_temp.messages_read() - :read_before, '<', 6000::bigint, 'a recipient''s messages are found without reading a tenth of all');
SELECT cmp_ok(:found, '>', 0, 'which there are');
SELECT is((SELECT count(*) FROM smstrack_logbook(since => now() - interval '80 days', until => now() - interval '70 days', page_size => 10000)), 10000::bigint, 'of a time');
SELECT is_empty($$SELECT * FROM smstrack_logbook(until => now() - interval '80 days')$$, 'of a time before');
SELECT throws_ok($$SELECT * FROM smstrack_logbook(page_size => 0)$$, '22023', 'invalid page size 0', 'a page has rows');
SELECT throws_ok($$SELECT * FROM smstrack_logbook(campaign => 'autumn')$$, '42704', 'unknown campaign "autumn"', 'an unknown campaign is refused');
SELECT throws_ok($$SELECT * FROM smstrack_timeline(bucket => 'minute')$$, '22023', 'invalid bucket "minute"', 'an unknown bucket is refused');
SELECT throws_ok($$SELECT * FROM smstrack_timeline(time_zone => 'Mars/Base')$$, '22023', 'time zone "Mars/Base" not recognized', 'an unknown time zone is refused');

-- On the Azores 26 October 2025 had two midnights, an hour apart: the day began at the first.
SELECT smstrack_campaign('midnight', 'https://midnight.example/', purpose => 'transactional') \g /dev/null
SELECT message_id AS midnight FROM smstrack_prepare(NULL, '+351291000000', campaign => 'midnight') \gset
SELECT is(smstrack_report(ARRAY[:midnight], '{sent}', '{2025-10-25 12:00+00}'), 1::bigint, 'sent the day before');
SELECT is(count(h.class), 3::bigint, 'clicks about both midnights')
FROM unnest('{2025-10-25 23:50+00, 2025-10-26 00:10+00, 2025-10-26 01:10+00}'::timestamptz[]) AS t (at),
     smstrack_hit(smstrack_code(:midnight), t.at, user_agent => 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36') AS h;
SELECT results_eq($$SELECT local_time, at, total_clicks FROM smstrack_timeline('midnight', 'day', 'Atlantic/Azores')$$,
    $$VALUES ('2025-10-25'::timestamp, '2025-10-25 00:00+00'::timestamptz, 1::bigint), ('2025-10-26', '2025-10-26 00:00+00', 2)$$, 'a day begins at its first midnight');
SELECT results_eq($$SELECT local_time, at, total_clicks FROM smstrack_timeline('midnight', 'hour', 'Atlantic/Azores')$$,
    $$VALUES ('2025-10-25 23:00'::timestamp, '2025-10-25 23:00+00'::timestamptz, 1::bigint), ('2025-10-26', '2025-10-26 00:00+00', 1), ('2025-10-26', '2025-10-26 01:00+00', 1)$$, 'and has its first hour twice');

-- A currency whose conversions were all credited elsewhere is none that there is money in.
SELECT ok(smstrack_convert_recipient('+351291000000', 'order', 'midnight', 900, 'JPY', '2025-10-26 03:00+00'), 'an order in another currency');
SELECT is((SELECT value FROM smstrack.campaign_live WHERE campaign = 'midnight' AND currency = 'JPY'), 900::numeric, 'is money of the campaign');
UPDATE smstrack.campaign SET attribution_window = '1 minute' WHERE name = 'midnight';
SELECT cmp_ok(smstrack_attribute('2025-10-26'), '>=', 1::bigint, 'credited to nothing in a smaller window');
SELECT is_empty(format('SELECT FROM smstrack.%I WHERE campaign = ''midnight'' AND currency = ''JPY''', r), 'it has no row in ' || r)
FROM unnest('{campaign_live,variant_live}'::text[]) AS r;

SELECT * FROM finish();
ROLLBACK;
