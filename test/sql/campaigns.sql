-- Campaigns: personalisation, who is skipped and why, prices, previews, links of a variant.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
SELECT smstrack_domain('c.example') > 0 AS made;
RESET client_min_messages;
SET timezone = 'UTC';
SET smstrack.calling_code = '49';

CREATE TABLE audience (recipient text, name text, product text);
INSERT INTO audience VALUES
    ('+49 151 0000001', 'Ana & Bob', 'blue/shirt 50%'),
    ('00491510000002', NULL, 'hat'),
    ('0151-0000003', '', 'ä?#'),
    ('+49 (0) 151 0000001', 'twice', 'x'),
    ('+43660000004', 'Zoë', 'y'),
    ('+41791234567', 'Urs', 'z'),
    ('customer-17', 'No Number', 'n'),
    ('+49', 'short', 'x'),
    ('', 'empty', 'x'),
    (NULL, 'null', 'x');

-- Prices by the longest prefix, valid now; currencies are kept apart.
INSERT INTO smstrack.price (prefix, segment_price, currency, valid_from) VALUES
    ('+49', 0.09, 'EUR', '2020-01-01'), ('+49', 0.07, 'EUR', '2021-01-01'),
    ('+49', 0.50, 'EUR', '9999-01-01'), ('+4', 0.20, 'EUR', '2020-01-01'),
    ('+41', 0.05, 'CHF', '2020-01-01');

SELECT smstrack_campaign('spring', 'Hi {{name|there}}, \{{new}}: https://shop.example/{{product}}?c=1#top and https://shop.example/all',
                         link_domain => 'c.example', utm => 'utm_source=sms&c=2') > 0 AS made;
SELECT name, target_urls, opt_out, frozen_at IS NULL AS open FROM smstrack.variant;
SELECT smstrack_opt_out('+49151 0000002') AS recorded, smstrack_opt_out('0151 0000002') AS again;

SELECT * FROM smstrack_estimate('spring', 'audience');
SELECT count(*) AS nothing_written FROM smstrack.message;
\x on
SELECT * FROM smstrack_launch('spring', 'audience', max_recipients => 1);
SELECT * FROM smstrack_launch('spring', 'audience');
SELECT prepared, already_prepared, opted_out, duplicate, invalid FROM smstrack_launch('spring', 'audience');
\x off
SELECT m.recipient, m.target_urls, m.segments_before, m.segments_after, m.segment_price, m.currency,
       regexp_replace(o.body, '/[0-9A-Za-z]{8}\M', '/CODE', 'g') AS body
FROM smstrack.message AS m JOIN smstrack.outbox AS o USING (message_id) ORDER BY m.recipient COLLATE "C";
SELECT l.recipient, l.reason FROM smstrack.launch_skip AS l WHERE launch = (SELECT min(launch) FROM smstrack.launch_skip)
ORDER BY reason COLLATE "C", recipient COLLATE "C";

-- A preview is what the launch wrote.
SELECT a.recipient, p.segments_before = m.segments_before AND p.segments_after = m.segments_after
       AND p.cost_after = m.segments_after * m.segment_price AND p.currency = m.currency AS same_cost,
       regexp_replace(p.body, '/0{8}\M', '/CODE', 'g') = regexp_replace(o.body, '/[0-9A-Za-z]{8}\M', '/CODE', 'g') AS same_body
FROM audience AS a
JOIN smstrack.message AS m ON m.recipient = smstrack_e164(a.recipient)
JOIN smstrack.outbox AS o USING (message_id)
JOIN smstrack.variant AS v ON v.id = m.variant,
LATERAL smstrack_preview(v.body, a.recipient, 'spring', to_jsonb(a)) AS p
WHERE a.name <> 'twice' AND m.currency IS NOT NULL ORDER BY m.recipient COLLATE "C";

-- Links: personal targets percent-encoded, UTM parameters that do not overwrite.
CREATE TEMPORARY VIEW link AS
SELECT m.recipient, n AS position, r.status, r.target_url
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign AND c.name = 'spring', generate_series(0, 1) AS n,
     LATERAL smstrack_resolve(smstrack_code(m.message_id, n), 'c.example') AS r;
