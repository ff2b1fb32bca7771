-- Who may make, launch and hand over campaigns; the audience is read with the caller's rights.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(21);
SET client_min_messages = error;

SELECT smstrack_domain('campaign-rights.example');
CREATE ROLE regress_maker;
CREATE ROLE regress_sender;
CREATE ROLE regress_stranger;
CREATE ROLE regress_phones;
SELECT smstrack_grant('regress_maker', 'composer');
SELECT smstrack_grant('regress_sender', 'dispatcher');
SELECT smstrack_grant('regress_phones', 'redirector');
CREATE TABLE regress_closed AS SELECT '+491511234567' AS recipient;
CREATE TABLE regress_open AS SELECT * FROM regress_closed;
CREATE FUNCTION regress_who() RETURNS text LANGUAGE sql VOLATILE AS $$SELECT current_user::text$$;
CREATE VIEW regress_view AS SELECT recipient, regress_who() AS who FROM regress_closed;
GRANT SELECT ON regress_open, regress_view TO regress_maker;

SELECT is_empty(
    $$SELECT r, c.oid::regclass
      FROM unnest('{regress_maker,regress_sender,regress_stranger,regress_phones}'::text[]) AS r, pg_class AS c
      WHERE c.relnamespace = 'smstrack'::regnamespace
        AND c.relname IN ('account_secret', 'secret', 'message', 'outbox', 'opt_out', 'campaign_recipient')
        AND (has_table_privilege(r, c.oid, 'SELECT') OR has_table_privilege(r, c.oid, 'INSERT')
             OR has_any_column_privilege(r, c.oid, 'SELECT'))$$,
    'nobody but the owner reads messages, the outbox, opt-outs or keys');

SET ROLE regress_stranger;
SELECT throws_ok($$SELECT smstrack_campaign('x', 'x')$$, '42501', NULL, 'PUBLIC makes no campaign');
SELECT throws_ok($$SELECT smstrack_launch('x', 'regress_open')$$, '42501', NULL, 'and launches none');
SELECT throws_ok($$SELECT smstrack_estimate('x', 'regress_open')$$, '42501', NULL, 'and estimates none');
SELECT throws_ok($$SELECT smstrack_take()$$, '42501', NULL, 'and takes nothing');
SELECT throws_ok($$SELECT smstrack_report('{1}', '{sent}')$$, '42501', NULL, 'and reports nothing');
SELECT throws_ok($$SELECT smstrack_opt_out('+491511234567')$$, '42501', NULL, 'and opts nobody out');
SELECT throws_ok($$SELECT smstrack_opt_out_link('abcdefgh')$$, '42501', NULL, 'by no link either');

SET ROLE regress_maker;
SELECT ok(smstrack_campaign('rights', 'Hi https://a.example/', link_domain => 'campaign-rights.example') > 0, 'a composer makes a campaign');
SELECT throws_ok($$SELECT smstrack_launch('rights', 'regress_closed')$$, '42501', NULL, 'and needs the right to read the audience');
SELECT throws_ok($$SELECT smstrack_estimate('rights', 'regress_closed')$$, '42501', NULL, 'for an estimate too');
SELECT is((SELECT sum(recipients) FROM smstrack_estimate('rights', 'regress_open')), 1::numeric, 'where he has it, he estimates');
SELECT is((SELECT prepared FROM smstrack_launch('rights', 'regress_open')), 1::bigint, 'and launches');
SELECT is((SELECT smstrack_campaign('who', '{{who}}', link_domain => 'campaign-rights.example') > 0), true, 'a view''s function');
SELECT is((SELECT prepared FROM smstrack_launch('who', 'regress_view')), 1::bigint, 'is run');
SELECT throws_ok($$SELECT smstrack_take()$$, '42501', NULL, 'a composer takes nothing');
RESET ROLE;
SELECT is((SELECT body FROM smstrack.outbox AS o JOIN smstrack.campaign AS c ON c.id = o.campaign WHERE c.name = 'who'),
    'regress_maker', 'as the caller, never as the owner');

SET ROLE regress_sender;
SELECT is((SELECT count(*) FROM smstrack_take('rights')), 1::bigint, 'a dispatcher takes');
SELECT lives_ok($$SELECT smstrack_report('{1}', '{sent}')$$, 'and reports');
SELECT throws_ok($$SELECT smstrack_launch('rights', 'regress_open')$$, '42501', NULL, 'and launches nothing');

SET ROLE regress_phones;
SELECT is(smstrack_opt_out_link('00000000', 'campaign-rights.example'), false, 'a redirector passes an opt-out on');

RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
