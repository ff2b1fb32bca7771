-- A history that reports are checked by: three campaigns of three variants each (one of them
-- anonymous), single messages, tests, and another account; delivery reports in any order,
-- hits of all classes over several weeks, conversions in three currencies, reversals,
-- opt-outs, a recipient that was forgotten. Made by the functions that users call.
-- Variables of psql: messages (a multiple of 10), hits.
\set iphone '\'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1\''
\set pixel '\'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36\''
\set desktop '\'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36\''
\set preview '\'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0\''
SET client_min_messages = error;
SELECT setseed(0.5) \g /dev/null

SELECT smstrack_domain('go.history.example') \g /dev/null
SELECT smstrack_import_links('go.history.example', '{sale}', '{https://shop.example/sale}') \g /dev/null
SET smstrack.link_domain = 'go.history.example';
INSERT INTO smstrack.price (prefix, segment_price, currency)
VALUES ('+49', 0.075, 'EUR'), ('+43', 0.081, 'EUR'), ('+44', 0.0351, 'GBP');
SELECT smstrack_campaign('spring', 'Hi {{name}}, spring: https://shop.example/spring?c=1 or https://shop.example/sale {{opt_out}}'),
       smstrack_campaign('summer', 'Summer: https://shop.example/summer'),
       smstrack_campaign('quiet', 'Quiet: https://shop.example/quiet and https://shop.example/more', tracking => 'anonymous'),
       smstrack_campaign('empty', 'Nobody: https://shop.example/nobody') \g /dev/null
INSERT INTO smstrack.variant (campaign, name, body, weight)
SELECT c.id, v.name, replace(v.body, 'NAME', c.name), v.weight
FROM smstrack.campaign AS c,
     (VALUES ('B', 'B of NAME: https://shop.example/b', 2),
             ('C', 'C of NAME, żółw: https://shop.example/c?long=' || repeat('x', 80) || ' und https://shop.example/c2', 1)) AS v (name, body, weight)
WHERE c.name IN ('spring', 'summer', 'quiet');
CREATE TABLE history_audience AS
SELECT (ARRAY['+49151', '+43660', '+44770', '+33612'])[1 + n % 4] || lpad(n::text, 7, '0') AS recipient, 'N' || n AS name
FROM generate_series(1, (:messages * 3 / 10)::integer) AS n;
-- one currency alone
CREATE VIEW history_german AS SELECT * FROM history_audience WHERE recipient LIKE '+4_1%' OR recipient LIKE '+43%';
SELECT smstrack_opt_out(recipient) FROM history_audience WHERE name LIKE '%77' \g /dev/null
SELECT count(*) FROM smstrack_launch('spring', 'history_audience', max_recipients => (:messages / 10)::bigint) \g /dev/null
SELECT count(*) FROM smstrack_launch('spring', 'history_audience') \g /dev/null
SELECT count(*) FROM smstrack_launch('summer', 'history_german') \g /dev/null
SELECT count(*) FROM smstrack_launch('quiet', 'history_audience') \g /dev/null
SELECT count(*) FROM smstrack_launch('summer', 'history_german', max_recipients => 50, test => true) \g /dev/null
SELECT count(smstrack_rewrite('Order ' || n || ': https://shop.example/o/' || n || ' https://shop.example/help',
                              (ARRAY['+49152', '+1202555', '+33613'])[1 + n % 3] || lpad(n::text, 6, '0'), label => 'order'))
FROM generate_series(1, (:messages / 10)::integer) AS n \g /dev/null
SELECT smstrack_rewrite('Dear customer: https://shop.example/o/0', 'customer-1') \g /dev/null
SELECT count(*) FROM smstrack_prepare('Test https://shop.example/t', '+4915299999999', test => true) \g /dev/null

SET smstrack.account = 'other';
SELECT smstrack_domain('go.other.example') \g /dev/null
SELECT smstrack_import_links('go.other.example', '{sale}', '{https://other.example/sale}') \g /dev/null
SET smstrack.link_domain = 'go.other.example';
INSERT INTO smstrack.price (prefix, segment_price, currency) VALUES ('', 0.05, 'USD');
SELECT smstrack_campaign('theirs', 'Theirs: https://other.example/') \g /dev/null
CREATE VIEW history_few AS SELECT * FROM history_audience LIMIT 200;
SELECT count(*) FROM smstrack_launch('theirs', 'history_few') \g /dev/null
RESET smstrack.account;
SET smstrack.link_domain = 'go.history.example';

-- Weeks ago: hits before the message would be a scanner's.
SELECT smstrack.write_message_tally() \g /dev/null
UPDATE smstrack.message SET created_at = date_trunc('hour', now()) - interval '75 days';
UPDATE smstrack.message_block SET hour = hour - 75 * 24;

-- What became of them: nearly all of summer is known, of spring not.
CREATE TEMPORARY TABLE history_sent AS
SELECT m.message_id, m.currency, row_number() OVER (ORDER BY m.message_id) AS n, c.name, d.account
FROM smstrack.message AS m
JOIN smstrack.link_domain AS d ON d.id = m.link_domain
LEFT JOIN smstrack.campaign AS c ON c.id = m.campaign
WHERE m.status <> 'l' AND d.account = 'default';
SELECT smstrack_report(array_agg(message_id ORDER BY n), array_agg('delivered'::text)) FROM history_sent WHERE name = 'summer' AND n % 50 <> 0 \g /dev/null
SELECT smstrack_report(array_agg(message_id ORDER BY n), array_agg('failed'::text), errors => array_agg('no such subscriber'::text))
FROM history_sent WHERE name = 'summer' AND n % 100 = 0 \g /dev/null
SELECT smstrack_report(array_agg(message_id ORDER BY n), array_agg((ARRAY['accepted', 'sent', 'delivered', 'expired'])[1 + n % 4]),
                       charged => array_agg(CASE WHEN currency = 'EUR' AND n % 3 = 0 THEN 0.07 END))
