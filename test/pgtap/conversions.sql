-- What a conversion is credited to, what counts once, what is refused, what is taken back,
-- and that the sums are those of the ledger after everything.
\set ON_ERROR_STOP on
BEGIN;
SELECT no_plan();
SET client_min_messages = error;
\set iphone '\'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1\''
SELECT smstrack_domain('convert.example') AS domain \gset
SET smstrack.link_domain = 'convert.example';

-- Recipients ann (messages 1 to 3), bob (4), cyd (5 to 9); message n was clicked 20 - 2n days ago.
CREATE TEMPORARY TABLE link AS
SELECT n, p.message_id, r.recipient, smstrack_code(p.message_id, 0, 'convert.example') AS code
FROM generate_series(1, 9) AS n
CROSS JOIN LATERAL (SELECT CASE WHEN n <= 3 THEN '+4915110000001' WHEN n = 4 THEN '+4915110000002' ELSE '+4915110000003' END) AS r (recipient)
CROSS JOIN LATERAL smstrack_prepare('https://a.example/?' || n, r.recipient) AS p;
-- The last five are a campaign's.
SELECT smstrack_campaign('narrow', 'https://a.example/') AS narrow \gset
UPDATE smstrack.message SET campaign = :narrow, variant = (SELECT id FROM smstrack.variant WHERE campaign = :narrow)
WHERE message_id IN (SELECT message_id FROM link WHERE n IN (5, 6, 7, 8, 9));
UPDATE smstrack.message SET created_at = now() - interval '30 days' WHERE message_id IN (SELECT message_id FROM link);
CREATE TEMPORARY TABLE click AS
SELECT link.n, link.message_id, h.token, date_trunc('second', c.at) AS at
FROM link CROSS JOIN LATERAL (SELECT now() - (20 - 2 * n) * interval '1 day') AS c (at),
    LATERAL smstrack_hit(code, at => c.at, user_agent => :iphone) AS h;
CREATE FUNCTION pg_temp.token(integer) RETURNS text LANGUAGE sql AS 'SELECT token FROM click WHERE n = $1';
CREATE FUNCTION pg_temp.clicked(integer) RETURNS timestamptz LANGUAGE sql AS 'SELECT at FROM click WHERE n = $1';
CREATE FUNCTION pg_temp.credited(text) RETURNS text LANGUAGE sql AS
    $$SELECT concat_ws(' ', coalesce(l.n::text, 'none'), c.source, c.matched, c.attribution, c.value, c.currency, nullif(c.reversed_value, 0))
      FROM smstrack.conversion AS c LEFT JOIN link AS l ON l.message_id = c.message_id WHERE c.order_id = $1 AND c.goal <> 'refill'$$;
CREATE FUNCTION pg_temp.kept() RETURNS text LANGUAGE sql AS
    'SELECT md5(string_agg(c::text, chr(10) ORDER BY conversion_id)) FROM smstrack.conversion AS c';

-- Credit.
SELECT ok(smstrack_convert(pg_temp.token(1), 'order', 'last', 10.5, 'EUR'), 'a conversion by token counts');
SELECT is(pg_temp.credited('last'), '1 server token last_click 10.5 EUR', 'the token''s own click is credited, though others came later');
SELECT ok(smstrack_convert_recipient('+4915110000001', 'order', 'person', 5, 'EUR'), 'one by recipient counts');
SELECT is(pg_temp.credited('person'), '3 server recipient last_click 5 EUR', 'the last click is credited');
SELECT ok(smstrack_convert_recipient('0049 151 10000001', 'order', 'spelled', 5, 'EUR'), 'a number counts however it is spelled');
SELECT ok(smstrack_convert_recipient('+4915110000001', 'order', 'between', 5, 'EUR', pg_temp.clicked(2) + interval '1 hour'), 'a conversion of the past');
SELECT is(pg_temp.credited('between'), '2 server recipient last_click 5 EUR', 'is credited to the last click before it');
SELECT is(smstrack_convert_recipient('+4915110000009', 'order', 'nobody'), NULL, 'no click, no conversion');
SELECT is(smstrack_convert_recipient('+4915110000001', 'order', 'before', at => pg_temp.clicked(1) - interval '1 day'), NULL, 'nor before the first click');
SELECT is((SELECT count(*) FROM smstrack.conversion WHERE order_id IN ('nobody', 'before')), 0::bigint, 'neither is in the ledger');
SELECT is((SELECT first_conversion_at FROM smstrack.message JOIN link USING (message_id) WHERE n = 1),
          (SELECT at FROM smstrack.conversion WHERE order_id = 'last' AND goal = 'order'), 'the message has its first conversion');

