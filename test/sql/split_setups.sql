-- Set-ups of split tests that cannot work, each with its SQLSTATE, detail and hint; sizes of tests.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
SELECT smstrack_domain('s.example') > 0 AS made;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE TABLE everybody AS SELECT '+49151' || lpad(n::text, 7, '0') AS recipient FROM generate_series(1, 100) AS n;

-- What is refused at once.
SELECT smstrack_campaign('none', 'Hi https://a.example/', allocation => 'best');
SELECT smstrack_campaign('none', 'Hi https://a.example/', metric => 'likes');
SELECT smstrack_campaign('none', 'Hi https://a.example/', metric => 'conversion');
SELECT smstrack_campaign('none', 'Hi https://a.example/', metric => 'value');
SELECT smstrack_experiment('none');
SELECT smstrack_campaign('split', 'Hi https://a.example/') > 0 AS made;
SELECT smstrack_experiment('split', maturity => '0');
SELECT smstrack_experiment('split', maturity => '-1 hour');
SELECT smstrack_experiment('split', maturity => '2 years');
SELECT smstrack_experiment('split', test_share => 0);
SELECT smstrack_experiment('split', test_share => 1);
SELECT smstrack_experiment('split', min_recipients => 0);
SELECT smstrack_experiment('split', min_time => '-1 hour');
SELECT smstrack_experiment('split', epsilon => -1);
SELECT smstrack_experiment('split', epsilon => 'NaN');
SELECT smstrack_experiment('split', max_opt_out_rate => 1.5);
SELECT smstrack_experiment('split', max_cost => 'Infinity');
SELECT smstrack_experiment('split', planned_recipients => 1);
SELECT smstrack_experiment('split', currency => 'euro');
SELECT smstrack_experiment('split', currency => 'XXX');
SELECT smstrack_experiment('split', goal => '');
SELECT smstrack_experiment('split', metric => 'value');
INSERT INTO smstrack.experiment (campaign, floor) SELECT id, 1 FROM smstrack.campaign;
INSERT INTO smstrack.experiment (campaign, confidence) SELECT id, 1 FROM smstrack.campaign;
INSERT INTO smstrack.experiment (campaign, min_ratio_p) SELECT id, 'NaN' FROM smstrack.campaign;
INSERT INTO smstrack.experiment (campaign, expected_rate) SELECT id, 0 FROM smstrack.campaign;
INSERT INTO smstrack.experiment (campaign, expected_spread) SELECT id, -1 FROM smstrack.campaign;
INSERT INTO smstrack.experiment (campaign, maturity) SELECT id, NULL FROM smstrack.campaign;
SELECT metric, (SELECT count(*) FROM smstrack.experiment) AS rows FROM smstrack.campaign WHERE name = 'split';

-- What is refused when it is launched, reported or decided.
SELECT smstrack_ab_report('nobody');
SELECT smstrack_decide('nobody');
SELECT smstrack_ab_report(NULL);
SELECT smstrack_decide(NULL);
SELECT smstrack_ab_report('split');
SELECT smstrack_decide('split');
SELECT smstrack_experiment('split', allocation => 'bandit');
SELECT smstrack_launch('split', 'everybody');
INSERT INTO smstrack.variant (campaign, name, body, weight) SELECT id, 'B', 'Ho https://a.example/', 0 FROM smstrack.campaign WHERE name = 'split';
SELECT smstrack_launch('split', 'everybody');
UPDATE smstrack.variant SET weight = 0;
SELECT smstrack_launch('split', 'everybody');
\set VERBOSITY terse
UPDATE smstrack.variant SET weight = -1;
\set VERBOSITY default
UPDATE smstrack.variant SET weight = 1;
UPDATE smstrack.campaign SET metric = 'conversion';
SELECT smstrack_launch('split', 'everybody');
UPDATE smstrack.campaign SET metric = 'value';
SELECT smstrack_launch('split', 'everybody');
SELECT smstrack_experiment('split', allocation => 'test_and_roll', currency => 'EUR');
SELECT smstrack_launch('split', 'everybody');
UPDATE smstrack.campaign SET conversions = false;
SELECT smstrack_launch('split', 'everybody');
UPDATE smstrack.campaign SET conversions = true, metric = 'click', allocation = 'bandit', tracking = 'anonymous';
SELECT smstrack_launch('split', 'everybody');
UPDATE smstrack.campaign SET tracking = 'none';
SELECT smstrack_ab_report('split');
SELECT count(*) AS nothing_was_written FROM smstrack.launch;

-- With several variants and messages, the rule stays; what is no part of it does not.
UPDATE smstrack.campaign SET tracking = 'full';
SELECT prepared FROM smstrack_launch('split', 'everybody', max_recipients => 10);
SELECT smstrack_experiment('split', maturity => '3 days');
SELECT smstrack_experiment('split', planned_recipients => 500);
DELETE FROM smstrack.experiment;
UPDATE smstrack.campaign SET metric = 'conversion';
SELECT smstrack_experiment('split', epsilon => 0.001, planned_end => 'infinity', min_time => '2 hours');
SELECT DISTINCT verdict FROM smstrack_ab_report('split');
UPDATE smstrack.experiment SET min_recipients = 1, maturity = '1 day';
SELECT smstrack_decide('split', 'Z');

-- A decided campaign needs its winner.
SELECT kind, winner, reason FROM smstrack_decide('split', 'B');
UPDATE smstrack.variant SET weight = 0 WHERE name = 'B';
SELECT smstrack_launch('split', 'everybody');

-- A campaign that was never launched takes its experiment with it.
SELECT smstrack_campaign('short', 'Hi https://a.example/', allocation => 'bandit') > 0 AS made;
DELETE FROM smstrack.campaign WHERE name = 'short';
SELECT count(*) AS experiments FROM smstrack.experiment;

-- Sizes of tests. The paper's web page: 2,284 of 100,000 on each arm (Feit and Berman 2019).
SELECT smstrack_test_size(100000, 2, 0.68, 0.03) AS paper, smstrack_test_size(100000) AS usual,
       smstrack_test_size(0) AS nobody, smstrack_test_size(1000000000, 8) AS many;
SELECT smstrack_test_size(-1);
SELECT smstrack_test_size(1000, 1);
SELECT smstrack_test_size(1000, 2, 0);
SELECT smstrack_test_size(1000, 2, 0.05, 1);

-- SQLSTATEs.
CREATE FUNCTION state(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END
$$;
SELECT smstrack_campaign('fresh', 'Hi https://a.example/') > 0 AS made;
SELECT q AS query, state(q) FROM unnest(ARRAY[
    'SELECT smstrack_campaign(''c'', ''x'', metric => ''conversion'')',
    'SELECT smstrack_campaign(''c'', ''x'', allocation => ''best'')',
    'SELECT smstrack_experiment(''fresh'', maturity => ''0'')',
    'SELECT smstrack_experiment(''split'', test_share => 2)',
    'SELECT smstrack_experiment(''split'', max_cost => -2)',
    'SELECT smstrack_experiment(''split'', maturity => ''3 days'')',
    'SELECT smstrack_experiment(''nobody'')',
    'SELECT smstrack_ab_report(''nobody'')',
    'SELECT smstrack_ab_report(NULL)',
    'SELECT smstrack_launch(''split'', ''everybody'')',
    'SELECT smstrack_test_size(-1)']) AS q;