FROM history_sent WHERE name IS DISTINCT FROM 'summer' AND n % 5 <> 0 \g /dev/null
SELECT smstrack_report(array_agg(message_id ORDER BY n), array_agg('sent'::text)) FROM history_sent WHERE n % 7 = 0 \g /dev/null

-- Hits: most messages are never asked for, some often; previews, people, bots.
CREATE TEMPORARY TABLE history_link AS
SELECT row_number() OVER (ORDER BY m.message_id, p) - 1 AS n, m.message_id, p, m.created_at, d.account, d.host, NULL::text AS code
FROM smstrack.message AS m
JOIN smstrack.link_domain AS d ON d.id = m.link_domain
CROSS JOIN LATERAL generate_series(0, m.links - 1) AS p
WHERE m.message_id % 3 = 0 OR m.status = 'l' OR m.test;
UPDATE history_link SET code = smstrack_code(message_id, p, host) WHERE account = 'default';
SET smstrack.account = 'other';
UPDATE history_link SET code = smstrack_code(message_id, p, host) WHERE account = 'other';
RESET smstrack.account;
CREATE INDEX ON history_link (n);
CREATE TEMPORARY TABLE history_hit AS
SELECT h.n, l.code, l.host, l.message_id, l.p,
       l.created_at + interval '1 minute' + (h.n % 5 + 1) * power(random(), 3) * interval '13 days' AS at,
       ('10.' || h.n % 256 || '.' || h.n / 256 % 256 || '.' || h.n / 65536 % 256)::inet AS address,
       CASE WHEN h.n % 10 < 4 THEN (ARRAY[:iphone, :pixel, :desktop])[1 + h.n % 3]
            WHEN h.n % 10 < 8 THEN :preview
            ELSE (ARRAY['Mozilla/5.0', 'curl/8.0', 'WhatsApp/2.23 A'])[1 + h.n % 3] END AS user_agent
FROM (SELECT n, floor(power(random(), 2) * (SELECT count(*) FROM history_link))::bigint AS pick
      FROM generate_series(0, :hits - 1) AS n) AS h
JOIN history_link AS l ON l.n = h.pick;
CREATE TEMPORARY TABLE history_answer AS
SELECT b.message_ids[a.ordinal] AS message_id, b.ns[a.ordinal] AS n, b.ats[a.ordinal] AS at, a.token
FROM (
    SELECT array_agg(h.code ORDER BY h.n) AS codes, array_agg(h.host ORDER BY h.n) AS hosts, array_agg(h.at ORDER BY h.n) AS ats,
           array_agg(h.address ORDER BY h.n) AS addresses, array_agg(h.user_agent ORDER BY h.n) AS user_agents,
           array_agg(h.message_id ORDER BY h.n) AS message_ids, array_agg(h.n ORDER BY h.n) AS ns
    FROM history_hit AS h
    GROUP BY h.n / 1000
    ORDER BY h.n / 1000
) AS b
CROSS JOIN LATERAL smstrack_hit_batch(b.codes, b.hosts, b.ats, b.addresses, b.user_agents) AS a;

-- Conversions: two goals, three currencies and none; some are taken back, wholly or in part.
-- In batches, which refuse the clicks of the other account.
CREATE TEMPORARY TABLE history_order AS
SELECT jsonb_agg(jsonb_build_object('token', a.token, 'goal', (ARRAY['order', 'registration'])[1 + (a.n % 60 = 1)::integer], 'order_id', 'O-' || a.n,
                                    'value', CASE WHEN a.n % 60 <> 1 THEN 10 + a.n % 90 + 0.5 END,
                                    'currency', CASE WHEN a.n % 60 <> 1 THEN (ARRAY['EUR', 'USD', 'GBP'])[1 + a.n / 60 % 3] END,
                                    'at', a.at + interval '1 hour') ORDER BY a.n) AS items
FROM history_answer AS a
WHERE a.token IS NOT NULL AND a.n % 20 = 1
GROUP BY a.n / 20000;
SELECT count(c.ordinal) FROM history_order AS o, smstrack_convert_batch(o.items) AS c \g /dev/null
SET smstrack.account = 'other';
SELECT count(c.ordinal) FROM history_order AS o, smstrack_convert_batch(o.items) AS c \g /dev/null
RESET smstrack.account;
SELECT count(smstrack_reverse(c.goal, c.order_id, CASE WHEN c.conversion_id % 3 = 0 THEN 5 END))
FROM smstrack.conversion AS c WHERE c.account = 'default' AND c.goal = 'order' AND c.conversion_id % 7 = 0 \g /dev/null

-- Opt-outs by link, and a contact that is forgotten.
SELECT count(*) FILTER (WHERE smstrack_opt_out_link(smstrack_code(m.message_id, 15, 'go.history.example'), 'go.history.example'))
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign AND c.name = 'spring'
WHERE m.message_id % 97 = 0 \g /dev/null
SELECT count(*) FROM smstrack_forget((SELECT recipient FROM smstrack.message WHERE first_click_at IS NOT NULL AND recipient LIKE '+49151%' ORDER BY message_id LIMIT 1)) \g /dev/null
SELECT smstrack.write_message_tally() \g /dev/null
ANALYZE smstrack.message, smstrack.hit, smstrack.conversion, smstrack.tally, smstrack.message_tally, smstrack.conversion_tally;
