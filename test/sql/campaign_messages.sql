-- Single messages of a campaign: the same text as of a launch, one for each recipient of
-- marketing, texts of the caller's own, and the defaults of a link domain.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
SELECT smstrack_domain('c.example') > 0 AS made;
RESET client_min_messages;
SET timezone = 'UTC';
SET smstrack.calling_code = '49';
\set phone 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
INSERT INTO smstrack.price (prefix, segment_price, currency, valid_from) VALUES
    ('+49', 0.07, 'EUR', '2021-01-01'), ('+41', 0.05, 'CHF', '2021-01-01');

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

-- Transactional campaigns write again and again: to everybody by a launch, and by itself.
CREATE TABLE audience (recipient text, name text, product text, amount numeric);
INSERT INTO audience
SELECT '+4915100000' || n, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN 'Ana & Bob' ELSE 'Zoë 🎉' END, 'a/b ' || n || '%', n * 1.50
FROM generate_series(10, 29) AS n;
INSERT INTO audience VALUES ('0151/0000099', '', 'ä?#', 0), ('+41791234567', 'Urs', 'z', NULL), ('customer-17', 'No Number', 'n', 1e20);
SELECT smstrack_campaign(tracking, '{{name|there}}, {{amount}}: https://shop.example/{{product}}?c=1#top or https://shop.example/all, \{{x}} {{opt_out}}',
                         purpose => 'transactional', tracking => tracking, keep_body => true, utm => 'utm_source=sms') > 0 AS made
FROM unnest('{full,none}'::text[]) AS tracking;
INSERT INTO smstrack.variant (campaign, name, body, weight)
SELECT id, 'B', 'Hi {{name}} ' || repeat('x', 130) || ' https://shop.example/b/{{product}}', 2 FROM smstrack.campaign;
INSERT INTO smstrack.variant (campaign, name, body, weight) SELECT id, 'C', 'nobody gets it {{no_column}}', 0 FROM smstrack.campaign;
SELECT smstrack_campaign('anonymous', 'Hi {{name|there}}: https://shop.example/q', purpose => 'transactional', tracking => 'anonymous') > 0 AS made;
SELECT c.name, l.prepared FROM smstrack.campaign AS c, LATERAL smstrack_launch(c.name, 'audience') AS l ORDER BY 1;
CREATE TABLE rewritten AS
SELECT c.name AS campaign, smstrack_e164(a.recipient) AS recipient, p.*
FROM smstrack.campaign AS c CROSS JOIN audience AS a, LATERAL smstrack_prepare(NULL, a.recipient, campaign => c.name, fields => to_jsonb(a)) AS p;
-- what is compared: all that a launch wrote, codes apart
CREATE VIEW written AS
SELECT c.name AS campaign, m.message_id, o.message_id IS NOT NULL AS launched, coalesce(m.recipient, o.recipient, r.recipient) AS recipient,
       (m.recipient, m.link_domain, m.variant, m.links, m.code_length, m.segments_before, m.segments_after, m.encoding_before,
        m.encoding_after, m.status, m.test, m.target_urls, m.segment_price, m.currency,
        regexp_replace(m.body, '/[0-9A-Za-z]{8}\M', '/CODE', 'g'))::text AS columns,
       CASE c.tracking WHEN 'full' THEN regexp_replace(coalesce(o.body, r.body), 'c.example/[0-9A-Za-z]{8}\M', '/CODE', 'g')
                       ELSE regexp_replace(coalesce(o.body, r.body), ' https://c.example/[0-9A-Za-z]{8}$', '') END AS body
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign
LEFT JOIN smstrack.outbox AS o USING (message_id) LEFT JOIN rewritten AS r USING (message_id)
WHERE m.status = 'p';
SELECT l.campaign, count(*) AS recipients, count(DISTINCT m.variant) AS variants,
       bool_and(l.columns = w.columns) AS same_columns, bool_and(l.body = w.body) AS same_body
