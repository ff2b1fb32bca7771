-- Who may do what. Roles are made for the test and vanish with it.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(22);
SET client_min_messages = error;

SELECT lives_ok($$SELECT smstrack_domain('rights.example')$$, 'the owner makes a link domain');
CREATE ROLE regress_nobody;
CREATE ROLE regress_composer;
CREATE ROLE regress_redirector;
CREATE ROLE regress_reader;
CREATE ROLE regress_admin;
SELECT smstrack_grant('regress_composer', 'composer');
SELECT smstrack_grant('regress_redirector', 'redirector');
SELECT smstrack_grant('regress_reader', 'reader');
SELECT smstrack_grant('regress_admin', 'admin');

SELECT is_empty(
    $$SELECT r, c.oid::regclass
      FROM unnest('{regress_nobody,regress_composer,regress_redirector,regress_reader,regress_admin}'::text[]) AS r,
           pg_class AS c
      WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relname IN ('secret', 'message', 'hit', 'hit_default', 'user_agent', 'conversion', 'idempotency')
        AND (has_table_privilege(r, c.oid, 'SELECT') OR has_table_privilege(r, c.oid, 'INSERT')
             OR has_table_privilege(r, c.oid, 'UPDATE') OR has_table_privilege(r, c.oid, 'DELETE')
             OR has_any_column_privilege(r, c.oid, 'SELECT'))$$,
    'nobody but the owner touches a big table or the secret');

SET ROLE regress_nobody;
SELECT throws_ok($$SELECT smstrack_rewrite('x', '1')$$, '42501', NULL, 'PUBLIC may not rewrite');
SELECT throws_ok($$SELECT smstrack_hit('x')$$, '42501', NULL, 'PUBLIC may not record');
SELECT throws_ok($$SELECT * FROM smstrack_resolve('abcdefgh')$$, '42501', NULL, 'PUBLIC may not resolve');
SELECT throws_ok($$SELECT smstrack_code(1)$$, '42501', NULL, 'PUBLIC may not compute codes');
SELECT throws_ok($$SELECT smstrack_domain('x.example')$$, '42501', NULL, 'PUBLIC may not make a link domain');
SELECT throws_ok($$SELECT smstrack_grant('regress_nobody', 'admin')$$, '42501', NULL, 'PUBLIC may not grant');
SELECT throws_ok($$SELECT * FROM smstrack.message_report$$, '42501', NULL, 'PUBLIC may not read reports');

SET ROLE regress_composer;
SELECT matches(smstrack_rewrite('See https://a.example/', '1', 'rights.example'), '^See https://rights.example/[0-9A-Za-z]{8}$', 'a composer rewrites');
SELECT throws_ok($$SELECT key FROM smstrack.secret$$, '42501', NULL, 'and reads no secret');
SELECT throws_ok($$SELECT * FROM smstrack.message$$, '42501', NULL, 'and no message');
SELECT throws_ok($$SELECT * FROM smstrack.message_report$$, '42501', NULL, 'and no report');
SELECT throws_ok($$SELECT smstrack_code(1)$$, '42501', NULL, 'and computes no code');

SET ROLE regress_redirector;
SELECT is((SELECT status FROM smstrack_hit('00000000', host => 'rights.example')), 'not found', 'a redirector records');
SELECT throws_ok($$SELECT smstrack_rewrite('x', '1')$$, '42501', NULL, 'and does not rewrite');

SET ROLE regress_reader;
SELECT lives_ok($$SELECT count(*) FROM smstrack.message_report$$, 'a reader reads reports');
SELECT throws_ok($$SELECT smstrack_hit('x')$$, '42501', NULL, 'and does not record');

SET ROLE regress_admin;
SELECT lives_ok($$SELECT smstrack_domain('admin.example')$$, 'an admin makes a link domain, with its secret');
SELECT throws_ok($$SELECT key FROM smstrack.secret$$, '42501', NULL, 'and reads no secret');

-- An operator and a table of the caller's own must not be used while the owner acts.
RESET ROLE;
CREATE SCHEMA regress_trap AUTHORIZATION regress_composer;
SET ROLE regress_composer;
CREATE FUNCTION regress_trap.spring(text, text) RETURNS boolean LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'ran as %', current_user; END$$;
CREATE OPERATOR regress_trap.= (FUNCTION = regress_trap.spring, LEFTARG = text, RIGHTARG = text);
SET search_path = regress_trap, pg_catalog, public;
SELECT public.smstrack_rewrite('See https://a.example/', '1') AS body, pg_catalog.current_setting('search_path') AS path \gset
SET search_path = pg_catalog, public;
RESET ROLE;
SELECT matches(:'body'::text, '^See https://', 'an operator of the caller''s is not run by the owner');
SELECT is(:'path'::text, 'regress_trap, pg_catalog, public', 'and the search_path is the caller''s again');

SELECT * FROM finish();
ROLLBACK;
