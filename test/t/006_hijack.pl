# Functions and operators that wait in the extension's schema, with arguments that fit
# better than the server's own, are not taken for defaults, constraints or views of ours.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('hijack', without_extension => 1);
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION public.nextval(text) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
CREATE FUNCTION public.num_nonnulls(text, cidr) RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
CREATE FUNCTION public.contained(smallint[], smallint[]) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
CREATE OPERATOR public.<@ (FUNCTION = public.contained, LEFTARG = smallint[], RIGHTARG = smallint[]);
CREATE FUNCTION public.count(bigint) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
CREATE EXTENSION smstrack;
SQL

my ($status, $out, $err) = $node->psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com') > 0;
SELECT smstrack_rewrite('https://a.example/', '1') LIKE 'https://go.example.com/%';
SELECT count(*) FROM smstrack.message_report;
SELECT count(*) FROM smstrack.click_report;
SQL
is($err, '', 'nothing of them is run');
is($out, "t\nt\n1\n1", 'and everything works');

is($node->safe_psql('postgres', <<'SQL'), '', 'no default, constraint or view depends on what is neither ours nor the server\'s');
WITH member AS (
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'smstrack'
    WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
), part AS (
    SELECT classid, objid FROM member
    UNION SELECT 'pg_attrdef'::regclass, a.oid FROM pg_attrdef AS a JOIN member AS m ON m.objid = a.adrelid
    UNION SELECT 'pg_constraint'::regclass, c.oid FROM pg_constraint AS c JOIN member AS m ON m.objid = c.conrelid
    UNION SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite AS r JOIN member AS m ON m.objid = r.ev_class
)
SELECT pg_describe_object(d.classid, d.objid, 0), pg_describe_object(d.refclassid, d.refobjid, 0)
FROM part AS p JOIN pg_depend AS d ON d.classid = p.classid AND d.objid = p.objid
WHERE (d.refclassid = 'pg_proc'::regclass AND (SELECT pronamespace FROM pg_proc WHERE oid = d.refobjid) <> 'pg_catalog'::regnamespace
       OR d.refclassid = 'pg_operator'::regclass AND (SELECT oprnamespace FROM pg_operator WHERE oid = d.refobjid) <> 'pg_catalog'::regnamespace)
  AND NOT EXISTS (SELECT FROM member AS m WHERE m.classid = d.refclassid AND m.objid = d.refobjid)
SQL

# What a caller has of his own, first in his search_path, is run by none of our functions:
# functions, operators, tables and temporary tables with the names that we use.
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA trap;
DO $do$
DECLARE
    spring CONSTANT text := $$BEGIN RAISE EXCEPTION 'trapped as %', current_user; END$$;
    f record;
BEGIN
    -- operators and functions on the types that we use
    FOR f IN
        SELECT o.oprname, o.oprleft::regtype AS l, o.oprright::regtype AS r, o.oprresult::regtype AS result, row_number() OVER () AS n
        FROM pg_operator AS o
        WHERE o.oprname IN ('=', '<>', '<', '>', '<=', '>=', '||', '~', '~*', '!~', '!~*', '~~', '+', '-', '*', '&&', '&', '|', '@>', '<@')
            AND o.oprleft::regtype::text IN ('text', 'integer', 'bigint', 'smallint', 'timestamp with time zone', 'interval', 'numeric', 'bytea', 'anyarray', 'boolean')
            AND o.oprright::regtype::text IN ('text', 'integer', 'bigint', 'smallint', 'timestamp with time zone', 'interval', 'numeric', 'bytea', 'anyarray', 'boolean')
    LOOP
        EXECUTE format('CREATE FUNCTION trap.op_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', f.n, f.l, f.r, f.result, spring);
        EXECUTE format('CREATE OPERATOR trap.%s (FUNCTION = trap.op_%s, LEFTARG = %s, RIGHTARG = %s)', f.oprname, f.n, f.l, f.r);
    END LOOP;
    FOR f IN
        SELECT p.proname, pg_get_function_identity_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result
        FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0
            AND p.proname IN ('lower', 'upper', 'now', 'length', 'octet_length', 'cardinality', 'array_append', 'array_position', 'regexp_replace',
                              'nextval', 'setval', 'to_regclass', 'date_trunc', 'to_char', 'substring', 'trunc', 'left', 'starts_with', 'isfinite',
                              'format_type', 'floor', 'extract', 'to_timestamp', 'clock_timestamp', 'statement_timestamp', 'pg_advisory_xact_lock')
    LOOP
        EXECUTE format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', f.proname, f.arguments, f.result, spring);
    END LOOP;
