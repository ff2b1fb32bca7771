-- Every user agent and header set of test/data/agents.tsv through smstrack_hit_batch: class,
-- rule, confidence, system and device as the table has them. Then crowds that are people,
-- and crowds that are not.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(16);
SET client_min_messages = error;
SELECT smstrack_domain('classes.example') AS domain \gset

CREATE TEMPORARY TABLE expected (
    what text, class text, rule text, confidence text, address_tells boolean, person boolean, os text, device text,
    in_app boolean, method text, purpose text, referrer text, fetch_mode text, fetch_dest text, before_sent boolean,
    user_agent text, n integer GENERATED ALWAYS AS IDENTITY, message_id bigint, code text);
\copy expected (what, class, rule, confidence, address_tells, person, os, device, in_app, method, purpose, referrer, fetch_mode, fetch_dest, before_sent, user_agent) FROM 'test/data/agents.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\b')
SELECT cmp_ok((SELECT count(*) FROM expected), '>=', 120::bigint, 'the table has at least 120 rows');

CREATE TEMPORARY TABLE prepared AS
SELECT e.n, p.message_id FROM expected AS e, smstrack_prepare('https://a.example/' || e.n, '+49151' || e.n, link_domain => 'classes.example') AS p;
UPDATE expected AS e SET message_id = p.message_id FROM prepared AS p WHERE p.n = e.n;
UPDATE expected SET code = smstrack_code(message_id);
UPDATE smstrack.message AS m SET sent_at = now() + interval '1 hour' FROM expected AS e WHERE m.message_id = e.message_id AND e.before_sent;

CREATE TEMPORARY TABLE answer AS
SELECT (smstrack_hit_batch(array_agg(code ORDER BY n), array_agg('classes.example'::text), NULL, NULL, array_agg(user_agent ORDER BY n),
                           array_agg(referrer ORDER BY n), array_agg(method ORDER BY n), array_agg(purpose ORDER BY n),
                           array_agg(fetch_mode ORDER BY n), array_agg(fetch_dest ORDER BY n))).*
FROM expected;

SELECT is_empty(
    $$SELECT e.what, e.class, a.class FROM expected AS e LEFT JOIN answer AS a ON a.ordinal = e.n
      WHERE (a.status, a.class) IS DISTINCT FROM ('found', e.class)$$,
    'every request is answered by its class');
SELECT is_empty(
    $$SELECT e.what FROM expected AS e JOIN answer AS a ON a.ordinal = e.n
      WHERE (e.class = 'click') <> (a.token IS NOT NULL) OR (e.class = 'click') <> (a.target_url LIKE '%smstrack=%')$$,
    'clicks, and they alone, are given a token, in the target too');
SELECT is_empty(
    $$SELECT e.what, e.rule, smstrack.rule_name(h.rule) FROM expected AS e LEFT JOIN smstrack.hit AS h USING (message_id)
      WHERE (left(e.class, 1), e.rule, (ARRAY['low', 'medium', 'high'])[h.confidence])
            IS DISTINCT FROM (h.class::text, smstrack.rule_name(h.rule), e.confidence)$$,
    'every hit is stored with its class, rule and confidence');
SELECT is_empty(
    $$SELECT e.what, e.os, smstrack.os_name(h.os) FROM expected AS e JOIN smstrack.hit AS h USING (message_id)
      WHERE (e.os, e.device) <> (smstrack.os_name(h.os), smstrack.device_name(h.device))$$,
    'with its operating system and device');
SELECT is(
    (SELECT count(DISTINCT user_agent) FROM expected WHERE user_agent <> ''),
    (SELECT count(*) FROM smstrack.user_agent WHERE user_agent <> '' AND user_agent_id IN
        (SELECT h.user_agent_id FROM smstrack.hit AS h JOIN expected AS e USING (message_id))),
    'each distinct user agent is stored once');
SELECT is_empty($$SELECT * FROM smstrack.tally_difference$$, 'the tally equals a recount');

