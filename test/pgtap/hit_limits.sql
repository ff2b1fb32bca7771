-- What strangers feed is bounded: beyond smstrack.user_agent_limit no user agent is stored,
-- and every hit is.
BEGIN;
SELECT plan(7);

SELECT smstrack_domain('limits.example') \g /dev/null
SELECT smstrack_rewrite('https://a.example/', '+4915112345678', 'limits.example') AS body \gset
CREATE TEMPORARY TABLE sent AS SELECT :'body'::text AS b;
CREATE FUNCTION pg_temp.hits(agents text[]) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT class FROM smstrack_hit_batch(array_fill(substring((SELECT max(b) FROM sent) FROM '[^/]*$'), ARRAY[cardinality(agents)]),
                                         array_fill('limits.example'::text, ARRAY[cardinality(agents)]), user_agents => agents)
$$;
SELECT count(*) AS before FROM smstrack.user_agent \gset
SELECT set_config('smstrack.user_agent_limit', (:before + 2)::text, true) \g /dev/null

SELECT is((SELECT count(*) FROM pg_temp.hits(ARRAY(SELECT 'curl/' || n FROM generate_series(1, 5) AS n)) WHERE hits = 'bot'), 5::bigint,
          'hits of too many user agents are judged');
SELECT is((SELECT count(*) FROM smstrack.user_agent), :before + 2::bigint, 'no more user agents than the limit are stored');
SELECT is((SELECT count(DISTINCT user_agent_id) FROM smstrack.hit JOIN smstrack.message USING (message_id)
           WHERE link_domain = (SELECT id FROM smstrack.link_domain WHERE host = 'limits.example')), 5::bigint,
          'every hit is, and tells its user agent from others');
SELECT lives_ok($$SELECT smstrack_reclassify('-infinity')$$, 'they can be judged again');
SELECT is((SELECT count(*) FROM pg_temp.hits('{curl/1,curl/2,curl/3,curl/4,curl/5}')), 5::bigint, 'and come again');
SET LOCAL smstrack.user_agent_limit = 1000000;
SELECT count(*) FROM pg_temp.hits('{curl/1,curl/2,curl/3,curl/4,curl/5}') \g /dev/null
SELECT is((SELECT count(*) FROM smstrack.user_agent), :before + 5::bigint, 'a higher limit holds at once');
SELECT is_empty('SELECT * FROM smstrack.tally_difference', 'the tally equals a recount');
SELECT * FROM finish();
ROLLBACK;