-- Once.
SELECT ok(NOT smstrack_convert(pg_temp.token(1), 'order', 'last', 10.5, 'EUR'), 'the same order counts once');
SELECT ok(NOT smstrack_convert(pg_temp.token(4), 'order', 'last', 10.5, 'EUR'), 'by another click too');
SELECT ok(NOT smstrack_convert_recipient('+4915110000003', 'order', 'last'), 'and by another recipient');
SELECT ok(smstrack_convert(pg_temp.token(1), 'refill', 'last', 1, 'EUR'), 'another goal has orders of its own');
SELECT ok(smstrack_convert(pg_temp.token(1), 'visit'), 'without an order id');
SELECT ok(NOT smstrack_convert(pg_temp.token(1), 'visit'), 'once a click');
SELECT ok(smstrack_convert(pg_temp.token(2), 'visit'), 'the next click counts again');
INSERT INTO smstrack.goal (name, value, currency, counting) VALUES ('signup', 2.5, 'EUR', 'once'), ('lead', 7, 'USD', 'every');
SELECT ok(smstrack_convert(pg_temp.token(1), 'signup'), 'a goal that counts once');
SELECT ok(NOT smstrack_convert(pg_temp.token(2), 'signup', 'other'), 'counts once a recipient, whatever click and order');
SELECT ok(smstrack_convert(pg_temp.token(4), 'signup', 'bob'), 'and for the next recipient');
SELECT is(pg_temp.credited('bob'), '4 server token last_click 2.5 EUR', 'with the goal''s value');
SELECT ok(smstrack_convert(pg_temp.token(4), 'lead', 'lead-1', 3), 'a value without a currency');
SELECT is(pg_temp.credited('lead-1'), '4 server token last_click 3 USD', 'is in the goal''s currency');

-- The browser's word and the server's.
SELECT ok(smstrack_convert_click(pg_temp.token(5), 'order', 'both', '12', 'EUR'), 'a browser reports an order');
SELECT ok(NOT smstrack_convert(pg_temp.token(5), 'order', 'both', 12.34, 'EUR'), 'the server reports it too');
SELECT is((SELECT concat_ws(' ', source, value, client_value, client_at IS NOT NULL, server_at IS NOT NULL) FROM smstrack.conversion WHERE order_id = 'both'),
          'server 12.34 12 t t', 'its word holds, and the browser''s is kept');
SELECT ok(NOT smstrack_convert(pg_temp.token(5), 'order', 'both', 99, 'EUR'), 'a second word of the server');
SELECT is(pg_temp.credited('both'), '5 server token last_click 12.34 EUR', 'changes nothing');
SELECT ok(smstrack_convert(pg_temp.token(5), 'order', 'server first', 8, 'EUR'), 'the server is first');
SELECT ok(NOT smstrack_convert_click(pg_temp.token(5), 'order', 'server first', '1', 'EUR'), 'the browser follows');
SELECT is((SELECT concat_ws(' ', source, value, client_value) FROM smstrack.conversion WHERE order_id = 'server first'), 'server 8 1', 'and its word is noted');
SELECT ok(smstrack_convert_click(pg_temp.token(4), 'lead', 'lead-2', '12', 'EUR') AND NOT smstrack_convert(pg_temp.token(4), 'lead', 'lead-2'), 'the server says nothing of the value');
SELECT is(pg_temp.credited('lead-2'), '4 server token last_click 12 EUR', 'so the browser''s word holds, not the goal''s default');
SELECT ok(smstrack_convert_click(pg_temp.token(5), 'order', 'cookie', by_cookie => true), 'a browser by its cookie');
SELECT is(pg_temp.credited('cookie'), '5 client cookie last_click', 'is told apart');