FROM written AS l JOIN written AS w USING (campaign, recipient) JOIN smstrack.message AS m ON m.message_id = l.message_id
WHERE l.launched AND NOT w.launched GROUP BY 1 ORDER BY 1;
SELECT l.columns, w.columns, l.body, w.body FROM written AS l JOIN written AS w USING (campaign, recipient)
WHERE l.launched AND NOT w.launched AND (l.columns <> w.columns OR l.body <> w.body);
SELECT body FROM written WHERE NOT launched AND campaign = 'full' AND recipient IN ('+491510000015', '+491510000099') ORDER BY recipient;
-- the summary of prepare agrees with the row
SELECT bool_and((r.links, r.segments_before, r.segments_after, r.cost, r.currency) IS NOT DISTINCT FROM
                (CASE r.campaign WHEN 'anonymous' THEN 1 ELSE m.links END, m.segments_before, m.segments_after,
                 m.segments_after * m.segment_price, m.currency)) AS agrees
FROM rewritten AS r JOIN smstrack.message AS m USING (message_id);
SELECT prepared, already_prepared FROM smstrack_launch('full', 'audience');
-- one shared message for all recipients, launched or not
SELECT count(*) FILTER (WHERE m.status = 'l') AS shared, count(*) FILTER (WHERE links > 0) AS with_codes, count(recipient) AS recipients
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign WHERE c.name = 'anonymous';
SELECT DISTINCT regexp_replace(r.body, '.*/', '') = regexp_replace(o.body, '.*/', '') AS same_code, s.status, s.target_url
FROM rewritten AS r, smstrack.outbox AS o JOIN smstrack.campaign AS c ON c.id = o.campaign AND c.name = 'anonymous',
     LATERAL smstrack_resolve(regexp_replace(o.body, '.*/', '')) AS s WHERE r.campaign = 'anonymous';
DROP VIEW written;
DROP TABLE rewritten;

-- A marketing campaign writes to a recipient once.
SELECT smstrack_campaign('spring', 'Hi {{name}}: https://shop.example/s') > 0 AS made;
SELECT frozen_at IS NULL AS open FROM smstrack.campaign WHERE name = 'spring';
SELECT regexp_replace(smstrack_rewrite(NULL, '0151 0000010', campaign => 'spring', fields => '{"name": "Ana"}'), '/\w{8}$', '/CODE') AS body;
SELECT c.frozen_at IS NULL AS campaign_open, v.frozen_at IS NULL AS variant_open FROM smstrack.campaign AS c JOIN smstrack.variant AS v ON v.campaign = c.id WHERE c.name = 'spring';
SELECT smstrack_opt_out('+491510000011') AS recorded;
\x on
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+49 1510000010', campaign => 'spring', fields => '{"name": "Ana"}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('own text', '+491510000011', campaign => 'spring')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+49', campaign => 'spring', fields => '{"name": "Ana"}')$$);
SELECT * FROM pg_temp.complaint($$DELETE FROM smstrack.campaign WHERE name = 'spring'$$);
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.campaign SET frozen_at = NULL WHERE name = 'spring'$$);
\x off
SELECT n, smstrack_rewrite(NULL, r, campaign => 'spring', fields => '{"name": "Ana"}', skip => true) IS NULL AS skipped
FROM (VALUES (1, '+491510000010'), (2, '+491510000011'), (3, '+49'), (4, '+491510000012'), (5, '+491510000012')) AS a (n, r) ORDER BY 1;
SELECT count(*) FROM smstrack_prepare('own', '+491510000012', campaign => 'spring', idempotency_key => 'free', skip => true);
SELECT count(*) FROM smstrack_prepare('own', '+491510000013', campaign => 'spring', idempotency_key => 'free', skip => true);
SELECT prepared, already_prepared, opted_out FROM smstrack_launch('spring', 'audience', max_recipients => 10);
SELECT recipients, already_prepared, opted_out FROM smstrack_estimate('spring', 'audience') WHERE prefix = '+49';
-- whom the launch wrote to: the first, one in the middle, the last, and its neighbours
SELECT a.recipient, smstrack_rewrite('x', a.recipient, campaign => 'spring', skip => true) IS NULL AS has_one
FROM audience AS a WHERE a.recipient LIKE '+%' ORDER BY a.recipient;
SELECT count(*), count(DISTINCT recipient) FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign WHERE c.name = 'spring';
-- tests are outside all that
SELECT count(*) AS prepared FROM (VALUES ('+491510000010'), ('+491510000011'), ('+491510000010')) AS a (r),
LATERAL smstrack_prepare(NULL, a.r, campaign => 'spring', fields => '{"name": "Ana"}', test => true);
SELECT count(*) AS tests FROM smstrack.message WHERE test;
SELECT message_id AS m FROM smstrack_prepare(NULL, '+491510000090', campaign => 'anonymous', fields => '{"name": "Ana"}', test => true) \gset
SELECT m.links, m.recipient, r.status, r.target_url, r.message_id = :m AS of_its_own FROM smstrack.message AS m,
LATERAL smstrack_resolve(smstrack_code(:m)) AS r WHERE m.message_id = :m;

