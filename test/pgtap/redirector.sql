-- A redirector faces the world: its role can do its five things, and nothing else.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(5);
SET client_min_messages = error;

CREATE ROLE regress_redirector;
SELECT smstrack_grant('regress_redirector', 'redirector');

SELECT is_empty(
    $$SELECT c.oid::regclass, p.privilege
      FROM pg_class AS c,
           unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege)
      WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        AND (has_table_privilege('regress_redirector', c.oid, p.privilege)
             OR p.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                AND has_any_column_privilege('regress_redirector', c.oid, p.privilege))$$,
    'no table and no view, in no way');

SELECT is_empty(
    $$SELECT c.oid::regclass
      FROM pg_class AS c
      WHERE c.relnamespace = 'smstrack'::regnamespace
        AND CASE WHEN c.relkind = 'S'
            THEN has_sequence_privilege('regress_redirector', c.oid, 'USAGE, SELECT, UPDATE') END$$,
    'no sequence');

SELECT is_empty(
    $$SELECT p.proname::text
      FROM pg_depend AS d JOIN pg_proc AS p ON p.oid = d.objid
      WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
        AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack')
        AND has_function_privilege('regress_redirector', p.oid, 'EXECUTE')
        AND NOT EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                        WHERE a.grantee = 0)
        AND p.proname NOT IN ('smstrack_resolve', 'smstrack_hit', 'smstrack_hit_batch', 'smstrack_convert_click', 'smstrack_postback',
                              'smstrack_is_link_host', 'smstrack_opt_out_link')$$,
    'of what is not for everybody, its own functions alone');

-- What everybody may call reads no table as somebody else, and writes nothing.
SELECT is_empty(
    $$SELECT p.oid::regprocedure
      FROM pg_depend AS d JOIN pg_proc AS p ON p.oid = d.objid
      WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
        AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack')
        AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                    WHERE a.grantee = 0)
        AND (p.prosecdef OR p.provolatile = 'v') AND p.prorettype <> 'trigger'::regtype$$,
    'what everybody may call acts as nobody else and writes nothing');

SET ROLE regress_redirector;
SELECT throws_ok($$SELECT key FROM smstrack.secret$$, '42501', NULL, 'no secret');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
