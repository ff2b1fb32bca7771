-- Two accounts in one database: nobody of the one reads, changes or uses what is the
-- other's, by no function and by no table that he has rights on.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(51);
SET client_min_messages = error;

CREATE ROLE regress_composer;
CREATE ROLE regress_dispatcher;
CREATE ROLE regress_admin;
SELECT smstrack_grant('regress_composer', 'composer'), smstrack_grant('regress_dispatcher', 'dispatcher'), smstrack_grant('regress_admin', 'admin');
CREATE TABLE regress_audience AS SELECT '+491511234567' AS recipient;
GRANT SELECT ON regress_audience TO regress_composer, regress_admin;

-- Account "one" has something of everything.
SET smstrack.account = 'one';
SELECT smstrack_domain('one.example', alias_hosts => '{alias-one.example}');
SELECT smstrack_campaign('secret plan', 'Hi https://one.example.org/', link_domain => 'one.example');
SELECT smstrack_campaign('quiet plan', 'Hi https://one.example.org/', link_domain => 'one.example', tracking => 'anonymous');
INSERT INTO smstrack.price (prefix, segment_price, currency) VALUES ('+49', 0.07, 'EUR');
INSERT INTO smstrack.price (prefix, segment_price, currency, valid_from) VALUES ('+49', 0.09, 'EUR', now() + interval '1 year');
SELECT smstrack_opt_out('+491510000009');
INSERT INTO regress_audience VALUES ('+491510000009');
SELECT smstrack_launch('secret plan', 'regress_audience'), smstrack_launch('quiet plan', 'regress_audience');
SELECT message_id AS message_one FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign WHERE c.name = 'secret plan' \gset
SELECT smstrack_retarget('secret plan', 0, 'https://one.example.org/changed');
SELECT smstrack_import_links('one.example', '{vanity}', '{https://one.example.org/vanity}');
SELECT id AS campaign_one FROM smstrack.campaign WHERE name = 'secret plan' \gset
SELECT id AS domain_one FROM smstrack.link_domain WHERE host = 'one.example' \gset
CREATE TEMPORARY VIEW possession AS
WITH d AS (SELECT * FROM smstrack.link_domain WHERE account = 'one'), c AS (SELECT * FROM smstrack.campaign WHERE account = 'one'),
     m AS (SELECT * FROM smstrack.message WHERE link_domain IN (SELECT id FROM d))
SELECT d::text AS stored FROM d
UNION ALL SELECT c::text FROM c
UNION ALL SELECT m::text FROM m
UNION ALL SELECT x::text FROM smstrack.variant AS x JOIN c ON c.id = x.campaign
UNION ALL SELECT x::text FROM smstrack.outbox AS x JOIN m USING (message_id)
UNION ALL SELECT x::text FROM smstrack.opt_out AS x WHERE account = 'one'
UNION ALL SELECT x::text FROM smstrack.price AS x WHERE account = 'one'
UNION ALL SELECT x::text FROM smstrack.link_alias AS x JOIN d USING (host);
CREATE TEMPORARY TABLE before AS SELECT stored FROM possession;

-- Account "two" has a link domain, and tries.
SET smstrack.account = 'two';
SELECT smstrack_domain('two.example');

SET ROLE regress_composer;
SELECT throws_ok($$SET smstrack.account = 'one'$$, '42501', NULL, 'a composer cannot choose the account');
SELECT throws_ok($$SELECT set_config('smstrack.account', 'one', false)$$, '42501', NULL, 'by no other way');
SELECT throws_ok($$SELECT smstrack_rewrite('x', '1', 'one.example')$$, '42704', NULL, 'nor another account''s link domain');
SELECT throws_ok($$SELECT smstrack_rewrite('x', '1', 'alias-one.example')$$, '42704', NULL, 'nor its alias');
SELECT throws_ok($$SELECT smstrack_prepare('x', '1', link_domain => 'one.example')$$, '42704', NULL, 'nor prepares with it');
SELECT throws_ok($$SELECT smstrack_campaign('x', 'x', link_domain => 'one.example')$$, '42704', NULL, 'nor makes a campaign with it');
SELECT throws_ok($$SELECT smstrack_launch('secret plan', 'regress_audience')$$, '42704', NULL, 'nor launches another''s campaign');
SELECT throws_ok($$SELECT smstrack_estimate('secret plan', 'regress_audience')$$, '42704', NULL, 'nor estimates it');
SELECT throws_ok($$SELECT smstrack_preview('x', campaign => 'secret plan')$$, '42704', NULL, 'nor previews it');
SELECT is_empty(format('SELECT FROM smstrack.%I', t), 'nor reads another''s rows of ' || t) FROM unnest('{campaign,variant,price,launch,launch_skip}'::text[]) AS t;
SELECT is((SELECT string_agg(host, ' ') FROM smstrack.link_domain), 'two.example', 'of link domains he sees his own');
SELECT is_empty($$UPDATE smstrack.campaign SET name = 'taken' RETURNING 1$$, 'he changes no campaign');
SELECT is_empty($$UPDATE smstrack.variant SET weight = 0 RETURNING 1$$, 'and no variant');
SELECT throws_ok(format($$INSERT INTO smstrack.variant (campaign, name, body) VALUES (%s, 'evil', 'x')$$, :campaign_one), '23503', NULL, 'adds none to another''s campaign');
SELECT throws_ok(format($$INSERT INTO smstrack.variant (campaign, name, body, target_urls, opt_out) VALUES (%s, 'evil', 'x', '{}', false)$$, :campaign_one), '42501', NULL, 'in no other way');
SELECT throws_ok($$INSERT INTO smstrack.campaign (name, account) VALUES ('x', 'one')$$, '42501', NULL, 'makes no campaign of another''s');
SELECT ok(smstrack_campaign('mine', 'Hi https://two.example.org/') > 0, 'makes his own');
SELECT throws_ok($$UPDATE smstrack.campaign SET account = 'one' WHERE name = 'mine'$$, '42501', NULL, 'gives none away');
SELECT lives_ok(format($$UPDATE smstrack.campaign SET link_domain = %s WHERE name = 'mine'$$, :domain_one), 'points it to another''s link domain');
SELECT throws_ok($$SELECT smstrack_launch('mine', 'regress_audience')$$, '55000', 'link domain of the campaign does not exist', 'and launches nothing');
SELECT is((SELECT body || warnings[1] FROM smstrack_preview(NULL, campaign => 'mine')), 'Hi http://localhost:8080/00000000short link domain is not set', 'nor sees its host');
SELECT lives_ok($$UPDATE smstrack.campaign SET link_domain = NULL WHERE name = 'mine'$$, 'until he takes it back');
SELECT throws_ok(format($$UPDATE smstrack.variant SET shared_message_id = %s$$, :message_one), '42501', NULL, 'no variant of his can point to another''s message');
RESET ROLE;
SELECT lives_ok(format($$UPDATE smstrack.variant SET shared_message_id = %s WHERE campaign = smstrack.campaign_id('mine')$$, :message_one), 'and where one does');
SET ROLE regress_composer;
SELECT is((SELECT prepared FROM smstrack_launch('mine', 'regress_audience')), 2::bigint, 'it is launched, opt-outs of another account aside,');
RESET ROLE;
SELECT is_empty(format($$SELECT FROM smstrack.message WHERE campaign = (SELECT id FROM smstrack.campaign WHERE name = 'mine') AND (link_domain = %s OR message_id = %s)$$, :domain_one, :message_one),
    'with nothing of another''s');