-- An idempotency key gives the same message again, whatever came in between.
SELECT smstrack_campaign('keys', 'Hi {{name}}: https://shop.example/{{name}}') AS keys \gset
SELECT message_id, body FROM smstrack_prepare(NULL, '+41790000001', 'k', campaign => 'keys', fields => '{"name": "Ana"}') \gset
INSERT INTO smstrack.variant (campaign, name, body) VALUES (:keys, 'B', 'b');
UPDATE smstrack.variant SET weight = 0 WHERE campaign = :keys AND name = 'A';
SELECT smstrack_opt_out('+41790000001') AS recorded;
SELECT message_id = :message_id AS same, body = :'body' AS same_body FROM smstrack_prepare(NULL, '+41790000001', 'k', campaign => 'keys', fields => '{"name": "Ana"}');
SELECT count(*) FROM smstrack.message WHERE campaign = :keys;
\x on
SELECT * FROM pg_temp.complaint($$SELECT smstrack_prepare(NULL, '+41790000001', 'k', campaign => 'keys', fields => '{"name": "Bob"}')$$);
SELECT state, message FROM pg_temp.complaint($$SELECT smstrack_prepare(NULL, '+41790000001', 'k', campaign => 'spring', fields => '{"name": "Ana"}')$$);
\x off

-- A text of the caller's own follows the campaign's settings.
SELECT smstrack_campaign('own', 'unused', utm => 'utm_source=sms&c=2', conversions => false, purpose => 'transactional') AS own \gset
SELECT message_id AS m, body FROM smstrack_prepare('{{name}} https://a.example/?c=1 and https://b.example/', '+491510000050', campaign => 'own', label => 'l') \gset
SELECT :'body' = '{{name}} https://c.example/' || smstrack_code(:m, 0) || ' and https://c.example/' || smstrack_code(:m, 1) AS brackets_stay;
-- ... which is said once a statement, for nobody wants to receive them
SELECT smstrack_rewrite('Stop: {{opt_out}}', '+49151000006' || n, campaign => 'own') AS body FROM generate_series(1, 2) AS n;
SELECT body, warnings FROM smstrack_prepare('{{ no field } }', '+491510000063', campaign => 'own');
SELECT body, warnings FROM smstrack_prepare('{{a|b}}', '+491510000064', campaign => 'own');
SELECT campaign = :own AS of_the_campaign, variant, target_urls, links, label FROM smstrack.message WHERE message_id = :m;
SELECT h.class, h.target_url, h.token IS NULL AS no_token FROM generate_series(0, 1) AS n,
LATERAL smstrack_hit(smstrack_code(:m, n), user_agent => :'phone') AS h;
UPDATE smstrack.campaign SET conversions = true, attribution_window = '1 hour', fallback_url = 'https://shop.example/over' WHERE id = :own;
SELECT h.token IS NOT NULL AS token, h.cookie_max_age FROM smstrack_hit(smstrack_code(:m, 0), user_agent => :'phone') AS h;
UPDATE smstrack.campaign SET expiry = '1 microsecond' WHERE id = :own;
SELECT h.status, h.fallback_url FROM smstrack_hit(smstrack_code(:m, 0)) AS h;
UPDATE smstrack.campaign SET expiry = NULL WHERE id = :own;
SELECT smstrack_disable('own');
SELECT h.status, h.fallback_url FROM smstrack_hit(smstrack_code(:m, 0)) AS h;

