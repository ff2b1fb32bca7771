-- What keeps sharding by message_id possible, and restores safe: rules for the tables that
-- grow with every message and hit.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(15);

CREATE TEMPORARY VIEW big AS
SELECT 'smstrack.message'::regclass AS oid
UNION ALL
SELECT relid FROM pg_partition_tree('smstrack.hit');

SELECT is_empty(
    $$SELECT big.oid::regclass, conname FROM big JOIN pg_constraint ON conrelid = big.oid
      WHERE contype IN ('p', 'u') AND NOT conkey @> ARRAY(SELECT attnum FROM pg_attribute WHERE attrelid = big.oid AND attname = 'message_id')$$,
    'every key has message_id');
SELECT is_empty(
    $$SELECT conrelid::regclass, confrelid::regclass FROM pg_constraint JOIN big ON big.oid IN (conrelid, confrelid) WHERE contype = 'f'$$,
    'no foreign key comes from them or leads to them');
SELECT is_empty(
    $$SELECT tgname FROM pg_trigger JOIN big ON tgrelid = big.oid$$,
    'they have no trigger');
SELECT is_empty(
    $$SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'smstrack.hit'::regclass$$,
    'the partitioned parent has no index');
SELECT is_empty(
    $$SELECT conname FROM pg_constraint WHERE conrelid = 'smstrack.hit'::regclass AND contype <> 'n'$$,
    'and no constraint');
SELECT is(
    (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
     WHERE adrelid = 'smstrack.message'::regclass AND attname = 'message_id'),
    'smstrack.next_message_id()',
    'an id comes from a function of the extension');
SELECT is_empty(
    $$SELECT attrelid::regclass, attname FROM pg_attribute JOIN big ON attrelid = big.oid WHERE attidentity <> '' AND NOT attisdropped$$,
    'and from no identity column');

SELECT bag_eq(
    $$SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'p' AND conrelid IN ('smstrack.message'::regclass, 'smstrack.outbox'::regclass)
      AND conkey = ARRAY(SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = 'message_id')$$,
    $$VALUES ('smstrack.message'::regclass), ('smstrack.outbox'::regclass)$$,
    'messages and outbox have the message id as their key');

-- What is on every node.
CREATE TEMPORARY VIEW named AS
SELECT oid FROM unnest('{smstrack.link_domain_name, smstrack.campaign_name, smstrack.variant_name}'::regclass[]) AS oid;
SELECT is_empty(
    $$SELECT conname FROM pg_constraint JOIN named ON named.oid IN (conrelid, confrelid) WHERE contype NOT IN ('p', 'n')
      UNION ALL SELECT tgname FROM pg_trigger JOIN named ON tgrelid = named.oid
      UNION ALL SELECT polname FROM pg_policy JOIN named ON polrelid = named.oid
      UNION ALL SELECT attname FROM pg_attribute JOIN named ON attrelid = named.oid WHERE attidentity <> '' OR atthasdef$$,
    'reference tables have a key, and nothing that nodes would each do for themselves');
SELECT is_empty(
    $$SELECT named.oid::regclass, attname FROM named JOIN pg_attribute AS n ON n.attrelid = named.oid AND n.attnum > 0
      WHERE NOT EXISTS (SELECT FROM pg_attribute AS o WHERE o.attname = n.attname AND o.atttypid = n.atttypid
                        AND o.attrelid = regexp_replace(named.oid::text, '_name$', '')::regclass)$$,
    'their columns are those of what they name');
SELECT is_empty('SELECT id FROM smstrack.campaign_name', 'without Citus they are empty');

-- smstrack_distribute says what it lacks; test/t/017_citus.pl shows what it does.
CREATE FUNCTION pg_temp.told(OUT state text, OUT message text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM smstrack_distribute();
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END
$$;
SELECT is(t.state, '42704', 'without Citus the extension is missed') FROM pg_temp.told() AS t;
SELECT is(t.message, 'extension "citus" is not installed in this database', 'in these words') FROM pg_temp.told() AS t;
SELECT matches(t.hint, 'CREATE EXTENSION citus', 'with what to do') FROM pg_temp.told() AS t;
SELECT ok(NOT smstrack.is_distributed(), 'messages are here');

SELECT * FROM finish();
ROLLBACK;
