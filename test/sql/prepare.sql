-- One message end to end: prepared, viewed, clicked, converted, reported.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
RESET client_min_messages;
SET timezone = 'UTC';

-- Straight after CREATE EXTENSION: links to this machine, and one warning a statement.
SELECT regexp_replace(smstrack_rewrite('Shop https://shop.example/a?b=1 now', '+4915112345678'),
                      '/[0-9A-Za-z]{8} ', '/CODE ');
SELECT count(smstrack_rewrite('No link here', '+49151' || n)) FROM generate_series(1, 3) AS n;

-- The own domain.
SELECT smstrack_domain('Go.Example.com', path_prefix => 'x') > 0 AS made;
SELECT host, scheme, path_prefix, code_length, status, octet_length(key_check) AS key_check
FROM smstrack.link_domain ORDER BY id;
SELECT regexp_replace(smstrack_rewrite('Shop https://shop.example/a?b=1 now', '+4915112345678'),
                      '/[0-9A-Za-z]{8} ', '/CODE ');

-- The whole row.
CREATE TEMPORARY TABLE sent AS
SELECT *
FROM smstrack_prepare('Order 4711 is on its way: https://track.example/4711 Help: https://shop.example/hilfe?x=ä#top.',
                      '+4915112345679', label => 'order 4711', keep_body => true);
SELECT regexp_replace(body, '/[0-9A-Za-z]{8}\M', '/CODE', 'g') AS body, links, encoding_before,
       encoding_after, segments_before, segments_after, warnings
FROM sent;
SELECT target_urls, label, links, code_length, body IS NOT NULL AS kept FROM smstrack.message
WHERE message_id = (SELECT message_id FROM sent);

-- Codes resolve, with what phones append.
CREATE TEMPORARY TABLE code AS
SELECT n AS position, smstrack_code(message_id, n) AS code FROM sent, generate_series(0, 1) AS n;
SELECT sent.body LIKE '%https://go.example.com/x/' || code || '%' AS in_body FROM sent, code;
SELECT r.status, r.target_url, r.position, r.message_id = sent.message_id AS same
FROM sent, code, smstrack_resolve(code.code || CASE code.position WHEN 0 THEN '.' ELSE ')…' END) AS r
ORDER BY code.position;
SELECT r.* FROM smstrack_resolve('00000000') AS r;
SELECT r.status FROM code, smstrack_resolve(code.code, 'elsewhere.example') AS r;
SELECT r.status FROM code, smstrack_resolve(code.code, 'GO.example.com:443') AS r;
SELECT smstrack_code(message_id, 1, 'go.example.com') = smstrack_code(message_id, 1) AS same FROM sent;

-- A preview, a click, the click's conversion.
\set iphone 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
\set preview 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0'
UPDATE smstrack.message SET created_at = '2026-03-01 09:00+00' WHERE message_id = (SELECT message_id FROM sent);
SELECT h.status, h.target_url, h.class, h.token
FROM code, smstrack_hit(code.code, '2026-03-01 10:00+00', '203.0.113.77', :'preview') AS h WHERE code.position = 0;
CREATE TEMPORARY TABLE click AS
SELECT h.* FROM code, smstrack_hit(code.code, '2026-03-01 10:05+00', '2001:db8:1:2::3', :'iphone',
                                   request_id => '00000000-0000-0000-0000-000000000001') AS h
WHERE code.position = 0;
SELECT ordinal, status, replace(target_url, token, 'TOKEN') AS target_url, class, length(token) AS token, cookie_domain, cookie_max_age FROM click;
SELECT h.class FROM code, smstrack_hit(code.code, '2026-03-01 10:05+00', '2001:db8:1:2::3', :'iphone',
                                       request_id => '00000000-0000-0000-0000-000000000001') AS h
