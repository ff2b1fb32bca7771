-- What keeps sharding by message_id possible, and restores safe: rules for the tables that
-- grow with every message and hit.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(7);

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

SELECT * FROM finish();
ROLLBACK;
