-- Every mistake has an error with its SQLSTATE, and writes nothing.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
RESET client_min_messages;

\set SHOW_CONTEXT never
SET client_min_messages = error;
SELECT smstrack_domain('wrong.example') > 0 AS made;

-- Runs a statement; gives what it complains about.
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

SELECT message_id FROM smstrack_prepare('https://a.example/', '1', link_domain => 'wrong.example') \gset
SELECT token FROM smstrack_hit(smstrack_code(:message_id), host => 'wrong.example',
    user_agent => 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36') \gset
SELECT count(*) AS messages FROM smstrack.message \gset

\x on
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(NULL, '1')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', NULL)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', repeat('1', 257))$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite(repeat('x', 65537), '1')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '1', 'unknown.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('off.example', status => 'disabled'), smstrack_rewrite('x', '1', 'off.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('soon.example', status => 'pending'), smstrack_rewrite('x', '1', 'soon.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT set_config('smstrack.account', 'other', true), smstrack_rewrite('x', '1')$$);
SELECT * FROM pg_temp.complaint($$SELECT set_config('smstrack.account', 'other', true), smstrack_rewrite('x', '1', 'wrong.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT set_config('smstrack.account', 'other', true), smstrack_domain('wrong.example')$$);
SELECT * FROM pg_temp.complaint($$SET smstrack.account = ''$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain(NULL)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('https://a.example/')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', code_length => 5)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', scheme => 'ftp')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', status => 'on')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', path_prefix => '/x/')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', fallback_url => 'javascript:alert(1)')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', expiry => '-1 day')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', cookie_domain => 'a.example; Path=/x')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', attribution_window => '59 seconds')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('a.example', attribution_window => '401 days')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('wrong.example', code_length => 7)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('b.example', alias_hosts => '{wrong.example}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('b.example', alias_hosts => '{https://x}')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_domain('b.example', alias_hosts => '{{c.example},{d.example}}')$$);
SELECT * FROM pg_temp.complaint($$DELETE FROM smstrack.link_domain$$);
SELECT * FROM pg_temp.complaint($$UPDATE smstrack.link_domain SET account = 'other'$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack.make_secret(id) FROM smstrack.link_domain WHERE host = 'wrong.example'$$);
SELECT * FROM pg_temp.complaint($$SELECT * FROM smstrack_resolve('abc')$$);
SELECT * FROM pg_temp.complaint($$SELECT * FROM smstrack_resolve('abcdefghijkl')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_code(1, 16)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_code(0, 0)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_code(9007199254740993)$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_code(13646256599056, 0, 'wrong.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_code(1, 0, 'unknown.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_guess_odds('unknown.example')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_convert(NULL, 'order')$$);
SELECT * FROM pg_temp.complaint($$SELECT smstrack_convert('x', 'order')$$);
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L)', overlay(:'token' placing 'AAA' from 30), 'order'));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, NULL)', :'token'));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L)', :'token', ''));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L, value => -1, currency => %L)', :'token', 'order', 'EUR'));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L, value => %L, currency => %L)', :'token', 'order', 'NaN', 'EUR'));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L, value => %L, currency => %L)', :'token', 'order', 'Infinity', 'EUR'));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L, value => 1, currency => %L)', :'token', 'order', 'EURO'));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L, value => 1, currency => %L)', :'token', 'order', 'QQQ'));
SELECT * FROM pg_temp.complaint(format('SELECT smstrack_convert(%L, %L, value => 1)', :'token', 'order'));
SELECT * FROM pg_temp.complaint($$SELECT smstrack_grant('pg_monitor', 'cook')$$);
SELECT * FROM pg_temp.complaint($$SET smstrack.unknown = 1$$);
SELECT * FROM pg_temp.complaint($$CALL smstrack_maintain()$$);
\x off

SELECT count(*) = :messages AS nothing_written FROM smstrack.message;
SELECT count(*) AS conversions FROM smstrack.conversion;

-- A secret that does not belong to the codes that are out is noticed before it makes one.
BEGIN;
UPDATE smstrack.secret SET key = sha256('another');
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '1', 'wrong.example')$$);
ROLLBACK;
-- Nor does one that came with its own check value, as from another database's backup.
BEGIN;
UPDATE smstrack.secret SET key = sha256('another'), check_value = smstrack.check_value(sha256('another'));
SELECT * FROM pg_temp.complaint($$SELECT smstrack_rewrite('x', '1', 'wrong.example')$$);
ROLLBACK;
SELECT smstrack_rewrite('x', '1', 'wrong.example');