-- What is refused, by whom it was asked.
CREATE FUNCTION pg_temp.refused(call text, state text, name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE before text := pg_temp.kept();
BEGIN
    RETURN NEXT throws_ok('SELECT smstrack_convert(' || call || ')', state, NULL, name);
    RETURN NEXT is(pg_temp.kept(), before, 'and nothing is written');
END $$;
SELECT pg_temp.refused($$NULL, 'order'$$, '22004', 'no token');
SELECT pg_temp.refused($$pg_temp.token(1), NULL$$, '22004', 'no goal');
SELECT pg_temp.refused($$overlay(pg_temp.token(1) placing 'AA' from 20), 'order', 'x'$$, '22023', 'a forged token');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', ''$$, '22023', 'an empty order id');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', repeat('x', 257)$$, '22023', 'a long order id');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', -0.01, 'EUR'$$, '22003', 'a negative value');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 'NaN', 'EUR'$$, '22003', 'not a number');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 'Infinity', 'EUR'$$, '22003', 'infinity');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 1e15, 'EUR'$$, '22003', 'a huge value');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 1, 'EURO'$$, '22023', 'no currency of three letters');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 1, 'eur'$$, '22023', 'small letters');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 1, 'XTS'$$, '22023', 'the test currency');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 1, 'HRK'$$, '22023', 'a currency that is no more');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 1$$, '22023', 'a value without a currency');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', currency => 'EUR'$$, '22023', 'a currency without a value');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', at => pg_temp.clicked(1) - interval '5 min 1 s'$$, '22008', 'before the click');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', at => now() + interval '1 hour'$$, '22008', 'in the future');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', at => '-infinity'$$, '22008', 'at minus infinity');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', at => 'infinity'$$, '22008', 'at infinity');
SELECT pg_temp.refused($$pg_temp.token(1), 'order', 'x', 999999999999999.9999999, 'EUR'$$, '22003', 'a value that is huge once it is rounded');
SELECT ok(smstrack_convert(pg_temp.token(1), 'order', 'edge', 999999999999999, 'EUR', pg_temp.clicked(1) - interval '5 min'), 'just below the limit, five minutes early');
SELECT ok(smstrack_convert(pg_temp.token(1), 'order', 'binary', 0.1::float8::numeric + 0.2000000000000000111, 'EUR'), 'a binary fraction');
SELECT is(pg_temp.credited('binary'), '1 server token last_click 0.300000 EUR', 'is rounded');
SELECT is(f.counted, false, 'a browser''s nonsense raises no error: ' || f.what) FROM (VALUES
    ('no token', smstrack_convert_click(NULL, 'order', 'y')), ('a forged one', smstrack_convert_click('x', 'order', 'y')),
    ('no goal', smstrack_convert_click(pg_temp.token(1), NULL, 'y')),
    ('a negative value', smstrack_convert_click(pg_temp.token(1), 'order', 'y', '-1', 'EUR')),
    ('no number', smstrack_convert_click(pg_temp.token(1), 'order', 'y', 'NaN', 'EUR')),
    ('an exponent', smstrack_convert_click(pg_temp.token(1), 'order', 'y', '1e99999', 'EUR')),
    ('many digits', smstrack_convert_click(pg_temp.token(1), 'order', 'y', repeat('9', 100), 'EUR')),
    ('no currency', smstrack_convert_click(pg_temp.token(1), 'order', 'y', '1', 'XXX')),
    ('a long order id', smstrack_convert_click(pg_temp.token(1), 'order', repeat('y', 300)))) AS f (what, counted);
SELECT is((SELECT count(*) FROM smstrack.conversion WHERE order_id LIKE 'y%'), 0::bigint, 'and writes nothing');