WHERE code.position = 0;
SELECT h.status FROM smstrack_hit('not a code') AS h;
SELECT h.status FROM smstrack_hit(NULL) AS h;
SELECT smstrack_convert(token, 'order', 'A-1', 49.90, 'EUR', '2026-03-01 10:20+00') AS recorded FROM click;
SELECT smstrack_convert(token, 'order', 'A-1', 49.90, 'EUR') AS recorded_again FROM click;
SELECT smstrack_convert(token, 'registration', at => '2026-03-02') AS recorded FROM click;
SELECT smstrack_convert(token, 'registration', at => '2026-03-03') AS recorded_again FROM click;
SELECT smstrack_convert(token, 'visit') AS late FROM click;
SELECT class, address, "position", at FROM smstrack.hit ORDER BY at;
SELECT os, device FROM smstrack.user_agent ORDER BY user_agent;
SELECT goal, order_id, value, currency, source, clicked_at FROM smstrack.conversion ORDER BY conversion_id;

SELECT recipient, label, status, links, segments_before, segments_after, viewed, first_view_at, clicked,
       first_click_at, converted, first_conversion_at
FROM smstrack.message_report WHERE label = 'order 4711';
SELECT position, recipient, target_url, views, first_click_at, clicks, bots, conversions
FROM smstrack.click_report WHERE label = 'order 4711' ORDER BY position;

-- Without tracking the message stands in the logbook, and the body stays as it is.
SELECT body, links FROM smstrack_prepare('See https://a.example/', '1', track => false);

-- The same key prepares once.
CREATE TEMPORARY TABLE twice AS
SELECT a.message_id AS first, b.message_id AS second, a.body = b.body AS same_body
FROM smstrack_prepare('Code https://a.example/', '1', idempotency_key => 'k1') AS a,
     smstrack_prepare('Code https://a.example/', '1', idempotency_key => 'k1') AS b;
SELECT first = second AS same_message, same_body FROM twice;
SELECT count(*) FROM smstrack.message WHERE message_id = (SELECT first FROM twice);
SELECT message_id FROM smstrack_prepare('Another https://a.example/', '1', idempotency_key => 'k1');

-- A message that gets dearer: 159 septets become more than 160.
SELECT segments_before, segments_after, warnings
FROM smstrack_prepare(repeat('x', 145) || ' http://a.de/1', '1');
SELECT segments_after, warnings FROM generate_series(0, 1) AS n,
     smstrack_prepare(repeat('x', 255 * 153 + n), '+4915112345679') ORDER BY n;

-- The same key is refused where the body's links are found otherwise by now: a code must not
-- stand for another link.
SELECT links FROM smstrack_prepare('https://x.example/a https://y.example/b', '1', idempotency_key => 'k2');
SELECT smstrack_domain('x.example') > 0 AS made;
SELECT links FROM smstrack_prepare('https://x.example/a https://y.example/b', '1', idempotency_key => 'k2');

-- What is cached is given back and read anew.
SELECT length(smstrack_code(5, 0, 'x.example')) AS before, smstrack_domain('x.example', expiry => '1 year') > 0 AS changed;
SELECT length(smstrack_code(5, 0, 'x.example')) AS after;

-- A lost length is an error, and so is a conversion that cannot have followed its click.
SELECT smstrack_convert(token, 'order', 'A-2', at => '-infinity') FROM click;
SELECT smstrack_convert(token, 'order', 'A-2', at => '2026-02-01') FROM click;
UPDATE smstrack.link_domain SET former_code_lengths = '{6}' WHERE host = 'x.example';
UPDATE smstrack.link_domain SET host = 'other.example' WHERE host = 'x.example';

-- Parallel workers compute codes too.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE number AS SELECT n FROM generate_series(1, 20000) AS n;
ANALYZE number;
SELECT count(DISTINCT smstrack_code(n, 0, 'x.example')) FROM number;
CREATE TABLE coded AS SELECT smstrack_code(n, 0, 'x.example') AS code FROM number;
SELECT count(DISTINCT code) FROM coded;
DROP TABLE number, coded;
