-- Hand-over: batches, leases, and delivery reports twice and in any order.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
SELECT smstrack_domain('h.example') > 0 AS made;
RESET client_min_messages;
SET timezone = 'UTC';
CREATE TEMPORARY TABLE audience AS SELECT '+4915100000' || n AS recipient FROM generate_series(10, 19) AS n;
INSERT INTO smstrack.price (prefix, segment_price, currency) VALUES ('', 0.07, 'EUR');
SELECT smstrack_campaign('spring', 'x') > 0 AS made;
SELECT prepared FROM smstrack_launch('spring', 'audience');

-- A batch is one taker's until its lease ends; a taker that dies gives it back.
SELECT count(*) AS first, max(takes) AS takes FROM smstrack_take('spring', 4, '1 hour');
SELECT count(*) AS second FROM smstrack_take(n => 4, lease => '1 millisecond');
SELECT pg_sleep(0.01);
SELECT count(*) AS rest, count(*) FILTER (WHERE takes = 2) AS again FROM smstrack_take('spring', 100, '1 hour');
SELECT count(*) AS nothing_left FROM smstrack_take('spring');

-- Reports in any order end the same.
CREATE TEMPORARY TABLE report (n int, status text, at timestamptz, error text, charged numeric);
INSERT INTO report VALUES
    (1, 'accepted', '2025-01-01 10:00', NULL, NULL),
    (2, 'sent', '2025-01-01 10:01', NULL, 0.08),
    (3, 'failed', '2025-01-01 10:02', 'no answer', NULL),
    (4, 'delivered', '2025-01-01 10:03', NULL, 0.08),
    (5, 'delivered', '2025-01-01 10:05', NULL, 0.08);
CREATE TEMPORARY TABLE message_of AS
SELECT message_id, row_number() OVER (ORDER BY message_id) AS n FROM smstrack.message;
-- Each message gets them in another order: rotated, and one call a report.
DO $$
DECLARE
    m record;
BEGIN
    FOR m IN
        SELECT o.message_id, r.* FROM message_of AS o, report AS r WHERE o.n <= 5
        ORDER BY o.n, (r.n * (1 + o.n % 2) + o.n) % 5
    LOOP
        PERFORM smstrack_report(ARRAY[m.message_id], ARRAY[m.status], ARRAY[m.at], ARRAY[m.error], ARRAY[m.charged], 'EUR');
    END LOOP;
END
$$;
SELECT status, status_at, sent_at, error, charged_cost, currency, count(*)
FROM smstrack.message GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1;
-- All in one call, and a second time.
SELECT smstrack_report(array_agg(message_id), array_agg(status), array_agg(at), array_agg(error), array_agg(charged)) AS changed
FROM message_of AS o, report AS r WHERE o.n = 6;
SELECT smstrack_report(array_agg(message_id), array_agg(status), array_agg(at), array_agg(error), array_agg(charged)) AS changed_again
FROM message_of AS o, report AS r WHERE o.n <= 6;
SELECT count(*), count(DISTINCT (status, status_at, sent_at, error, charged_cost)) AS kinds
FROM smstrack.message WHERE status = 'd';
SELECT count(*) AS waiting FROM smstrack.outbox;
SELECT smstrack_report('{}', '{}') AS none, smstrack_report('{999999}', '{sent}') AS unknown;

