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

$node->stop;
done_testing();