END
$do$;
CREATE TABLE audience AS SELECT '+4915112340001' AS recipient;
CREATE ROLE caller;
GRANT USAGE ON SCHEMA trap TO caller;
GRANT SELECT ON audience TO caller;
SELECT smstrack_grant('caller', kind) FROM unnest('{composer,dispatcher,redirector,shop,reader,admin}'::text[]) AS kind;
SQL
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM pg_operator WHERE oprnamespace = $$trap$$::regnamespace'), '>', 40, 'there are traps');
my $prologue = <<'SQL';
SET ROLE caller;
CREATE TEMPORARY TABLE message (x int);
CREATE TEMPORARY TABLE link_domain (x int);
CREATE TEMPORARY TABLE opt_out (x int);
CREATE TEMPORARY TABLE pg_class (x int);
CREATE TEMPORARY TABLE pg_proc (x int);
SET search_path = trap, pg_temp, pg_catalog, public;
SQL
like(($node->psql('postgres', "$prologue SELECT 'a' = 'b'::text"))[2], qr/trapped as caller/, 'a trap springs where it is asked for');
my @calls = (
    "public.smstrack_domain('caller.example.com', fallback_url => 'https://f.example/', alias_hosts => '{x.example.com}')",
    "public.smstrack_rewrite('Hi https://a.example/', '+4915112340000')",
    "public.smstrack_prepare('Hi https://a.example/', '+4915112340000', 'key')",
    "public.smstrack_campaign('spring', 'Hi https://a.example/ {{opt_out}}', 'caller.example.com')",
    "public.smstrack_preview('Hi https://a.example/', '+4915112340000')",
    "public.smstrack_estimate('spring', 'public.audience')",
    "public.smstrack_launch('spring', 'public.audience')",
    'public.smstrack_take()',
    "public.smstrack_report('{1}', '{sent}')",
    "public.smstrack_retarget('spring', 0, 'https://b.example/')",
    "public.smstrack_opt_out('+4915112340009')",
    "public.smstrack_opt_outs('{+4915112340009}')",
    "public.smstrack_opt_in('+4915112340009')",
    "public.smstrack_opt_out_link('abcdefgh')",
    "public.smstrack_import_links('caller.example.com', '{x}', '{https://a.example/}')",
    "public.smstrack_is_link_host('caller.example.com')",
    'public.smstrack_code(1)', "public.smstrack_guess_odds('caller.example.com')",
    "public.smstrack_resolve(public.smstrack_code(1))",
    "public.smstrack_hit(public.smstrack_code(1), address => '192.0.2.1', user_agent => 'Mozilla/5.0 x')",
    "public.smstrack_hit_batch(ARRAY[public.smstrack_code(1)])",
    "public.smstrack_reclassify('-infinity')",
    "public.smstrack_export_person('+4915112340000')",
    "public.smstrack_forget('+4915112340000')",
    'public.smstrack_check()',
    "public.smstrack_disable('spring')",
);
for my $call (@calls) {
    my ($name) = $call =~ /smstrack_(\w+)/;
    my ($result, $out, $err) = $node->psql('postgres', "$prologue SELECT $call;");
    is($err, '', "smstrack_$name runs nothing of the caller's");
}
is(($node->psql('postgres', "$prologue CALL public.smstrack_maintain()"))[2], '', 'smstrack_maintain neither');

# What stands where we want to stand stops CREATE EXTENSION; it is not taken over.
for my $squatter ('CREATE SCHEMA smstrack', 'CREATE FUNCTION public.smstrack_version() RETURNS text LANGUAGE sql IMMUTABLE STRICT RETURN $$x$$') {
    $node->safe_psql('postgres', 'CREATE DATABASE taken');
    $node->safe_psql('taken', $squatter);
    like(($node->psql('taken', 'CREATE EXTENSION smstrack'))[2], qr/already exists/, "$squatter: not taken over");
    $node->safe_psql('postgres', 'DROP DATABASE taken');
}

$node->stop;
done_testing();
