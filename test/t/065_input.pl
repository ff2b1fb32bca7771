# Every function of the extension, called with nulls, extremes, junk and much too much, in
# databases of five encodings: no crash, no internal error, and no error that the reference
# does not name.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('input', without_extension => 1);
my $rounds = $ENV{SMSTRACK_INPUT_ROUNDS} || 40;

# SQLSTATEs of the reference, and those of the types' own functions.
my %documented = map { $_ => 1 } slurp_file('doc/reference.md') =~ /`([0-9A-Z]{5})`/g;
$documented{$_} = 1 for qw(22001 22003 22008 22021 22023 22P02 22P05 54000 42501);

my $battery = <<'SQL';
CREATE TABLE value (type text, n serial, text text);
INSERT INTO value (type, text)
SELECT t.type, v.text
FROM (VALUES
    ('text', ARRAY['', 'x', ' ', '+4915112345678', '0151', 'go.example.com', 'spring', 'https://a.example/', 'javascript:alert(1)', 'Hi {{name}} https://a.example/{{x', '{{',
                   '}}', '%00%s%n', E'\x01\x7f\r\n\t', repeat('a', 300), repeat('https://a.example/ ', 4000), repeat('{{a}}', 3000), 'NaN', '-1', '{', '[]', 'abcdefgh', 'A-B', repeat('(', 5000),
                   chr(233), repeat(chr(233), 70000), '''', '"', '\', 'g', '=', '&a=b', '.', 'x.', '*', 'admin', 'click', 'sent', '2026-01-01', 'EUR', 'eur', '999999999999999999999999999']),
    ('integer', '{0,1,-1,15,16,2147483647,-2147483648,62,1000000}'), ('smallint', '{0,1,-1,32767,-32768,17477}'),
    ('bigint', '{0,1,-1,16,9223372036854775807,-9223372036854775808,52456210366771263,52456210366771264}'),
    ('double precision', '{0,1,-1,0.5,NaN,Infinity,-Infinity,1e308,1e-308}'), ('numeric', ARRAY['0', '1', '-1', 'NaN', 'Infinity', '0.0000001', '1e15', repeat('9', 1000)]),
    ('boolean', '{t,f}'), ('interval', '{0,1 day,-1 day,178000000 years,1 microsecond,-178000000 years}'),
    ('timestamp with time zone', '{now,infinity,-infinity,4713-01-01 BC,294276-12-31,1970-01-01,2200-01-01}'), ('date', '{today,infinity,-infinity,4713-01-01 BC,5874897-12-31}'),
    ('inet', '{0.0.0.0,192.0.2.1/24,255.255.255.255,::,2001:db8::1/64,::ffff:192.0.2.1}'), ('uuid', '{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff}'),
    ('bytea', ARRAY['', '\x00', '\x' || repeat('ab', 32), '\x' || repeat('00', 100)]), ('regclass', '{0,pg_class,audience,1,smstrack.message}'), ('regrole', '{0,pg_monitor,1}'),
    ('jsonb', ARRAY['null', '{}', '[]', '[1]', '[{}]', '"x"', '{"a":{"a":1}}', '[{"token":"x","goal":"y"}]', '[{"goal":1,"value":"x","order_id":[]}]', '{"name":"x"}', repeat('[', 3000) || repeat(']', 3000),
                    '[{"token":null,"goal":null,"value":1e400,"currency":"EUR","at":"yesterday"}]', '[null,[],{}]'])
) AS t (type, values), unnest(t.values) AS v (text);
-- arrays of each: empty, with nulls, of two dimensions, long
INSERT INTO value (type, text)
SELECT type || '[]', a FROM (
    SELECT v.type, unnest(ARRAY['{}', '{NULL}', array_agg(v.text)::text, ARRAY[ARRAY[min(v.text), max(v.text)]]::text, array_fill(min(v.text), ARRAY[1000])::text]) AS a
    FROM value AS v WHERE v.type NOT IN ('jsonb', 'regclass', 'regrole', 'bytea', 'boolean', 'date') AND length(v.text) < 1000 GROUP BY v.type) AS x;
CREATE TABLE outcome (function text, sqlstate text, message text, call text);
CREATE TABLE audience AS SELECT '+4915112345678' AS recipient, 'n' AS name;

-- Gives a value of a type as SQL, by a number.
CREATE FUNCTION pick(type text, seed bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT CASE WHEN seed % 7 = 0 THEN 'NULL' ELSE quote_literal(v.text) END || '::' || pick.type
                     FROM value AS v WHERE v.type = pick.type
                     ORDER BY hashint8extended(v.n + seed * 1000003, 7) LIMIT 1), 'NULL::' || pick.type)
$$;

CREATE PROCEDURE try_all(rounds integer) LANGUAGE plpgsql AS $do$
DECLARE
    f record;
    call text;
BEGIN
    FOR f IN
        SELECT p.oid::regprocedure::text AS name, n.nspname, p.proname, p.proargtypes, p.pronargs
        FROM pg_depend AS d
        JOIN pg_proc AS p ON p.oid = d.objid
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack')
            AND p.prokind = 'f' AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
            -- that would use up the ids, or drop what is tried on
            AND p.proname NOT IN ('jump_message_ids', 'make_hit_partition')
        ORDER BY 1
    LOOP
        FOR round IN 1 .. CASE WHEN f.pronargs = 0 THEN 1 ELSE rounds END LOOP
            SELECT format('SELECT count(*) FROM %I.%I(%s)', f.nspname, f.proname,
                          coalesce(string_agg(pick(format_type(a.type, NULL), hashtextextended(f.name, round) % 1000000007 + a.n * 31), ', ' ORDER BY a.n), ''))
            INTO call FROM unnest(f.proargtypes) WITH ORDINALITY AS a (type, n);
            BEGIN
                EXECUTE call;
                INSERT INTO outcome VALUES (f.name, '00000', '', '');
            EXCEPTION WHEN OTHERS THEN
                INSERT INTO outcome VALUES (f.name, SQLSTATE, SQLERRM, left(call, 500));
            END;
        END LOOP;
        COMMIT;
    END LOOP;
END
$do$;
SQL

for my $encoding ('UTF8', 'LATIN1', 'EUC_JP', 'WIN1251', 'SQL_ASCII') {
    my $database = lc $encoding;
    $node->safe_psql('postgres', "CREATE DATABASE $database ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
    # a letter that the encoding has, where it is no UTF-8
    my $text = $encoding eq 'UTF8' ? $battery : $battery =~ s/chr\(233\)/($encoding eq 'EUC_JP' ? q{convert_from('\\xa4a2', 'EUC_JP')} : 'chr(233)')/ger;
    my $set_up = "SET client_encoding = 'UTF8'; CREATE EXTENSION smstrack; SELECT smstrack_domain('go.example.com'), smstrack_campaign('spring', 'Hi {{name}} https://a.example/');";
    $set_up =~ s/SET client_encoding = 'UTF8';// if $encoding eq 'SQL_ASCII';
    $node->safe_psql($database, "$set_up $text");
    my ($status, $out, $err) = $node->psql($database, "SET statement_timeout = '240s'; CALL try_all(" . ($encoding eq 'UTF8' ? $rounds : int($rounds / 6)) . ')');
    is($status, 0, "$encoding: the server lives") or diag($err);
    my %found = map { split /\|/, $_, 2 } split /\n/, $node->safe_psql($database, q{SELECT sqlstate, count(*) || ' such as ' || regexp_replace(left(min(call COLLATE "C"), 200) || ': ' || left(min(message COLLATE "C"), 200), '[[:cntrl:]]', ' ', 'g') FROM outcome GROUP BY 1});
    cmp_ok($node->safe_psql($database, 'SELECT count(DISTINCT function) FROM outcome'), '>', 60, "$encoding: many functions were called");
    cmp_ok(($found{'00000'} // 0) =~ /^(\d+)/ ? $1 : 0, '>', 100, 'some calls succeeded');
    is(join("\n", map { "$_ $found{$_}" } grep { /^(?:XX|57|53|58)/ } sort keys %found), '', "$encoding: no internal error");
    is(join("\n", map { "$_ $found{$_}" } grep { $_ ne '00000' && !$documented{$_} && !/^(?:XX|57|53|58)/ } sort keys %found), '', "$encoding: no error that is not documented");
    is($node->safe_psql($database, "SELECT coalesce(string_agg(name || ': ' || detail, '; '), 'all is well') FROM smstrack_check() WHERE NOT ok AND name NOT IN ('strays', 'leases')"), 'all is well', "$encoding: all invariants hold")
        or diag($node->safe_psql($database, 'SELECT * FROM smstrack_check()'));
}

# 100 MB of it; SMSTRACK_INPUT_BYTES=1073000000 is as much as a text may have.
my $bytes = $ENV{SMSTRACK_INPUT_BYTES} || 100_000_000;
my $copies = int($bytes / 24);
my $patience = 120 + int($bytes / 1_000_000);
for my $call ('smstrack_encoding(%s)', 'smstrack_segments(%s)', 'smstrack_segment_info(%s)', 'smstrack_smart(%s)', 'smstrack_links(%s)', 'smstrack_link_count(%s)',
    q{smstrack_rewrite(%s, '+4915112345678')}, q{smstrack_rewrite('x', %s)}, q{smstrack_prepare('x', '1', %s)}, 'smstrack_preview(%s)', q{smstrack_campaign('big', %s)}, q{smstrack_campaign(%s, 'x')},
    'smstrack_e164(%s)', 'smstrack_hit(%s)', q{smstrack_hit('abcdefgh', user_agent => %s, referrer => %s)}, 'smstrack_opt_out(%s)', 'smstrack_forget(%s)', 'smstrack_export_person(%s)',
    q{smstrack_convert(%s, 'x')}, 'smstrack_domain(%s)', 'smstrack_resolve(%s)') {
    my $statement = 'SELECT count(*) FROM ' . $call =~ s/%s/repeat('a https:\/\/a.example\/bcd ', $copies)/gr;
    my ($status, $out, $err) = $node->psql('utf8', "\\set VERBOSITY sqlstate\n SET statement_timeout = '${patience}s'; $statement");
    my ($state) = $err =~ /ERROR:\s+(\w{5})/;
    ok($status == 0 || ($state && $documented{$state}), "$call with $bytes bytes: " . ($state // 'no error')) or diag($err);
}

$node->stop;
done_testing();
