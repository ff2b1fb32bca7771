-- Who may say what variants are compared by, decide, and read the comparison; and that
-- nobody does so for another account's campaigns.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(20);
SET client_min_messages = error;

SELECT smstrack_domain('decide-rights.example');
CREATE ROLE regress_maker;
CREATE ROLE regress_reader;
CREATE ROLE regress_sender;
CREATE ROLE regress_admin;
SELECT smstrack_grant('regress_maker', 'composer');
SELECT smstrack_grant('regress_reader', 'reader');
SELECT smstrack_grant('regress_sender', 'dispatcher');
SELECT smstrack_grant('regress_admin', 'admin');
CREATE TABLE regress_people AS SELECT '+49151' || lpad(n::text, 7, '0') AS recipient FROM generate_series(1, 100) AS n;
GRANT SELECT ON regress_people TO regress_maker, regress_admin;

SET ROLE regress_maker;
SELECT ok(smstrack_campaign('split', 'Hi https://a.example/', link_domain => 'decide-rights.example', allocation => 'bandit') > 0, 'a composer makes a bandit');
SELECT lives_ok($$INSERT INTO smstrack.variant (campaign, name, body) SELECT id, 'B', 'Ho https://a.example/' FROM smstrack.campaign WHERE name = 'split'$$, 'of two variants');
SELECT lives_ok($$SELECT smstrack_experiment('split', min_recipients => 10)$$, 'and says what they are compared by');
SELECT lives_ok($$UPDATE smstrack.experiment SET floor = 0.05$$, 'in the table too');
SELECT is((SELECT prepared FROM smstrack_launch('split', 'regress_people')), 100::bigint, 'launches');
SELECT is((SELECT count(smstrack_rewrite(NULL, '+4917' || n, campaign => 'split')) FROM generate_series(1000001, 1000005) AS n), 5::bigint, 'and writes single messages');
SELECT is((SELECT sum(recipients) FROM smstrack_ab_report('split')), 105::numeric, 'reads the comparison');
SELECT is((SELECT kind FROM smstrack_decide('split')), 'not yet', 'decides');
SELECT throws_ok($$INSERT INTO smstrack.decision (campaign, kind, winner, reason, figures) VALUES (1, 'by hand', 1, 'x', '{}')$$, '42501', NULL, 'but not past the function');
SELECT throws_ok($$SELECT count(*) FROM smstrack.trial$$, '42501', NULL, 'and does not see who got what');

SET ROLE regress_reader;
SELECT is((SELECT sum(recipients) FROM smstrack_ab_report('split')), 105::numeric, 'a reader reads the comparison');
SELECT throws_ok($$SELECT smstrack_decide('split')$$, '42501', NULL, 'and decides nothing');
SELECT throws_ok($$SELECT smstrack_experiment('split')$$, '42501', NULL, 'and changes nothing');
SET ROLE regress_sender;
SELECT throws_ok($$SELECT smstrack_ab_report('split')$$, '42501', NULL, 'a dispatcher reads nothing');
SELECT cmp_ok(smstrack_test_size(10000), '>', 100::bigint, 'sizes of tests are for everybody');

SET ROLE regress_admin;
SELECT is((SELECT winner FROM smstrack_decide('split', 'B')), 'B', 'an admin decides by hand');
SELECT is((SELECT decided_by FROM smstrack.decision), session_user::text, 'which is recorded');

RESET ROLE;
SET smstrack.account = 'other';
SET ROLE regress_admin;
SELECT throws_ok($$SELECT smstrack_decide('split')$$, '42704', NULL, 'another account has no such campaign');
SELECT throws_ok($$SELECT smstrack_ab_report('split')$$, '42704', NULL, 'nor a comparison of it');
SELECT is((SELECT count(*) FROM smstrack.experiment) + (SELECT count(*) FROM smstrack.decision) + (SELECT count(*) FROM smstrack.allotment), 0::bigint,
    'and sees none of its rows');

RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
