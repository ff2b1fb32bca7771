-- Whatever JSON a shop sends: each item of an array has an answer, what is no array or no
-- JSON is refused as the reference says, and the sums are those of the ledger afterwards.
-- test/conversion-documents sends many more.
\set ON_ERROR_STOP on
BEGIN;
SELECT no_plan();
SET client_min_messages = error;
SELECT smstrack_domain('documents.example') AS domain \gset
SET smstrack.link_domain = 'documents.example';
CREATE TEMPORARY TABLE known_token AS
SELECT h.token
FROM generate_series(1, 20) AS n, smstrack_prepare('https://a.example/?' || n, '+491511000000' || n % 3) AS p,
     smstrack_hit(smstrack_code(p.message_id, 0, 'documents.example'), user_agent => 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1') AS h;
\ir ../data/conversion_documents.sql

SELECT setseed(0.25) IS NOT NULL AS seeded \gset
CALL pg_temp.send_documents('smstrack_convert_batch', '{token,recipient,goal,order_id,value,currency,at}', 400);
CALL pg_temp.send_documents('smstrack_reverse_batch', '{goal,order_id,value,reversal_id,at}', 200);

SELECT is((SELECT string_agg(DISTINCT sqlstate || ' ' || message, '; ') FROM outcome WHERE sqlstate NOT IN ('00000', '22P02', '22P05', '22023', '22003')), NULL,
          'only errors that the reference names');
SELECT is((SELECT string_agg(DISTINCT message, '; ') FROM outcome WHERE sqlstate = '22023'), 'a batch must be a JSON array', 'what is JSON is refused only if it is no array');
SELECT ok(count(*) > 300, 'most documents were read') FROM outcome WHERE sqlstate = '00000';
SELECT ok(count(*) > 30, 'some were not') FROM outcome WHERE sqlstate <> '00000';
SELECT is(sum(answers), sum(items), 'each item has an answer') FROM outcome;
SELECT is(sum(odd), 0::numeric, 'that the reference names') FROM outcome;
SELECT ok(count(*) > 5, 'some conversions counted') FROM smstrack.conversion WHERE goal IN ('order', 'registration', 'refill', 'Order');
SELECT ok(count(*) > 0, 'some were taken back') FROM smstrack.reversal;
SELECT is_empty('SELECT * FROM smstrack.conversion_tally_difference', 'the sums are those of the ledger');
SELECT is((SELECT string_agg(name, ', ') FROM smstrack_check() WHERE NOT ok AND name IN ('tally', 'conversion tally', 'messages and hits')), NULL, 'all invariants hold');
SELECT * FROM finish();
ROLLBACK;