-- 10,000 people behind 20 addresses of carriers with 3 user agents in 2 minutes.
CREATE TEMPORARY TABLE person AS
SELECT n, p.message_id, smstrack_code(p.message_id, 0, 'classes.example') AS code, now() + n * interval '12 ms' AS at,
       format('198.51.100.%s', n % 20)::inet AS address,
       (ARRAY['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
              'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
              'Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36'
             ])[1 + n / 20 % 3] AS user_agent
FROM generate_series(1, 10000) AS n,
     smstrack_prepare('https://a.example/ https://b.example/', '+49160' || n, link_domain => 'classes.example') AS p;
SELECT smstrack_campaign('crowd', 'https://a.example/ https://b.example/', 'classes.example') AS campaign \gset
UPDATE smstrack.message AS m SET campaign = :campaign, variant = (SELECT id FROM smstrack.variant WHERE campaign = :campaign) FROM person AS p WHERE p.message_id = m.message_id;
SELECT results_eq(
    $$SELECT count(DISTINCT address), count(DISTINCT user_agent), count(*) FROM person$$,
    $$VALUES (20::bigint, 3::bigint, 10000::bigint)$$, '10,000 people, 20 addresses, 3 user agents');
CREATE TEMPORARY TABLE crowd AS
SELECT b.n, (smstrack_hit_batch(b.codes, array_fill('classes.example'::text, ARRAY[100]), b.at, b.addresses, b.user_agents)).class
FROM (
    SELECT (n - 1) / 100 AS n, array_agg(code ORDER BY n) AS codes, array_agg(at ORDER BY n) AS at,
           array_agg(address ORDER BY n) AS addresses, array_agg(user_agent ORDER BY n) AS user_agents
    FROM person GROUP BY (n - 1) / 100 ORDER BY 1
) AS b;
SELECT results_eq($$SELECT class, count(*) FROM crowd GROUP BY class$$, $$VALUES ('click'::text, 10000::bigint)$$,
                  'no bot among 10,000 people behind 20 addresses');
SELECT is(smstrack_reclassify(now() - interval '1 hour'), 0::bigint, 'nor when they are judged again');

-- A scanner opens the links of 40 messages of a campaign at once, and says nothing of itself.
CREATE TEMPORARY TABLE scan AS
SELECT p.n, h.class
FROM (SELECT * FROM person WHERE n <= 40 ORDER BY n) AS p,
     smstrack_hit(p.code, now() + p.n * interval '50 ms', '203.0.113.9',
                  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36',
                  host => 'classes.example') AS h;
SELECT results_eq($$SELECT class, count(*) FROM scan GROUP BY class ORDER BY class$$, $$VALUES ('bot'::text, 21::bigint), ('click', 19)$$,
                  'from the 20th message on a scanner is answered as a bot');
SELECT results_eq(
    $$SELECT class::text, smstrack.rule_name(rule), count(*) FROM smstrack.hit WHERE address = '203.0.113.0/24' GROUP BY 1, 2$$,
    $$VALUES ('b', 'burst', 40::bigint)$$, 'and all of its hits are re-classed');
SELECT is(
    (SELECT count(*) FROM smstrack.message AS m JOIN person AS p USING (message_id)
     WHERE p.n <= 40 AND m.first_click_at = p.at AND m.clicked_links = 1), 40::bigint,
    'the first clicks of the people whose messages it opened stay theirs');
SELECT is(
    (SELECT clickers FROM smstrack.country_tally WHERE campaign = :campaign AND country = 'DE'), 10000::bigint,
    'and so does their number');
SELECT is_empty($$SELECT * FROM smstrack.tally_difference$$, 'the tally equals a recount');
SELECT is(
    (SELECT sum(clicks) FROM smstrack.quarter_tally WHERE campaign = :campaign), 10000::numeric,
    'quarters of an hour sum up to the clicks');

SELECT * FROM finish();
ROLLBACK;