-- What does not go together, and what is missing.
\x on
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '+491510000050', campaign => 'own')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '+491510000050', campaign => 'nobody''s')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '+491510000050', campaign => 'spring', fields => '{}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+491510000050', fields => '{}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+491510000050', campaign => 'spring', fields => '[]')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+491510000050', campaign => 'spring', fields => '{"Name": 1}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+491510000050', campaign => 'spring')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '+491510000050', 'c.example', campaign => 'spring')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('own https://a.example/', '+491510000050', campaign => 'anonymous')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_prepare(NULL, '+491510000050', campaign => 'anonymous', keep_body => true)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_campaign('who', 'x', tracking => 'anonymous', keep_body => true)$$);
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.campaign SET keep_body = true WHERE name = 'anonymous'$$);
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.variant SET weight = 0 WHERE campaign = (SELECT id FROM smstrack.campaign WHERE name = 'spring')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+491510000051', campaign => 'spring', fields => '{"name": 1}')$$);
SELECT * FROM pg_temp.complaint($$SELECT set_config('smstrack.account', 'other', true), smstrack_rewrite('x', '+491510000051', campaign => 'spring')$$);
\x off
RESET smstrack.account;
-- a failed statement leaves no claim behind; JSON null is empty
UPDATE smstrack.variant SET weight = 1 WHERE campaign = (SELECT id FROM smstrack.campaign WHERE name = 'spring');
SELECT regexp_replace(smstrack_rewrite(NULL, '+491510000050', campaign => 'spring', fields => '{"name": null}'), '/\w{8}$', '/CODE') AS body;
SELECT regexp_replace(smstrack_rewrite(NULL, '+491510000051', campaign => 'spring', fields => '{"name": [true, {"a": 1}]}'), '/\w{8}$', '/CODE') AS body;

-- a text of one's own does not ask what the variants are; a variant that is not sent is not read
SELECT smstrack_campaign('two', 'Hi www.shop.com/w shop.com/a', purpose => 'transactional') AS two \gset
SET smstrack.bare_hosts = off;
SELECT state, message FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+491510000052', campaign => 'two')$$);
SELECT regexp_replace(smstrack_rewrite('Own www.shop.com/w', '+491510000052', campaign => 'two'), '/\w{8}$', '/CODE') AS body;
UPDATE smstrack.variant SET weight = 0 WHERE campaign = :two;
INSERT INTO smstrack.variant (campaign, name, body) VALUES (:two, 'B', 'Hi www.shop.com/w shop.com/a');
SELECT regexp_replace(smstrack_rewrite(NULL, '+491510000052', campaign => 'two'), '/\w{8}\M', '/CODE') AS body;
RESET smstrack.bare_hosts;

-- Half done and undone: what was claimed, frozen and read within goes too.
SELECT smstrack_campaign('undone', 'Hi', tracking => 'none') > 0 AS made;
DO $$
BEGIN
    BEGIN
        PERFORM smstrack_rewrite(NULL, '+491510000060', campaign => 'undone');
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
        PERFORM smstrack_rewrite(NULL, '+491510000060', campaign => 'undone');
    END;
END
$$;
SELECT c.frozen_at IS NULL AS open, v.frozen_at IS NULL AS variant_open, (SELECT count(*) FROM smstrack.message AS m WHERE m.campaign = c.id) AS messages
FROM smstrack.campaign AS c JOIN smstrack.variant AS v ON v.campaign = c.id WHERE c.name = 'undone';
-- and what changes in between counts at once
DO $$
BEGIN
    PERFORM smstrack_rewrite(NULL, '+491510000061', campaign => 'undone');
    PERFORM smstrack_disable('undone');
    PERFORM smstrack_rewrite(NULL, '+491510000062', campaign => 'undone');
END
$$;
-- a launch in the same transaction is seen
SELECT smstrack_campaign('both', 'Hi', tracking => 'none') > 0 AS made;
DO $$
BEGIN
    PERFORM smstrack_rewrite(NULL, '+491510000010', campaign => 'both');
    PERFORM smstrack_launch('both', 'audience');
    PERFORM smstrack_rewrite(NULL, '+491510000015', campaign => 'both');
END
$$;

-- a launch of several variants is found too, as each of them
SELECT smstrack_campaign('ab', 'A') > 0 AS made;
INSERT INTO smstrack.variant (campaign, name, body) SELECT id, 'B', 'B' FROM smstrack.campaign WHERE name = 'ab';
SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'ab', skip => true)) AS written FROM audience WHERE recipient > '+491510000025';
SELECT prepared, already_prepared FROM smstrack_launch('ab', 'audience');
SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'ab', skip => true)) AS written_twice FROM audience;
SELECT count(*) > count(DISTINCT variant) AND count(DISTINCT variant) = 2 AS both, count(*) = count(DISTINCT recipient) AS once
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign WHERE c.name = 'ab';

