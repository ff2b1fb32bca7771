-- Hits of vanity and imported links: classed, counted once, in a report of their own, and
-- in none of the messages'.
BEGIN;
SELECT plan(9);

\set iphone 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
SELECT smstrack_domain('alias.example', alias_hosts => '{old.example}') \g /dev/null
SELECT smstrack_import_links('old.example', '{summer,a1B2c3,unclicked}', '{https://shop.example/summer,https://shop.example/x,https://shop.example/}') \g /dev/null
SELECT coalesce(sum(views + clicks + bots), 0) AS before FROM smstrack.position_tally \gset
PREPARE hits AS
SELECT class FROM smstrack_hit_batch('{summer,a1B2c3,summer,summer,nothing-there}', array_fill('old.example'::text, ARRAY[5]), addresses => array_fill('192.0.2.1'::inet, ARRAY[5]),
    user_agents => ARRAY[$1, $1, 'WhatsApp/2.23.20.0 A', 'curl/8.0', $1],
    request_ids => ARRAY(SELECT ('00000000-0000-4000-8000-0000000000a' || n)::uuid FROM generate_series(1, 5) AS n));
SELECT results_eq(format('EXECUTE hits(%L)', :'iphone'), $$VALUES ('click'), ('click'), ('view'), ('bot'), (NULL)$$, 'each has its class');
SELECT results_eq(format('EXECUTE hits(%L)', :'iphone'), $$VALUES ('click'), ('click'), ('view'), ('bot'), (NULL)$$, 'and is answered when it comes again');
SELECT results_eq(
    $$SELECT code COLLATE "default", views, clicks, bots, first_click_at IS NOT NULL FROM smstrack.alias_report WHERE host = 'alias.example' ORDER BY alias_report.code$$,
    $$VALUES ('a1B2c3', 0::bigint, 1::bigint, 0::bigint, true), ('summer', 1, 1, 1, true), ('unclicked', 0, 0, 0, false)$$,
    'the report has every link, and counts each request once');
SELECT is_empty(format($$SELECT * FROM smstrack_hit('summer', now() - interval '1 hour', user_agent => %L, host => 'alias.example') WHERE token IS NOT NULL$$, :'iphone'),
                'no token: there is no message to credit a conversion to');
SELECT results_eq(
    $$SELECT clicks, last_click_at - first_click_at BETWEEN interval '1 hour' AND interval '2 hours' FROM smstrack.alias_report WHERE code = 'summer' AND host = 'alias.example'$$,
    $$VALUES (2::bigint, true)$$, 'first and last click, in any order');
SELECT results_eq(
    $$SELECT a.code COLLATE "default", h.class, count(*) FROM smstrack.hit AS h JOIN smstrack.link_alias AS a ON a.alias_id = -h.message_id WHERE a.host = 'alias.example' GROUP BY a.code, h.class ORDER BY a.code, h.class$$,
    $$VALUES ('a1B2c3', 'c'::"char", 1::bigint), ('summer', 'b', 1), ('summer', 'c', 2), ('summer', 'v', 1)$$, 'the hits are stored');
SELECT is((SELECT coalesce(sum(views + clicks + bots), 0) FROM smstrack.position_tally), :before::numeric, 'no sum over messages has them');
SELECT smstrack.upkeep_fold('smstrack.alias_tally') \g /dev/null
SELECT results_eq(
    $$SELECT t.slot::integer, t.clicks FROM smstrack.alias_tally AS t JOIN smstrack.link_alias AS a USING (alias_id) WHERE a.code = 'summer' AND a.host = 'alias.example'$$,
    $$VALUES (0, 2::bigint)$$, 'upkeep folds the rows of a link into one');
SELECT is_empty('SELECT * FROM smstrack.tally_difference', 'the tally equals a recount');
SELECT * FROM finish();
ROLLBACK;