SELECT * FROM link WHERE recipient IN ('+491510000001', '+491510000003') ORDER BY recipient COLLATE "C", position;
SELECT smstrack_retarget('spring', 0, 'https://shop.example/sold-out') AS variants;
SELECT DISTINCT position, status, target_url FROM link WHERE recipient = '+491510000001' ORDER BY position;
SELECT "position", former_url, url FROM smstrack.target_history;
-- In whatever way a target is changed, it is checked and on record, and launches go on.
UPDATE smstrack.variant SET target_urls[2] = 'https://shop.example/other'
WHERE campaign = smstrack.campaign_id('spring') AND name = 'A';
SELECT "position", former_url, url FROM smstrack.target_history ORDER BY changed_at;
SELECT DISTINCT position, status, target_url FROM link WHERE recipient = '+491510000001' ORDER BY position;

-- What messages depend on stays.
CREATE FUNCTION pg_temp.complaint(query text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
    message := 'no error';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END
$$;
\x on
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.variant SET body = 'x'$$);
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.campaign SET tracking = 'none'$$);
SELECT * FROM pg_temp.complaint($$DELETE FROM smstrack.campaign$$);
SELECT * FROM pg_temp.complaint($$DELETE FROM smstrack.price$$);
SELECT state, message FROM pg_temp.complaint($$INSERT INTO smstrack.price (prefix, segment_price, currency) VALUES ('49', 1, 'EUR')$$);
SELECT * FROM pg_temp.complaint($$INSERT INTO smstrack.variant (campaign, body) VALUES (999, 'x')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('half', 'Hi {{name')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('unnamed', 'Hi {{}}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('spring', 'x')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('', 'x')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'x', purpose => 'fun')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'x', tracking => 'some')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'x', utm => 'utm_campaign=a b')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'x', utm => repeat('a=b&', 200) || 'a=b')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'x', expiry => '0')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'x', fallback_url => 'shop.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'x', link_domain => 'other.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('x', 'Hi {{surname}}'), smstrack_launch('x', 'audience')$$);
CREATE TEMPORARY TABLE long AS SELECT '+491510000099' AS recipient, repeat('ä', 400) AS product;
SELECT smstrack_campaign('long', 'https://shop.example/ https://shop.example/{{product}}') > 0 AS made;
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('long', 'long')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_estimate('long', 'long')$$);
SELECT warnings FROM smstrack_preview(NULL, campaign => 'long', fields => (SELECT to_jsonb(l) FROM long AS l));
-- A value that makes a host or a port of none is found before the message is paid for.
CREATE TEMPORARY TABLE hosted AS SELECT '+491510000098' AS recipient, ''::text AS shop, '/sale'::text AS path, '8080'::text AS port;
SELECT smstrack_campaign('hosted', 'https://{{shop}}.example/ https://{{shop}}.example:{{port}}/{{path}} http://shop.example?{{path}}') > 0 AS made,
    smstrack_campaign('glued', 'https://shop.example{{path}}') > 0 AS made_too;
SELECT * FROM pg_temp.complaint($$SELECT smstrack_estimate('hosted', 'hosted')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('hosted', 'hosted')$$);
SELECT warnings FROM smstrack_preview(NULL, campaign => 'hosted', fields => (SELECT to_jsonb(h) FROM hosted AS h));
SELECT warnings FROM smstrack_preview(NULL, campaign => 'hosted', fields => '{}');
SELECT * FROM pg_temp.complaint($$SELECT smstrack_prepare(NULL, '+491510000098', campaign => 'glued', fields => '{"path": "/sale"}')$$);
UPDATE hosted SET shop = 'münchen', port = 'x';
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('hosted', 'hosted')$$);
UPDATE hosted SET shop = 'muenchen', port = '8080';
SELECT prepared FROM smstrack_launch('hosted', 'hosted');
SELECT m.target_urls, (SELECT array_agg(r.target_url ORDER BY n) FROM generate_series(0, 2) AS n, smstrack_resolve(smstrack_code(m.message_id, n), 'c.example') AS r) AS resolved
FROM smstrack.message AS m WHERE m.recipient = '+491510000098';
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('none', 'audience')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('spring', 'pg_class')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('spring', 'pg_class_oid_index')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('spring', 'audience', share => 0)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('spring', 'audience', max_recipients => -1)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch(NULL, 'audience')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_launch('spring', NULL)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_retarget('spring', 2, 'https://x.example/')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_retarget('spring', 0, 'https://x.example/', 'Z')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_retarget('spring', 0, 'javascript:alert(1)')$$);
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.variant SET target_urls = '{javascript:alert(1),https://x.example/}'$$);
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.variant SET target_urls = '{https://x.example/}'$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_retarget('spring', 0, 'https://a.example/{{x}}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('a', 'x {{opt_out}}', tracking => 'anonymous'), smstrack_launch('a', 'audience')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('a', 'https://x.example/{{name}}', tracking => 'anonymous'), smstrack_launch('a', 'audience')$$);
SELECT * FROM pg_temp.complaint($$SELECT set_config('smstrack.account', 'other', true), smstrack_launch('spring', 'audience')$$);
SELECT * FROM pg_temp.complaint($$SELECT set_config('smstrack.account', 'other', true), smstrack_campaign('spring', 'x'), smstrack_launch('spring', 'audience')$$);
SELECT * FROM pg_temp.complaint($$SET smstrack.calling_code = '+49'$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_e164('0151 2345678', '+49')$$);
SELECT state, message FROM pg_temp.complaint($$INSERT INTO smstrack.price (segment_price, currency) VALUES (1, 'ERU')$$);
SELECT state, message FROM pg_temp.complaint($$INSERT INTO smstrack.price (segment_price, currency) VALUES (1e15, 'EUR')$$);
-- links are found as when the variant was stored, or nothing is prepared
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('bare', 'Hi www.shop.com/w shop.com/a'), set_config('smstrack.bare_hosts', 'off', true), smstrack_launch('bare', 'audience')$$);
\x off
RESET smstrack.account;
RESET smstrack.bare_hosts;

