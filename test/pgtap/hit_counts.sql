-- What a hit stores, what it counts, and what it does not.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(28);
SET client_min_messages = error;
\set iphone '\'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1\''
\set pixel '\'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36\''
SELECT smstrack_domain('counts.example', cookie_domain => 'example', fallback_url => 'https://shop.example/') AS domain \gset
SET smstrack.link_domain = 'counts.example';
CREATE TEMPORARY TABLE link AS
SELECT n, p.message_id, smstrack_code(p.message_id, 0, 'counts.example') AS code, smstrack_code(p.message_id, 1, 'counts.example') AS second
FROM generate_series(1, 20) AS n, smstrack_prepare('https://a.example/?x=' || n || '#top https://b.example/', '+4915' || n) AS p;
CREATE FUNCTION pg_temp.code(integer) RETURNS text LANGUAGE sql AS 'SELECT code FROM link WHERE n = $1';
CREATE FUNCTION pg_temp.hit_of(integer) RETURNS SETOF smstrack.hit LANGUAGE sql ROWS 10
    AS 'SELECT h.* FROM smstrack.hit AS h JOIN link USING (message_id) WHERE n = $1 ORDER BY at';

-- Answers.
SELECT results_eq(
    format('SELECT ordinal, status, replace(target_url, token, ''T''), class, length(token), cookie_domain, cookie_max_age, fallback_url FROM smstrack_hit(pg_temp.code(1), user_agent => %L)', :iphone),
    $$VALUES (1, 'found', 'https://a.example/?x=1&smstrack=T#top', 'click', 40, 'example', 2592000, NULL::text)$$,
    'a click is answered with token and cookie');
SELECT results_eq(
    $$SELECT ordinal, status, target_url, class, token, fallback_url FROM smstrack_hit_batch(ARRAY['nonsense', NULL, pg_temp.code(1)], user_agents => '{x,x,curl/8}')$$,
    $$VALUES (1, 'not found', NULL, NULL, NULL::text, 'https://shop.example/'), (2, 'not found', NULL, NULL, NULL, 'https://shop.example/'),
             (3, 'found', 'https://a.example/?x=1#top', 'bot', NULL, NULL)$$,
    'a batch is answered in order; nobody but a click gets a token');
SELECT throws_ok($$SELECT smstrack_hit_batch('{a,b}', '{x}')$$, '2202E', 'arrays of a batch of hits have different lengths', 'arrays of different lengths');
SELECT is_empty($$SELECT smstrack_hit_batch(NULL)$$, 'no codes, no answers');
SELECT is_empty($$SELECT smstrack_hit_batch('{}', '{}')$$, 'an empty batch has none either');

-- Addresses and texts.
SELECT count(*) FROM smstrack_hit(pg_temp.code(2), now(), '203.0.113.77', :iphone) \g /dev/null
SELECT count(*) FROM smstrack_hit(pg_temp.code(2), now() + '1 s', '2001:db8:1:2::3', :iphone) \g /dev/null
SET smstrack.hit_address = 'full';
SELECT count(*) FROM smstrack_hit(pg_temp.code(2), now() + '2 s', '203.0.113.77', :iphone) \g /dev/null
SET smstrack.hit_address = 'none';
SELECT count(*) FROM smstrack_hit(pg_temp.code(2), now() + '3 s', '203.0.113.77', :iphone) \g /dev/null
RESET smstrack.hit_address;
SELECT results_eq('SELECT address FROM pg_temp.hit_of(2)', $$VALUES ('203.0.113.0/24'::inet), ('2001:db8:1::/48'), ('203.0.113.77'), (NULL)$$,
                  'addresses are truncated, full or none, as the setting says');
SELECT count(*) FROM smstrack_hit(pg_temp.code(3), user_agent => E'a\tb\u0085' || repeat('ä', 400), referrer => E'\r\n' || repeat('x', 600)) \g /dev/null
SELECT results_eq(
    $$SELECT left(u.user_agent, 5), octet_length(u.user_agent), left(h.referrer, 3), octet_length(h.referrer)
      FROM pg_temp.hit_of(3) AS h JOIN smstrack.user_agent AS u USING (user_agent_id)$$,
    $$VALUES ('a?b?ä', 512, '??x', 512)$$, 'texts are cut to 512 bytes, control characters replaced');

