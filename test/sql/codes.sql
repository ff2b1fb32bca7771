-- Codes: every length, lengthening, and what happens when a length fills up.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
RESET client_min_messages;
SET client_min_messages = error;
SELECT count(smstrack_domain('l' || n || '.example', code_length => n)) FROM generate_series(6, 10) AS n;
RESET client_min_messages;
CREATE TEMPORARY TABLE made AS
SELECT n, message_id, body
FROM generate_series(6, 10) AS n,
     smstrack_prepare('https://a.example/' || n, '1', link_domain => 'l' || n || '.example');
SELECT n, length(substring(body from '[^/]+$')) AS length, r.status, r.target_url
FROM made, smstrack_resolve(substring(body from '[^/]+$'), 'l' || n || '.example') AS r ORDER BY n;

-- Codes are one to one, and say nothing of their neighbours.
SELECT count(DISTINCT code), bool_and(code ~ '^[0-9A-Za-z]{8}$') AS form,
       count(*) FILTER (WHERE left(code, 3) = left(previous, 3)) < 5 AS neighbours_differ
FROM (SELECT code, lag(code) OVER (ORDER BY n) AS previous
      FROM generate_series(1, 20000) AS n, smstrack_code(n, n % 16, 'l8.example') AS code) AS c;

-- Lengthening keeps the codes that are out.
SELECT smstrack_domain('l6.example', code_length => 7) > 0 AS lengthened;
SELECT code_length, former_code_lengths FROM smstrack.link_domain WHERE host = 'l6.example';
SELECT r.status, r.target_url FROM made, smstrack_resolve(substring(body from '[^/]+$'), 'l6.example') AS r WHERE n = 6;
SELECT smstrack_code(message_id) = substring(body from '[^/]+$') AS same_code FROM made WHERE n = 6;
SELECT length(substring(smstrack_rewrite('https://a.example/', '1', 'l6.example') from '[^/]+$')) AS new_length;
-- A code of the new length for the old message is none: it was never made.
SELECT r.status FROM made, smstrack_resolve(smstrack_code(message_id, 0, 'l6.example'), 'l6.example') AS r WHERE n = 6;

-- The odds of a guess: live links by the codes there are.
SELECT smstrack_guess_odds('l8.example') * 62::float8 ^ 8 AS live_links;
SELECT smstrack_guess_odds('l10.example') < 1e-17 AS small;

-- Half full: a warning, once a statement. Full: an error, and no code.
SELECT smstrack_domain('short.example', code_length => 6) > 0 AS made;
SELECT length(smstrack_code(1775007361, 15, 'short.example'));
SELECT length(smstrack_code(1775007362, 15, 'short.example'));
SELECT count(smstrack_code(n, 0, 'short.example')) FROM generate_series(1775007363, 1775007365) AS n;
SELECT length(smstrack_code(3550014723, 0, 'short.example'));
SELECT smstrack_code(3550014724, 0, 'short.example');

-- Expired and disabled links are not found, like those that never were.
SELECT smstrack_domain('brief.example', expiry => '1 hour') > 0 AS made;
SELECT message_id AS brief FROM smstrack_prepare('https://a.example/', '1', link_domain => 'brief.example') \gset
SELECT h.status FROM smstrack_hit(smstrack_code(:brief), now() + '59 minutes', host => 'brief.example') AS h;
SELECT h.status FROM smstrack_hit(smstrack_code(:brief), now() + '61 minutes', host => 'brief.example') AS h;
SELECT smstrack_domain('brief.example', status => 'disabled') > 0 AS disabled;
SELECT r.status FROM smstrack_resolve(smstrack_code(:brief), 'brief.example') AS r;

-- Aliases lead to the same links, and are short links already.
SELECT smstrack_domain('l9.example', alias_hosts => '{m9.example}') > 0 AS aliased;
SELECT r.status FROM made, smstrack_resolve(substring(body from '[^/]+$'), 'm9.example') AS r WHERE n = 9;
SELECT links, warnings, body
FROM smstrack_prepare('https://m9.example/abcdefghi https://l8.example/abcdefgh', '1', link_domain => 'l8.example');

SELECT url, trackable, warning FROM smstrack_links('https://m9.example/abcdefghi and https://b.example/');
SELECT smstrack_link_count('https://m9.example/abcdefghi and https://b.example/');

-- What may stand directly behind a link in a body is no part of its code, whatever phones
-- make of it.
SELECT message_id AS followed FROM smstrack_prepare('https://a.example- https://b.example&c', '1', link_domain => 'l8.example') \gset
SELECT tail, r.status, r.target_url
FROM unnest(ARRAY['', '-', '--', '-.', '$5', '%', '&c', '+49', '=', '^', '~', '-x', 'x']) WITH ORDINALITY AS t (tail, n),
     smstrack_resolve(smstrack_code(:followed, 0) || tail, 'l8.example') AS r ORDER BY n;

-- A target that no browser should be sent to is refused when it is asked for, however it
-- came into the table.
SELECT message_id AS changed FROM smstrack_prepare('https://a.example/', '1', link_domain => 'l8.example') \gset
CREATE TEMPORARY TABLE hostile (n int, url text);
INSERT INTO hostile VALUES
    (1, 'javascript:alert(1)'), (2, 'data:text/html,x'), (3, 'https://user:pw@a.example/'),
    (4, E'https://a.example/\r\nSet-Cookie: x=1'), (5, 'https://a.example/' || repeat('x', 2048)),
    (6, 'https:///path'), (7, 'ftp://a.example/'), (8, 'https://a.example\@b.example/'), (9, '');
CREATE FUNCTION pg_temp.status_with(url text) RETURNS TABLE (resolved text, target_url text, hit text)
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE smstrack.message SET target_urls = ARRAY[url] WHERE message_id = current_setting('regress.changed')::bigint;
    RETURN QUERY
        SELECT r.status, r.target_url, h.status
        FROM smstrack_code(current_setting('regress.changed')::bigint) AS code,
             smstrack_resolve(code, 'l8.example') AS r, smstrack_hit(code, host => 'l8.example') AS h;
END
$$;
SELECT set_config('regress.changed', :'changed', false) = :'changed' AS set;
SELECT n, s.* FROM hostile, pg_temp.status_with(url) AS s ORDER BY n;
SELECT count(*) AS hits FROM smstrack.hit WHERE message_id = :changed;
-- In the body they are left as they are, and the rest is tracked.
SELECT links, replace(body, substring(body from 'https://l8[^ ]+'), 'SHORT') AS body
FROM smstrack_prepare('javascript:alert(1) https://user:pw@a.example/ ok: https://b.example/', '1', link_domain => 'l8.example');

-- The first link domain makes the partitions of this month and the next two; each has its indexes.
SELECT count(*) AS partitions, count(*) FILTER (WHERE i.indexes >= 2) AS indexed
FROM pg_inherits, LATERAL (SELECT count(*) AS indexes FROM pg_index WHERE indrelid = inhrelid) AS i
WHERE inhparent = 'smstrack.hit'::regclass;