-- A provider's clock ahead: nothing was sent later than it was reported, and who clicks is no bot.
SELECT message_id AS single FROM smstrack_prepare('https://a.example/', '+4915100000020') \gset
SELECT smstrack_report(ARRAY[:single], '{sent}', ARRAY[now() + interval '2 hours']) AS changed;
SELECT m.sent_at <= now() AS sent, h.class
FROM smstrack.message AS m,
    smstrack_hit(smstrack_code(m.message_id), user_agent => 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36') AS h
WHERE m.message_id = :single;
-- Nor after a click, where the report has no time: it comes later than what it reports.
SELECT message_id AS early FROM smstrack_prepare('https://a.example/', '+4915100000021') \gset
SELECT class FROM smstrack_hit(smstrack_code(:early), user_agent => 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36');
SELECT smstrack_report(ARRAY[:early], '{sent}') AS changed, smstrack_reclassify(now() - interval '1 day') AS judged_anew;
SELECT class, m.sent_at = m.first_click_at AS sent_by_then FROM smstrack.hit AS h JOIN smstrack.message AS m USING (message_id) WHERE message_id = :early;
-- Where it has one, a scanner may have been earlier.
SELECT smstrack_report(ARRAY[:early], '{sent}', ARRAY[now() - interval '1 hour']) AS changed, smstrack_reclassify(now() - interval '1 day') AS judged_anew;
SELECT message_id AS scanned FROM smstrack_prepare('https://a.example/', '+4915100000022') \gset
SELECT class FROM smstrack_hit(smstrack_code(:scanned), user_agent => 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36');
SELECT smstrack_report(ARRAY[:scanned], '{sent}', ARRAY[now()]) AS changed, smstrack_reclassify(now() - interval '1 day') AS judged_anew;
SELECT class FROM smstrack.hit WHERE message_id = :scanned;

-- Who opts out after the launch gets no marketing any more; another one is taken instead.
SELECT smstrack_campaign('news', 'News', purpose => 'marketing') > 0 AND smstrack_campaign('notice', 'Notice', purpose => 'transactional') > 0 AS made;
SELECT n.prepared AS news, m.prepared AS notices FROM smstrack_launch('news', 'audience') AS n, smstrack_launch('notice', 'audience') AS m;
SELECT prepared AS tests FROM smstrack_launch('news', 'audience', max_recipients => 1, test => true);
SELECT smstrack_opt_outs('{+491510000010,+491510000011,+491510000012}') AS opted_out;
SELECT count(*) FILTER (WHERE test) AS tests, count(*) FILTER (WHERE NOT test) AS news, min(recipient) FILTER (WHERE NOT test) AS first
FROM smstrack_take('news', 4);
SELECT count(*) AS rest FROM smstrack_take('news');
SELECT count(*) AS notices FROM smstrack_take('notice');
SELECT m.status, count(*) FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign AND c.name = 'news'
WHERE NOT EXISTS (SELECT FROM smstrack.outbox AS o WHERE o.message_id = m.message_id) GROUP BY 1;
SELECT count(*) AS back FROM unnest('{+491510000010,+491510000011,+491510000012}'::text[]) AS r WHERE smstrack_opt_in(r);

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
SELECT * FROM pg_temp.complaint($$SELECT smstrack_take('summer')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_take('spring', 0)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_take('spring', 1, '0')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_report('{1,2}', '{sent}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_report('{1}', '{posted}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_report(NULL, '{sent}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_report('{1}', '{sent}', currency => 'euro')$$);
SELECT regexp_replace(message, '\d+', 'N'), regexp_replace(detail, '\d+', 'N') AS detail, hint
FROM pg_temp.complaint($$SELECT smstrack_report(array_agg(message_id), '{sent}', charged => '{1}', currency => 'USD')
    FROM message_of WHERE n = 7$$);
-- What would spoil sums, or reports by the hour.
SELECT * FROM pg_temp.complaint($$SELECT smstrack_report('{1,2}', '{sent,sent}', '{NULL,infinity}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_report('{1}', '{sent}', '{-infinity}')$$);
SELECT value, c.* FROM unnest('{NaN,Infinity,-0.01,1000000000000000}'::numeric[]) AS value,
    pg_temp.complaint(format($$SELECT smstrack_report('{1,2}', '{sent,sent}', charged => '{0,%s}')$$, value)) AS c;
SET smstrack.account = 'unpriced';
SELECT smstrack_domain('unpriced.example') > 0 AS made;
SELECT smstrack_campaign('unpriced', 'x') > 0 AS made;
SELECT prepared FROM smstrack_launch('unpriced', 'audience', 1);
SELECT regexp_replace(c.message, '\d+', 'N') AS message, regexp_replace(c.detail, '\d+', 'N') AS detail, c.hint
FROM pg_temp.complaint($$SELECT smstrack_report(array_agg(message_id), '{sent}', charged => '{1}') FROM smstrack.message WHERE currency IS NULL$$) AS c;
SELECT smstrack_report(array_agg(message_id), '{sent}', charged => '{1}', currency => 'USD') AS changed FROM smstrack.message WHERE currency IS NULL;
-- Another account's messages are none: nothing is told of them.
RESET smstrack.account;
SELECT * FROM pg_temp.complaint($$SELECT smstrack_report(array_agg(message_id), '{sent}', charged => '{1}', currency => 'EUR')
    FROM smstrack.message WHERE currency = 'USD'$$);
\x off

-- Where a trigger stands on the tables, rows go another way, and nothing else changes.
BEGIN;
CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.attributes := NULL; RETURN NEW; EXCEPTION WHEN OTHERS THEN RETURN NEW; END$$;
CREATE TRIGGER note BEFORE INSERT ON smstrack.message FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
CREATE TRIGGER note BEFORE INSERT ON smstrack.outbox FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
SELECT smstrack_campaign('triggered', 'Hi https://a.example/') > 0 AS made;
SELECT prepared FROM smstrack_launch('triggered', 'audience');
SELECT count(*) FROM smstrack.message AS m JOIN smstrack.outbox AS o USING (message_id) JOIN smstrack.campaign AS c ON c.id = m.campaign
WHERE c.name = 'triggered' AND m.recipient = o.recipient AND m.links = 1;
ROLLBACK;