-- Windows.
UPDATE smstrack.campaign SET attribution_window = '5 days' WHERE id = :narrow;
SELECT pg_temp.refused($$pg_temp.token(4), 'order', 'late', at => pg_temp.clicked(4) + interval '30 days 1 s'$$, '22008', 'in the future and late');
SELECT is(smstrack_convert_recipient('+4915110000003', 'order', 'in time', 1, 'EUR', pg_temp.clicked(9) - interval '1 s'), true, 'within the window of the campaign');
SELECT is(pg_temp.credited('in time'), '8 server recipient last_click 1 EUR', 'the last click that is in time');
SELECT is(smstrack_convert(pg_temp.token(5), 'order', 'fallen', 1, 'EUR'), true, 'where the token''s window is over');
SELECT is(pg_temp.credited('fallen'), '9 server token last_click 1 EUR', 'the recipient''s last click is credited');
UPDATE smstrack.campaign SET attribution_window = '1 hour' WHERE id = :narrow;
SELECT is(smstrack_convert(pg_temp.token(5), 'order', 'late', 1, 'EUR'), NULL, 'all windows are over');
SELECT is(pg_temp.credited('late'), 'none server token last_click 1 EUR', 'so it is credited to none, and kept');
SELECT is(smstrack_convert_recipient('+4915110000003', 'order', 'late', 1, 'EUR'), NULL, 'by recipient too');
UPDATE smstrack.campaign SET attribution_window = NULL WHERE id = :narrow;
UPDATE smstrack.link_domain SET attribution_window = '1 day' WHERE id = :domain;
SELECT is(smstrack_convert(pg_temp.token(5), 'order', 'late', 1, 'EUR'), NULL, 'else the link domain''s window holds');
UPDATE smstrack.link_domain SET attribution_window = NULL WHERE id = :domain;
SELECT ok(smstrack_convert(pg_temp.token(5), 'order', 'late', 1, 'EUR'), 'else the setting''s');
SELECT is(pg_temp.credited('late'), '5 server token last_click 1 EUR', 'which credits what was late before');
SELECT is(smstrack_convert(pg_temp.token(5), 'order', 'late', 1, 'EUR'), false, 'once');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'and counts it once');
UPDATE smstrack.campaign SET attribution = 'first_click' WHERE id = :narrow;
SELECT ok(smstrack_convert(pg_temp.token(8), 'order', 'first', 1, 'EUR'), 'by the first click');
SELECT is(pg_temp.credited('first'), '5 server token first_click 1 EUR', 'the first click in its window is credited');
UPDATE smstrack.campaign SET conversions = false WHERE id = :narrow;
SELECT is(smstrack_convert_recipient('+4915110000003', 'order', 'off'), NULL, 'no conversions where the campaign measures none');
UPDATE smstrack.campaign SET conversions = true WHERE id = :narrow;

-- Hits may be gone: the first click stands in its message.
SAVEPOINT dropped;
DELETE FROM smstrack.hit WHERE message_id IN (SELECT message_id FROM link WHERE n = 4);
SELECT ok(smstrack_convert_recipient('+4915110000002', 'order', 'old', 1, 'EUR'), 'a click without its hit');
SELECT is(pg_temp.credited('old'), '4 server recipient last_click 1 EUR', 'is credited');
ROLLBACK TO dropped;

-- A browser is never told what is wrong, so whoever makes its code is.
SELECT lives_ok($$SELECT smstrack_tracking_code('convert.example', 'order', order_id => 'A-1', value => 9.90, currency => 'EUR')$$, 'a code for a page');
SELECT throws_ok(format('SELECT smstrack_tracking_code(''convert.example'', %s)', f.arguments), f.state, NULL, 'not with ' || f.arguments)
FROM (VALUES ($$''$$, '22023'), ($$repeat('x', 257)$$, '22023'), ($$'order', order_id => ''$$, '22023'), ($$'order', value => 1$$, '22023'),
    ($$'order', currency => 'EUR'$$, '22023'), ($$'order', value => -1, currency => 'EUR'$$, '22003'), ($$'order', value => 'NaN', currency => 'EUR'$$, '22003'),
    ($$'order', value => 1, currency => 'eur'$$, '22023'), ('NULL', '22004')) AS f (arguments, state);
SELECT lives_ok($$SELECT smstrack_tracking_code('convert.example', 'lead', value => 1)$$, 'but without a currency where the goal has one');
SELECT lives_ok($$SELECT smstrack_tracking_code('convert.example', NULL, on_load => false)$$, 'and with nothing where it reports nothing');
SELECT is(smstrack_tracking_code('convert.example', on_load => NULL, privacy_control => NULL), smstrack_tracking_code('convert.example'), 'NULL is as if left out');