-- Two accounts: names, opt-outs and prices of one are not the other's.
BEGIN;
SET LOCAL smstrack.account = 'other';
SELECT smstrack_domain('o.example') > 0 AS made;
SELECT smstrack_campaign('spring', 'Hi {{name}}') > 0 AS made;
SELECT prepared, opted_out, cost_after, unpriced FROM smstrack_launch('spring', 'audience');
SELECT count(*) AS taken_of_own FROM smstrack_take(n => 100);
SELECT smstrack_report(array_agg(message_id), array_agg('sent'::text)) AS changed_of_others FROM smstrack.message AS m
JOIN smstrack.campaign AS c ON c.id = m.campaign AND c.account = 'default';
ROLLBACK;

-- A transactional campaign passes; a test is outside, and skips nobody later.
SELECT smstrack_campaign('parcel', 'Your parcel: https://track.example/1', purpose => 'transactional', keep_body => true) > 0 AS made;
SELECT prepared, opted_out FROM smstrack_launch('parcel', 'audience', max_recipients => 2, test => true);
SELECT prepared, opted_out FROM smstrack_launch('parcel', 'audience');
SELECT count(*) FILTER (WHERE test) AS tests, count(*) FILTER (WHERE NOT test) AS messages, bool_and(body IS NOT NULL) AS kept
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign WHERE c.name = 'parcel';
SELECT smstrack_opt_in('0151/0000002') AS back, smstrack_opt_in('0151/0000002') AS again;

-- Anonymous: no recipient is kept, one code for all, nobody twice.
SELECT smstrack_campaign('quiet', 'Hi {{name}}: https://shop.example/q', tracking => 'anonymous') > 0 AS made;
SELECT warnings FROM smstrack_preview('https://shop.example/{{name}} {{opt_out}}', campaign => 'quiet', fields => '{"name": "Ana"}');
SELECT prepared, already_prepared FROM smstrack_launch('quiet', 'audience', max_recipients => 3);
SELECT prepared, already_prepared FROM smstrack_launch('quiet', 'audience');
SELECT m.status, m.links, count(*), count(m.recipient) AS recipients, count(DISTINCT right(o.body, 8)) AS codes
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign LEFT JOIN smstrack.outbox AS o USING (message_id)
WHERE c.name = 'quiet' GROUP BY 1, 2 ORDER BY 1;
SELECT DISTINCT r.status, r.target_url FROM smstrack.outbox AS o JOIN smstrack.campaign AS c ON c.id = o.campaign,
       LATERAL smstrack_resolve(right(o.body, 8), 'c.example') AS r WHERE c.name = 'quiet';

-- With longer codes, a shared message of its own; the older codes go on.
SELECT smstrack_domain('c.example', code_length => 9) > 0 AS longer;
INSERT INTO audience VALUES ('+491510000099', 'Late', 'l');
SELECT prepared, already_prepared FROM smstrack_launch('quiet', 'audience');
SELECT length(regexp_replace(o.body, '.*/', '')) AS code_length, r.status, count(*) FROM smstrack.outbox AS o
JOIN smstrack.campaign AS c ON c.id = o.campaign,
     LATERAL smstrack_resolve(regexp_replace(o.body, '.*/', ''), 'c.example') AS r WHERE c.name = 'quiet' GROUP BY 1, 2 ORDER BY 1;