-- A request that comes again.
SELECT count(*) FROM smstrack_hit(pg_temp.code(4), now(), NULL, :iphone, request_id => '00000000-0000-4000-8000-00000000000a') \g /dev/null
SELECT is((SELECT status || class FROM smstrack_hit((SELECT second FROM link WHERE n = 4), now(), NULL, :iphone, request_id => '00000000-0000-4000-8000-00000000000a')),
          'foundclick', 'a request that comes again is answered');
SELECT is((SELECT count(*) FROM pg_temp.hit_of(4)), 1::bigint, 'but not stored');
SELECT is((SELECT clicked_links FROM smstrack.message JOIN link USING (message_id) WHERE n = 4), 1, 'nor marked in its message');
SELECT count(*) FROM smstrack_hit_batch(ARRAY[pg_temp.code(6), pg_temp.code(6), pg_temp.code(6)], user_agents => array_fill(:iphone::text, ARRAY[3]),
    request_ids => '{00000000-0000-4000-8000-00000000000b,00000000-0000-4000-8000-00000000000b,NULL}') \g /dev/null
SELECT is((SELECT count(*) FROM pg_temp.hit_of(6)), 2::bigint, 'twice in one batch counts once');

-- Clocks.
SELECT is((SELECT status FROM smstrack_hit(pg_temp.code(7), now() + interval '1 year', NULL, :iphone)), 'found', 'a year ahead is answered');
SELECT is((SELECT status FROM smstrack_hit(pg_temp.code(8), now() - interval '1 year', NULL, :iphone)), 'found', 'and a year behind');
SELECT results_eq(
    $$SELECT h.at = now(), h.class, h.signs & 128 FROM link, LATERAL pg_temp.hit_of(n) AS h WHERE n IN (7, 8) ORDER BY n$$,
    $$VALUES (false, 'c'::"char", 128), (false, 'c', 128)$$, 'both are stored, and marked');
SELECT results_eq(
    $$SELECT m.first_click_at = h.at AND h.at BETWEEN now() AND clock_timestamp() FROM link JOIN smstrack.message AS m USING (message_id), LATERAL pg_temp.hit_of(n) AS h WHERE n IN (7, 8)$$,
    $$VALUES (true), (true)$$, 'as made when they were recorded: no first click before its message, none in a year');

-- Unique and total, by position and message.
SELECT smstrack_campaign('counts', 'https://a.example/ https://b.example/', 'counts.example') AS campaign \gset
UPDATE smstrack.message SET campaign = :campaign, variant = (SELECT id FROM smstrack.variant WHERE campaign = :campaign) WHERE message_id IN (SELECT message_id FROM link WHERE n > 10);
SELECT count(*) FROM smstrack_hit_batch(
    (SELECT array_agg(c ORDER BY n, i) FROM link, unnest(ARRAY[code, code, second]) WITH ORDINALITY AS u (c, i) WHERE n IN (11, 12)),
    at => ARRAY(SELECT date_trunc('hour', now()) + i * interval '5 min' FROM generate_series(1, 6) AS i),
    user_agents => ARRAY[:iphone, :iphone, :pixel, 'WhatsApp/2', 'curl/8', :pixel]) \g /dev/null