-- Batches.
SELECT results_eq(
    $$SELECT ordinal, status, reason IS NULL FROM smstrack_convert_batch(jsonb_build_array(
        jsonb_build_object('token', pg_temp.token(4), 'goal', 'order', 'order_id', 'b1', 'value', 3, 'currency', 'USD'),
        jsonb_build_object('recipient', '+4915110000002', 'goal', 'order', 'order_id', 'b1', 'value', 3, 'currency', 'USD'),
        jsonb_build_object('recipient', '+4915110000002', 'goal', 'order', 'order_id', 'b2', 'value', '3.10', 'currency', 'USD', 'at', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SSOF":00"')),
        7, '{}'::jsonb, '{"goal": 1}'::jsonb, '{"token": "x", "goal": "order"}'::jsonb, '{"recipient": "nobody", "goal": "order"}'::jsonb,
        jsonb_build_object('token', pg_temp.token(4), 'goal', 'order', 'order_id', 'b3', 'value', 1, 'currency', 'xxx'),
        jsonb_build_object('token', pg_temp.token(4), 'goal', 'order', 'order_id', 'b3', 'value', 'x', 'currency', 'EUR'),
        jsonb_build_object('token', pg_temp.token(4), 'goal', 'order', 'order_id', 'b3', 'at', 'yesterday'),
        jsonb_build_object('token', pg_temp.token(4), 'goal', 'order', 'order_id', 'b3', 'at', '2026-13-01T00:00:00Z')))$$,
    $$VALUES (1, 'counted', true), (2, 'known', true), (3, 'counted', true), (4, 'refused', false), (5, 'refused', false), (6, 'refused', false),
        (7, 'refused', false), (8, 'no click', true), (9, 'refused', false), (10, 'refused', false), (11, 'refused', false), (12, 'refused', false)$$,
    'a batch answers each of its conversions');
SELECT is((SELECT string_agg(order_id, ' ' ORDER BY order_id) FROM smstrack.conversion WHERE order_id LIKE 'b_'), 'b1 b2', 'and writes the good ones');
SELECT is_empty($$SELECT * FROM smstrack_convert_batch('[]')$$, 'an empty batch');
SELECT throws_ok($$SELECT * FROM smstrack_convert_batch('{}')$$, '22023', NULL, 'no array');
SELECT throws_ok($$SELECT * FROM smstrack_convert_batch((SELECT jsonb_agg(1) FROM generate_series(1, 10001)))$$, '54000', NULL, 'too many');

-- Taking back.
SELECT ok(smstrack_reverse('order', 'last', 3, 'refund 1'), 'a part is taken back');
SELECT ok(NOT smstrack_reverse('order', 'last', 3, 'refund 1'), 'once by its id');
SELECT throws_ok($$SELECT smstrack_reverse('order', 'last', 7.51)$$, '22003', NULL, 'not more than is left');
SELECT throws_ok($$SELECT smstrack_reverse('order', 'last', 0)$$, '22003', NULL, 'not nothing');
SELECT throws_ok($$SELECT smstrack_reverse('order', 'last', -1)$$, '22003', NULL, 'nothing negative');
SELECT throws_ok($$SELECT smstrack_reverse('order', 'last', 'NaN')$$, '22003', NULL, 'no nonsense');
SELECT throws_ok($$SELECT smstrack_reverse('order', 'no such')$$, '42704', NULL, 'no unknown order');
SELECT throws_ok($$SELECT smstrack_reverse('order', NULL)$$, '22004', NULL, 'no order at all');
SELECT ok(smstrack_reverse('order', 'last'), 'the rest is taken back');
SELECT ok(NOT smstrack_reverse('order', 'last'), 'once');
SELECT is(pg_temp.credited('last'), '1 server token last_click 10.5 EUR 10.5', 'the ledger keeps both');
SELECT ok((SELECT reversed_at IS NOT NULL FROM smstrack.conversion WHERE order_id = 'last' AND goal = 'order'), 'and that nothing is left');
SELECT ok(NOT smstrack_convert(pg_temp.token(1), 'order', 'last', 10.5, 'EUR'), 'an order that was taken back does not count again');
SELECT ok(smstrack_convert(pg_temp.token(4), 'trial', 'no value'), 'an order without a value');
SELECT throws_ok($$SELECT smstrack_reverse('trial', 'no value', 1)$$, '22023', NULL, 'cannot be taken back in part');
SELECT ok(smstrack_reverse('trial', 'no value') AND NOT smstrack_reverse('trial', 'no value'), 'but wholly, once');
SELECT ok(smstrack_convert(pg_temp.token(4), 'trial', 'fraction', 0.30000000000000004, 'EUR')
    AND smstrack_reverse('trial', 'fraction', 0.30000000000000004, 'r'), 'a binary fraction is taken back as it was counted');
SELECT throws_ok($$SELECT smstrack_reverse('trial', 'fraction', 0.0000001)$$, '22003', NULL, 'and noise is nothing');
SELECT results_eq($$SELECT status FROM smstrack_convert_batch(jsonb_build_array(
        jsonb_build_object('token', pg_temp.token(4), 'goal', 'trial', 'order_id', 4711), jsonb_build_object('token', pg_temp.token(4), 'goal', 'trial', 'order_id', '4711')))
    UNION ALL SELECT status FROM smstrack_reverse_batch('[{"goal": "trial", "order_id": 4711}]')$$,
    $$VALUES ('counted'), ('known'), ('reversed')$$, 'an order id may be a number');
SELECT results_eq(
    $$SELECT ordinal, status FROM smstrack_reverse_batch('[{"goal": "order", "order_id": "b1", "value": 1, "reversal_id": "r"},
        {"goal": "order", "order_id": "b1", "value": "1.5", "reversal_id": "s"}, {"goal": "order", "order_id": "b1", "value": 1, "reversal_id": "r"},
        {"goal": "order", "order_id": "b1", "value": 1, "reversal_id": "t"}, 5, {"goal": "order"}, {"goal": "order", "order_id": "none"}]')$$,
    $$VALUES (1, 'reversed'), (2, 'reversed'), (3, 'known'), (4, 'refused'), (5, 'refused'), (6, 'refused'), (7, 'refused')$$, 'a batch of reversals');
SELECT is(pg_temp.credited('b1'), '4 server token last_click 3 USD 2.5', 'takes back what can be');
SELECT ok(smstrack_convert_click(pg_temp.token(4), 'order', 'taken', '5', 'EUR') AND smstrack_reverse('order', 'taken', 2, 'r')
    AND NOT smstrack_convert(pg_temp.token(4), 'order', 'taken', 1, 'EUR'), 'the server''s word after a reversal');
SELECT is(pg_temp.credited('taken'), '4 server token last_click 5 EUR 2', 'does not change what was taken back of');

-- Sums.
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'the sums are those of the ledger');
SELECT is_empty('SELECT * FROM smstrack.tally_difference', 'and those of hits are of the hits');
SELECT is((SELECT sum(converters) FROM smstrack.converter_tally), (SELECT count(*)::numeric FROM smstrack.message WHERE first_conversion_at IS NOT NULL), 'every message with a conversion is counted once');
SELECT is((SELECT count(DISTINCT currency) FROM smstrack.conversion_position_tally WHERE value > 0), 2::bigint, 'currencies are not summed up');
SELECT smstrack.upkeep_fold('smstrack.conversion_tally') \g /dev/null
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'folding changes nothing');
SELECT is((SELECT count(*) FROM smstrack.conversion_tally WHERE slot <> 0), 0::bigint, 'but the rows');

