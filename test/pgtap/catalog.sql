-- Rules that hold for every object of the extension, so that restore, upgrade and rights
-- cannot go wrong by an object that somebody added. Each test names the offenders.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(16);

CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid
FROM pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack');
CREATE TEMPORARY VIEW routine AS
SELECT p.*, l.lanname, p.oid::regprocedure::text AS name
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_language AS l ON l.oid = p.prolang;
CREATE TEMPORARY VIEW relation AS
SELECT c.*, c.oid::regclass::text AS name
FROM member AS m
JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid;

SELECT cmp_ok((SELECT count(*) FROM routine), '>', 10::bigint, 'the extension has routines to look at');
SELECT cmp_ok((SELECT count(*) FROM relation), '>', 10::bigint, 'and relations');

SELECT is_empty(
    $$SELECT name FROM routine WHERE lanname IN ('sql', 'plpgsql') AND prosqlbody IS NULL
        AND NOT EXISTS (SELECT FROM unnest(proconfig) AS s WHERE s LIKE 'search\_path=%')$$,
    'search_path is pinned where a body is text');
SELECT is_empty(
    $$SELECT name FROM routine, unnest(proconfig) AS s
      WHERE s LIKE 'search\_path=%' AND s <> 'search_path=pg_catalog, pg_temp'$$,
    'a pinned search_path is pg_catalog, pg_temp');
SELECT is_empty(
    $$SELECT name FROM routine WHERE prosecdef
        AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) AS a WHERE a.grantee = 0))$$,
    'no SECURITY DEFINER function is open to PUBLIC');
SELECT is_empty(
    $$SELECT name FROM routine WHERE provolatile = 'v' AND prorettype <> 'trigger'::regtype
        AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) AS a WHERE a.grantee = 0))$$,
    'nothing that writes is open to PUBLIC');
SELECT is_empty(
    $$SELECT name FROM routine WHERE prokind = 'f' AND lanname = 'c' AND proparallel = 'u' AND provolatile <> 'v'$$,
    'parallel labels are chosen');
SELECT is_empty(
    $$SELECT name FROM routine WHERE proretset AND prorows = 1000$$,
    'a set has its ROWS');
SELECT is_empty(
    $$SELECT name FROM routine WHERE obj_description(oid, 'pg_proc') IS NULL$$,
    'every routine has a comment');
SELECT is_empty(
    $$SELECT name FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'c')
        AND obj_description(oid, 'pg_class') IS NULL
        AND NOT EXISTS (SELECT FROM pg_type AS t WHERE t.typrelid = relation.oid AND obj_description(t.oid, 'pg_type') IS NOT NULL)
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = relation.oid AND d.deptype = 'i')$$,
    'every relation has a comment');
SELECT is_empty(
    $$SELECT name || '.' || attname FROM relation JOIN pg_attribute ON attrelid = relation.oid
      WHERE relkind IN ('r', 'p', 'v', 'm', 'c') AND attnum > 0 AND NOT attisdropped AND NOT relispartition
        AND col_description(attrelid, attnum) IS NULL$$,
    'every column has a comment');
SELECT is_empty(
    $$SELECT name FROM relation WHERE relkind IN ('r', 'p', 'S')
        AND oid <> ALL ((SELECT extconfig FROM pg_extension WHERE extname = 'smstrack')::oid[])$$,
    'every table and sequence is registered for dumps');
SELECT is_empty(
    $$SELECT name FROM relation JOIN pg_index ON indrelid = relation.oid WHERE relkind = 'p'$$,
    'no index on a partitioned parent: it breaks restore');
SELECT is_empty(
    $$SELECT name FROM relation JOIN pg_constraint ON conrelid = relation.oid WHERE relkind = 'p' AND contype = 'f'$$,
    'no foreign key on a partitioned parent: it loses data on restore');
SELECT is_empty(
    $$SELECT name FROM relation JOIN pg_trigger ON tgrelid = relation.oid
      WHERE name IN ('smstrack.message', 'smstrack.hit', 'smstrack.hit_default')$$,
    'no trigger on a big table');
SELECT is_empty(
    $$SELECT name FROM relation JOIN pg_index AS i ON i.indrelid = relation.oid
      WHERE name = 'smstrack.message' AND i.indisunique
        AND NOT (SELECT attnum FROM pg_attribute WHERE attrelid = i.indrelid AND attname = 'message_id') = ANY (i.indkey)$$,
    'every unique key of message contains message_id');

SELECT * FROM finish();
ROLLBACK;