SELECT results_eq(
    format('SELECT "position", views::integer, clicks::integer, bots::integer, viewers::integer, clickers::integer FROM smstrack.position_tally WHERE campaign = %s ORDER BY 1', :campaign),
    (SELECT format('SELECT p::integer, (count(*) FILTER (WHERE c = ''v''))::integer, (count(*) FILTER (WHERE c = ''c''))::integer, (count(*) FILTER (WHERE c = ''b''))::integer,
        (count(DISTINCT m) FILTER (WHERE c = ''v''))::integer, (count(DISTINCT m) FILTER (WHERE c = ''c''))::integer
        FROM (SELECT "position", class, message_id FROM smstrack.hit JOIN link USING (message_id) WHERE n IN (11, 12)) AS h (p, c, m) GROUP BY p ORDER BY p')),
    'totals and uniques by position');
SELECT is((SELECT sum(clickers) FROM smstrack.country_tally WHERE campaign = :campaign),
          (SELECT count(*) FROM smstrack.message WHERE campaign = :campaign AND first_click_at IS NOT NULL)::numeric, 'uniques of messages');
SELECT cmp_ok((SELECT count(*) FROM smstrack.quarter_tally WHERE campaign = :campaign), '>', 1::bigint, 'by quarters of an hour');
SELECT is((SELECT min(country) FROM smstrack.country_tally WHERE campaign = :campaign), 'DE', 'by country');
SELECT is((SELECT count(*) FROM smstrack.click_report JOIN link USING (message_id) WHERE n IN (11, 12) AND forwarded), 1::bigint, 'a messenger''s preview tells a link that was passed on');

-- Test messages, and conversions that are not measured.
UPDATE smstrack.message SET test = true WHERE message_id = (SELECT message_id FROM link WHERE n = 13);
SELECT smstrack_reclassify('-infinity') \g /dev/null
SELECT sum(clicks) AS clicks FROM smstrack.position_tally \gset
SELECT count(*) FROM smstrack_hit(pg_temp.code(13), user_agent => :iphone) \g /dev/null
SELECT is((SELECT sum(clicks) FROM smstrack.position_tally), :clicks::numeric, 'test messages are outside all counts');
UPDATE smstrack.campaign SET conversions = false WHERE id = :campaign;
SELECT results_eq(format('SELECT class, token, cookie_domain, target_url FROM smstrack_hit(pg_temp.code(14), user_agent => %L)', :iphone),
                  $$VALUES ('click', NULL::text, NULL::text, 'https://a.example/?x=14#top')$$, 'without conversions a click gets no token');

-- Own rules: before all others, by user agent and by network, for new hits and stored ones.
INSERT INTO smstrack.agent_rule (pattern, class, note) VALUES ('pixel [0-9]+', 'bot', 'our test phones');
INSERT INTO smstrack.agent_rule (network, class) VALUES ('198.51.100.64/26', 'bot');
SELECT results_eq(
    format('SELECT class FROM smstrack_hit_batch(ARRAY[pg_temp.code(15), pg_temp.code(15), pg_temp.code(15), pg_temp.code(15)], addresses => %L, user_agents => ARRAY[%L, %L, %L, %L])',
           '{NULL,198.51.100.65,198.51.100.1,2001:db8::1}', :pixel, :iphone, :iphone, :iphone),
    $$VALUES ('bot'), ('bot'), ('click'), ('click')$$, 'own rules hold at once');
SELECT smstrack_reclassify('-infinity') \g /dev/null
SELECT is((SELECT count(*) FROM smstrack.hit JOIN smstrack.user_agent USING (user_agent_id) WHERE user_agent = :pixel AND class <> 'b'), 0::bigint, 'and for stored hits when they are judged again');
SELECT results_eq('SELECT class, count(*) FROM pg_temp.hit_of(15) GROUP BY 1 ORDER BY 1', $$VALUES ('b'::"char", 2::bigint), ('c', 2)$$,
                  'a rule for less than is stored of an address is not taken back');
SELECT throws_ok($$INSERT INTO smstrack.agent_rule (pattern, class) VALUES ('(', 'bot')$$, '2201B', NULL, 'a pattern must be one');

-- Times before 1970 and before 2000, where servers count from, belong to the quarter that they follow.
UPDATE smstrack.message SET created_at = '1960-01-01' WHERE message_id = (SELECT message_id FROM link WHERE n = 16);
SELECT count(*) FROM smstrack_hit_batch(ARRAY[pg_temp.code(16), pg_temp.code(16)], at => '{1969-12-31 23:52:00+00,1999-12-31 23:52:00+00}', user_agents => ARRAY[:iphone, :iphone]) \g /dev/null
SELECT results_eq($$SELECT part FROM smstrack.tally WHERE grain = 'q' AND part <= 1051872 ORDER BY part$$, 'VALUES (-1::bigint), (1051871)', 'quarters of an hour begin before the time');

SELECT is_empty($$SELECT * FROM smstrack.tally_difference$$, 'the tally equals a recount');
SELECT * FROM finish();
ROLLBACK;