-- Attribution again.
CREATE TEMPORARY TABLE kept AS SELECT * FROM smstrack.conversion;
UPDATE smstrack.campaign SET attribution = 'last_click' WHERE id = :narrow;
SELECT cmp_ok(smstrack_attribute('-infinity'), '>', 0::bigint, 'under another rule conversions are credited anew');
SELECT is(pg_temp.credited('first'), '8 server token last_click 1 EUR', 'to the token''s click');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'and the sums follow');
UPDATE smstrack.link_domain SET attribution_window = '1 minute' WHERE id = :domain;
SELECT cmp_ok(smstrack_attribute('-infinity'), '>', 10::bigint, 'under a window of a minute');
SELECT is(pg_temp.credited('both'), 'none server token last_click 12.34 EUR', 'they are credited to no click');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'the sums follow');
SELECT is((SELECT sum(conversions) FROM smstrack.conversion_position_tally), (SELECT count(*)::numeric FROM smstrack.conversion WHERE message_id IS NOT NULL), 'down to those that came at once');
SELECT is((SELECT count(*) FROM smstrack.message WHERE first_conversion_at IS NOT NULL),
          (SELECT count(DISTINCT message_id) FROM smstrack.conversion), 'messages too');
SELECT ok(smstrack_reverse('order', 'both', 1, 'while none'), 'what is credited to none is taken back as well');
UPDATE smstrack.link_domain SET attribution_window = NULL WHERE id = :domain;
UPDATE smstrack.campaign SET attribution = 'first_click', attribution_window = '5 days' WHERE id = :narrow;
SELECT cmp_ok(smstrack_attribute('-infinity'), '>', 10::bigint, 'candidates were kept');
UPDATE smstrack.campaign SET attribution_window = NULL WHERE id = :narrow;
UPDATE smstrack.campaign SET attribution = 'last_click' WHERE id = :narrow;
SELECT smstrack_attribute('-infinity') \g /dev/null
SELECT is(smstrack_attribute('-infinity'), 0::bigint, 'a second time nothing changes');
SELECT is_empty('SELECT order_id, message_id, "position", clicked_at FROM smstrack.conversion WHERE order_id NOT IN (''first'', ''fallen'', ''in time'')
    EXCEPT SELECT order_id, message_id, "position", clicked_at FROM kept', 'all are back where they were');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'and so are the sums');
SELECT is(smstrack_attribute(now() + interval '1 day'), 0::bigint, 'nothing since tomorrow');

-- What came too late is kept, and a wider window credits it as if it had always been that wide.
SELECT sum(conversions) AS before FROM smstrack.conversion_position_tally \gset
UPDATE smstrack.link_domain SET attribution_window = '1 hour' WHERE id = :domain;
SELECT is(smstrack_convert(pg_temp.token(6), 'late', 'wide', 3, 'EUR'), NULL, 'late by token') FROM generate_series(1, 2);
SELECT is(smstrack_convert_recipient('+4915110000002', 'late'), NULL, 'by recipient, without an order id') FROM generate_series(1, 2);
SELECT is(smstrack_convert_click(pg_temp.token(7), 'late', 'browser'), false, 'and by a browser');
SELECT is((SELECT string_agg(status, ' ') FROM smstrack_convert_batch(jsonb_build_array(
    jsonb_build_object('token', pg_temp.token(8), 'goal', 'late', 'order_id', 'batch'), jsonb_build_object('recipient', '+4915119999999', 'goal', 'late')))),
    'late no click', 'a batch says which is late, and which nobody clicked for');
SELECT is(smstrack_convert_recipient('+4915110000003', 'signup', 'too late'), NULL, 'a goal that counts once');
SELECT throws_ok($$SELECT smstrack_convert(pg_temp.token(4), 'late', 'early', at => pg_temp.clicked(4) - interval '6 minutes')$$, '22008', NULL, 'what came before its click is refused still');
SELECT is((SELECT count(*) FROM smstrack.conversion WHERE goal = 'late'), 4::bigint, 'each is kept once');
SELECT is((SELECT sum(conversions) FROM smstrack.conversion_position_tally), :before::numeric, 'and counted nowhere');
SELECT is((SELECT count(*) FROM smstrack_export_person('+4915110000002') WHERE source = 'smstrack.conversion' AND stored->>'goal' = 'late'), 1::bigint, 'a person''s are told to him');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'the sums are those of the ledger');
SELECT ok(smstrack_reverse('late', 'browser'), 'what is late is taken back as well');
UPDATE smstrack.link_domain SET attribution_window = NULL WHERE id = :domain;
SELECT ok(smstrack_convert_recipient('+4915110000003', 'signup', 'in time'), 'counts the first that is in time');
SELECT ok(smstrack_reverse('signup', 'in time'), 'which is taken back by its own order id');
SELECT cmp_ok(smstrack_attribute('-infinity'), '>=', 4::bigint, 'a wider window');
SELECT results_eq($$SELECT coalesce(order_id, 'none'), l.n FROM smstrack.conversion LEFT JOIN link AS l USING (message_id) WHERE goal = 'late' ORDER BY 1$$,
    $$VALUES ('batch', 8), ('browser', 7), ('none', 4), ('wide', 6)$$, 'credits them');