-- A preview shows what the recipient would get of the campaign, and what is in the way.
UPDATE smstrack.campaign SET status = 'active' WHERE name IN ('own', 'undone');
SELECT a.recipient, regexp_replace(p.body, '/0{8}\M', '/CODE', 'g') = regexp_replace(o.body, '/[0-9A-Za-z]{8}\M', '/CODE', 'g') AS same_body,
       (p.segments_before, p.segments_after, p.links) = (m.segments_before, m.segments_after, m.links) AS same_segments,
       p.cost_after IS NOT DISTINCT FROM m.segments_after * m.segment_price AS same_cost
FROM audience AS a JOIN smstrack.message AS m ON m.recipient = smstrack_e164(a.recipient)
JOIN smstrack.campaign AS c ON c.id = m.campaign AND c.name = 'full' JOIN smstrack.outbox AS o USING (message_id),
LATERAL smstrack_preview(NULL, a.recipient, 'full', to_jsonb(a)) AS p ORDER BY m.recipient;
SELECT recipient, warnings FROM unnest('{+491510000010,+491510000011,+491510000016,+491510000070,+49}'::text[]) AS recipient,
LATERAL smstrack_preview(NULL, recipient, 'spring', '{"name": "Ana"}');
SELECT body, warnings FROM smstrack_preview(NULL, campaign => 'spring');
SELECT smstrack_disable('spring');
SELECT body, warnings FROM smstrack_preview('typing ...', '+491510000070', 'spring');

-- Single messages take the defaults of the link domain.
SELECT smstrack_domain('d.example', tracking => 'none', attribution_window => '2 hours', expiry => '1 year') > 0 AS made;
SELECT smstrack_rewrite('See https://a.example/', '+491510000080', 'd.example') AS links_stay;
SET smstrack.link_domain = 'd.example';
SELECT body FROM smstrack_preview('See https://a.example/', '+491510000080');

-- It says what would keep the message from being prepared.
SELECT smstrack_domain('later.example', status => 'pending') > 0 AS made;
SET smstrack.link_domain = 'later.example';
SELECT body, warnings FROM smstrack_preview('See https://a.example/');
RESET smstrack.link_domain;
SELECT recipients FROM smstrack_forget('+491510000089');
SELECT body, warnings FROM smstrack_preview('Hi', '+491510000089');
RESET smstrack.link_domain;
SELECT smstrack_domain('d.example', tracking => 'anonymous') > 0 AS changed;
SELECT message_id AS m FROM smstrack_prepare('See https://a.example/', '+491510000081', link_domain => 'd.example', label => 'kept') \gset
SELECT recipient, label, links FROM smstrack.message WHERE message_id = :m;
SELECT h.status, h.class, h.token IS NOT NULL AS token, h.cookie_max_age FROM smstrack_hit(smstrack_code(:m), host => 'd.example', user_agent => :'phone') AS h;
SELECT smstrack_domain('d.example', tracking => 'full') > 0 AS changed;
SELECT links, body FROM smstrack_prepare('See https://a.example/', '+491510000082', link_domain => 'd.example', track => false);
SELECT recipient, links FROM smstrack.message ORDER BY message_id DESC LIMIT 1;
\x on
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('d.example', tracking => 'some')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('d.example', attribution_window => '0')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('d.example', tracking => 'anonymous'), smstrack_prepare('x', '1', link_domain => 'd.example', keep_body => true)$$);
\x off
DROP TABLE audience;

-- A price that is taken back in the middle of a statement is nobody's.
DO $$
BEGIN
    BEGIN
        INSERT INTO smstrack.price (prefix, segment_price, currency) VALUES ('+4915', 0.99, 'USD');
        PERFORM smstrack_rewrite('Hi', '+4915100000901', link_domain => 'c.example');
        RAISE EXCEPTION 'taken back';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    PERFORM smstrack_rewrite('Hi', '+4915100000901', link_domain => 'c.example');
END
$$;
SELECT segment_price, currency FROM smstrack.message WHERE recipient = '+4915100000901';

-- Merge fields that make a body longer than a text can be.
SELECT smstrack_campaign('long', repeat('{{a}}', 250), link_domain => 'c.example') > 0 AS made;
\x on
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '+4915100000902', campaign => 'long', fields => jsonb_build_object('a', repeat('x', 5000000)))$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_preview(NULL, '+4915100000902', 'long', jsonb_build_object('a', repeat('x', 5000000)))$$);
\x off