SET ROLE regress_composer;
SELECT is(smstrack_opt_in('+491510000009'), false, 'takes no opt-out of another account back');

SET ROLE regress_dispatcher;
SELECT throws_ok($$SELECT smstrack_take('secret plan')$$, '42704', NULL, 'a dispatcher takes nothing of another''s campaign');
SELECT is((SELECT count(*) FROM smstrack_take(n => 1000) WHERE campaign <> 'mine'), 0::bigint, 'nor of all');
SELECT is(smstrack_report(ARRAY[:message_one]::bigint[], '{failed}'), 0::bigint, 'and reports nothing of another''s');

SET ROLE regress_admin;
SELECT throws_ok(format('SELECT smstrack_code(%s)', :message_one), '42704', NULL, 'an admin computes no code of another''s message');
SELECT throws_ok(format($$SELECT smstrack_code(%s, 0, 'one.example')$$, :message_one), '42704', NULL, 'nor by arithmetic');
SELECT throws_ok($$SELECT smstrack_guess_odds('one.example')$$, '42704', NULL, 'nor learns how many there are');
SELECT throws_ok($$SELECT smstrack_retarget('secret plan', 0, 'https://evil.example/')$$, '42704', NULL, 'retargets no campaign');
SELECT throws_ok($$SELECT smstrack_disable('secret plan')$$, '42704', NULL, 'disables none');
SELECT throws_ok($$SELECT smstrack_import_links('one.example', '{x}', '{https://evil.example/}')$$, '42704', NULL, 'imports no links');
SELECT throws_ok($$SELECT smstrack_domain('one.example', status => 'disabled')$$, '23505', NULL, 'changes no link domain');
SELECT throws_ok($$SELECT smstrack_domain('three.example', alias_hosts => '{alias-one.example}')$$, '23505', NULL, 'takes no alias of another''s');
SELECT is((SELECT messages FROM smstrack_forget('+491511234567')), 1::bigint, 'forgets his own message alone');
SELECT is_empty($$SELECT FROM smstrack_export_person('+491510000009') WHERE stored->>'account' = 'one' OR stored->>'campaign_name' = 'secret plan'$$, 'exports nothing of another''s');
SELECT is_empty(format('DELETE FROM smstrack.%I RETURNING 1', t), 'deletes nothing of ' || t) FROM unnest('{link_alias,price}'::text[]) AS t;
SELECT is(smstrack_import_links('two.example', '{own}', '{https://two.example.org/}'), 1::bigint, 'imports his own');
SELECT throws_ok($$UPDATE smstrack.link_alias SET alias_id = 1$$, '42501', NULL, 'has none of them counted as another''s');
SELECT throws_ok($$INSERT INTO smstrack.link_alias (host, code, target_url, alias_id) VALUES ('two.example', 'x', 'https://two.example.org/', 1)$$, '42501', NULL, 'nor a new one');
SELECT is_empty($$UPDATE smstrack.link_domain SET status = 'disabled' WHERE host <> 'two.example' RETURNING 1$$, 'disables no link domain');

RESET ROLE;
SELECT bag_eq('SELECT stored FROM possession', 'SELECT stored FROM before', 'and what is the other account''s is as it was');

SELECT * FROM finish();
ROLLBACK;