SELECT is((SELECT sum(conversions) FROM smstrack.conversion_position_tally), :before::numeric + 5, 'and counts them');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'exactly');
SELECT is(smstrack_convert_recipient('+4915110000002', 'late'), false, 'what was late is known now');

-- A conversion proves that its click was a person's.
SELECT is((SELECT string_agg(DISTINCT class || confidence || (signs & 64)::text, ' ') FROM smstrack.hit JOIN link USING (message_id) WHERE n = 4), 'c364', 'the click is certain');
CREATE TEMPORARY TABLE unsure AS
SELECT p.message_id, h.token FROM smstrack_prepare('https://a.example/', '+4915110000004') AS p,
    LATERAL smstrack_hit(smstrack_code(p.message_id, 0, 'convert.example'), user_agent => 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36') AS h;
SELECT is((SELECT class || confidence FROM smstrack.hit JOIN unsure USING (message_id)), 'c1', 'an unsure click');
SELECT ok(smstrack_convert(token, 'order', 'proof', 1, 'EUR'), 'converts') FROM unsure;
SELECT is((SELECT class || confidence || smstrack.rule_name(rule) FROM smstrack.hit JOIN unsure USING (message_id)), 'c3conversion', 'and is certain');
UPDATE smstrack.hit SET class = 'b', rule = 10, signs = 0 WHERE message_id = (SELECT message_id FROM unsure);
SELECT ok(smstrack_convert(token, 'order', 'proof 2', 1, 'EUR'), 'one that a burst has made a bot''s') FROM unsure;
SELECT is((SELECT class || confidence FROM smstrack.hit JOIN unsure USING (message_id)), 'c3', 'is a person''s again');

-- Test messages, opt-out links, other accounts.
CREATE TEMPORARY TABLE trial AS
SELECT p.message_id, h.token FROM smstrack_prepare('https://a.example/', '+4915110000005', test => true) AS p,
    LATERAL smstrack_hit(smstrack_code(p.message_id, 0, 'convert.example'), user_agent => :iphone) AS h;
SELECT ok(smstrack_convert(token, 'order', 'test', 1, 'EUR'), 'a test message converts') FROM trial;
SELECT is((SELECT count(*) FROM smstrack.conversion_part JOIN trial USING (message_id)), 0::bigint, 'outside all sums');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'as the tally has it');
-- Who tries a campaign may be a customer as well: his orders are of what he was really sent.
SELECT smstrack_campaign('tried', 'https://a.example/', purpose => 'transactional') \g /dev/null
UPDATE smstrack.campaign SET attribution = 'first_click' WHERE name = 'tried';
CREATE TEMPORARY TABLE tried AS
SELECT t.test, p.message_id, h.token FROM (VALUES (false, interval '1 hour'), (true, interval '0')) AS t (test, ago),
    LATERAL smstrack_prepare(NULL, '+4915110000006', campaign => 'tried', test => t.test) AS p,
    LATERAL smstrack_hit(smstrack_code(p.message_id, 0, 'convert.example'), now() - t.ago, user_agent => :iphone) AS h;