DELETE FROM audience WHERE name = 'Late';

-- Single messages are normalised and priced by the same rules.
SELECT cost, currency, warnings FROM smstrack_prepare(repeat('x', 161), '0151 0000007', label => 'single', test => true);
SELECT recipient, segment_price, currency, test FROM smstrack.message WHERE label = 'single';
SELECT cost, warnings FROM smstrack_prepare('x', '+49');

-- None: links stay as they are.
SELECT smstrack_campaign('plain', 'See https://shop.example/p', tracking => 'none') > 0 AS made;
SELECT prepared, segments_after - segments_before AS delta FROM smstrack_launch('plain', 'audience');
SELECT DISTINCT o.body, m.links FROM smstrack.outbox AS o JOIN smstrack.message AS m USING (message_id)
JOIN smstrack.campaign AS c ON c.id = o.campaign WHERE c.name = 'plain';

-- Opt-out links: position 15, no hit, no opt-out by a GET; the confirmation counts.
SELECT smstrack_campaign('stop', 'New: https://shop.example/n Stop: {{opt_out}}') > 0 AS made;
SELECT prepared FROM smstrack_launch('stop', 'audience', max_recipients => 1);
SELECT smstrack_code(m.message_id, 15) AS code, m.recipient FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign
WHERE c.name = 'stop' \gset
SELECT h.status, h.class FROM smstrack_hit(:'code', host => 'c.example') AS h;
SELECT count(*) AS hits FROM smstrack.hit;
SELECT count(*) AS opt_outs FROM smstrack.opt_out;
SELECT smstrack_opt_out_link(:'code', 'c.example') AS recorded, smstrack_opt_out_link('00000000', 'c.example') AS unknown;
SELECT opted_out FROM smstrack_launch('quiet', 'audience', test => true);
SELECT smstrack_opt_outs(ARRAY['0151 99', 'x@y.example', NULL, '+49']) AS imported;

-- Shares and variants stay with a recipient.
CREATE TEMPORARY TABLE many AS SELECT '+4917' || lpad(n::text, 8, '0') AS recipient FROM generate_series(1, 4000) AS n;
SELECT smstrack_campaign('ab', 'A') AS ab \gset
INSERT INTO smstrack.variant (campaign, name, body, weight) VALUES (:ab, 'B', 'B', 3), (:ab, 'C', 'C', 0);
SELECT prepared BETWEEN 900 AND 1100 AS a_quarter, prepared + not_in_share AS all FROM smstrack_launch('ab', 'many', share => 0.25);
SELECT prepared + already_prepared AS all, already_prepared BETWEEN 900 AND 1100 AS a_quarter FROM smstrack_launch('ab', 'many');
SELECT v.name, count(*) BETWEEN 850 AND 1150 AS a_quarter, count(*) BETWEEN 2850 AND 3150 AS rest FROM smstrack.message AS m JOIN smstrack.variant AS v ON v.id = m.variant
WHERE m.campaign = :ab GROUP BY 1 ORDER BY 1;
SELECT count(*), count(DISTINCT recipient) FROM smstrack.message WHERE campaign = :ab;

-- Expiry and disabling, with a fallback.
UPDATE smstrack.campaign SET expiry = '1 microsecond', fallback_url = 'https://shop.example/over' WHERE name = 'spring';
SELECT DISTINCT position, status, target_url FROM link WHERE recipient = '+491510000001' ORDER BY position;
SELECT h.status, h.fallback_url FROM smstrack.message AS m, LATERAL smstrack_hit(smstrack_code(m.message_id), host => 'c.example') AS h
WHERE m.recipient = '+491510000001' AND m.campaign = (SELECT id FROM smstrack.campaign WHERE name = 'spring');
UPDATE smstrack.campaign SET expiry = NULL WHERE name = 'spring';
SELECT DISTINCT position, status FROM link WHERE recipient = '+491510000001' ORDER BY position;
SELECT smstrack_disable('spring');
SELECT DISTINCT position, status FROM link WHERE recipient = '+491510000001' ORDER BY position;
SELECT count(*) AS taken FROM smstrack_take('spring');
DROP TABLE audience;