SELECT ok(smstrack_convert_recipient('+4915110000006', 'order', 'customer'), 'an order of a customer who clicked a test last');
SELECT ok(smstrack_convert(token, 'order', 'trial'), 'and one that the test''s click names') FROM tried WHERE test;
SELECT results_eq($$SELECT c.order_id, t.test, c.test FROM smstrack.conversion AS c JOIN tried AS t USING (message_id) ORDER BY 1$$,
    $$VALUES ('customer', false, false), ('trial', true, true)$$, 'each is credited to its own message');
SELECT smstrack_attribute('-infinity') \g /dev/null
SELECT results_eq($$SELECT c.order_id, t.test FROM smstrack.conversion AS c JOIN tried AS t USING (message_id) ORDER BY 1$$,
    $$VALUES ('customer', false), ('trial', true)$$, 'and is when it is attributed again');
SET smstrack.account = 'other';
SELECT is(smstrack_convert_recipient('+4915110000001', 'order', 'theirs'), NULL, 'another account knows no recipient of this one');
SELECT throws_ok($$SELECT smstrack_reverse('order', 'both')$$, '42704', NULL, 'and no order');
SELECT is((SELECT status FROM smstrack_convert_batch(jsonb_build_array(jsonb_build_object('token', pg_temp.token(1), 'goal', 'order', 'order_id', 'theirs')))), 'refused', 'nor a token');
SELECT is(smstrack_attribute('-infinity'), 0::bigint, 'and attributes nothing of it');
RESET smstrack.account;

-- Forgotten.
SELECT count(*) FROM smstrack_forget('+4915110000001') \g /dev/null
SELECT throws_ok($$SELECT smstrack_convert(pg_temp.token(1), 'order', 'gone')$$, '42704', NULL, 'a token of somebody who was erased');
SELECT is((SELECT count(*) FROM smstrack.clicker JOIN link USING (message_id) WHERE recipient = '+4915110000001'), 0::bigint, 'his clicks are not found any more');
SELECT is((SELECT count(*) FROM smstrack.conversion JOIN link USING (message_id) WHERE n <= 3 AND (order_id NOT LIKE 'forgotten %' OR once_key NOT LIKE 'forgotten %')), 0::bigint, 'nor his orders');
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'the sums stay');
SELECT smstrack_attribute('-infinity') \g /dev/null
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'whatever is attributed');

-- Nobody changes what smstrack.goal does not allow.
SELECT throws_ok($$INSERT INTO smstrack.goal (name, value) VALUES ('x', 1)$$, '23514', NULL, 'a value needs a currency');
SELECT throws_ok($$INSERT INTO smstrack.goal (name, value, currency) VALUES ('x', 1, 'XXX')$$, '23514', NULL, 'a known one');
SELECT throws_ok($$INSERT INTO smstrack.goal (name, value, currency) VALUES ('x', 'NaN', 'EUR')$$, '23514', NULL, 'and is a number');
SELECT throws_ok($$INSERT INTO smstrack.goal (name, counting) VALUES ('x', 'twice')$$, '23514', NULL, 'every or once');
SELECT * FROM finish();
ROLLBACK;
