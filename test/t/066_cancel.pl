# A statement that is cancelled in the middle leaves nothing half written: each long function
# is cut off after some times, shorter and longer, and the tables must be what they were;
# then it runs to its end, and all invariants hold.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('cancel');
my $iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

sub query { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

query(<<"SQL");
SELECT smstrack_domain('go.example.com');
CREATE TABLE audience AS SELECT '+49151' || (10000000 + n) AS recipient, 'n' || n AS name FROM generate_series(1, 2500) AS n;
SELECT smstrack_campaign('first', 'Hi {{name}} https://a.example/{{name}} https://b.example/', keep_body => true);
SELECT smstrack_campaign('second', 'Hi {{name}} https://a.example/{{name}} {{opt_out}}');
SELECT smstrack_campaign('quiet', 'Hi https://a.example/', tracking => 'anonymous');
SELECT smstrack_launch('first', 'audience');
CREATE TABLE request AS SELECT array_agg(smstrack_code(message_id, n)) AS codes, array_agg(('10.0.' || message_id / 256 % 256 || '.' || message_id % 256)::inet) AS addresses,
    array_agg('$iphone'::text) AS agents FROM smstrack.message, generate_series(0, 1) AS n;
CREATE TABLE click AS SELECT h.token FROM request AS r, smstrack_hit_batch(r.codes, addresses => r.addresses, user_agents => r.agents) AS h WHERE h.token IS NOT NULL;
INSERT INTO smstrack.agent_rule (pattern, class) VALUES ('iPhone', 'bot');
-- a digest of every table: what is half written would show in it
CREATE FUNCTION digest() RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
    t regclass;
    one text;
    sum text := '';
BEGIN
    FOR t IN SELECT c.oid FROM pg_class AS c WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind = 'r' ORDER BY c.relname LOOP
        EXECUTE format('SELECT md5(string_agg(md5(x::text), '''' ORDER BY md5(x::text))) FROM %s AS x', t) INTO one;
        sum := sum || t || coalesce(one, '-') || ' ';
    END LOOP;
    RETURN sum;
END
\$\$;
SQL

my @statements = (
    "SELECT smstrack_launch('second', 'audience')",
    "SELECT smstrack_launch('quiet', 'audience')",
    "SELECT smstrack_estimate('first', 'audience')",
    "SELECT smstrack_take(n => 100000)",
    "SELECT smstrack_report(array_agg(message_id), array_agg('delivered'::text)) FROM smstrack.message WHERE status <> 'l'",
    'SELECT count(h.status) FROM request AS r, smstrack_hit_batch(r.codes, addresses => r.addresses, user_agents => r.agents) AS h',
    "SELECT smstrack_reclassify('-infinity')",
    q{SELECT count(*) FROM smstrack_convert_batch((SELECT jsonb_agg(jsonb_build_object('token', token, 'goal', 'order', 'order_id', 'o' || n, 'value', 5, 'currency', 'EUR'))
        FROM (SELECT token, row_number() OVER () AS n FROM click LIMIT 1000) AS c))},
    "SELECT smstrack_attribute('-infinity')",
    q{SELECT smstrack_opt_outs(ARRAY(SELECT '+49160' || n FROM generate_series(1000000, 1020000) AS n))},
    q{SELECT smstrack_import_links('go.example.com', array_agg('v' || n), array_agg('https://v.example/' || n)) FROM generate_series(1, 20000) AS n},
    q{SELECT count(smstrack_rewrite('Hi https://c.example/' || n, '+49152' || (1000000 + n))) FROM generate_series(1, 3000) AS n},
    q{SELECT count(*) FROM smstrack_export_person('+4915110000001')},
    q{SELECT smstrack_forget_many(ARRAY(SELECT recipient FROM audience LIMIT 1500))},
    'SELECT * FROM smstrack_check()',
);
my $cut = 0;
for my $statement (@statements) {
    my ($name) = $statement =~ /(smstrack_\w+)/;
    my $before = query('SELECT digest()');
    my ($times, $wrong, $done) = (0, '', 0);
    for my $milliseconds (2, 10, 40, 150) {
        my ($status, $out, $err) = $node->psql('postgres', "SET statement_timeout = $milliseconds; $statement");
        if ($status == 0) {
            $done = 1;
            last;
        }
        $times++;
        $wrong .= $err unless $err =~ /canceling statement due to statement timeout/;
        $wrong .= "half written after $milliseconds ms " if query('SELECT digest()') ne $before;
    }
    $cut += $times;
    is($wrong, '', "$name: cut off $times times, nothing is left of it");
    is($done || ($node->psql('postgres', $statement))[0] == 0, 1, 'then it runs to its end');
}
cmp_ok($cut, '>', 15, "$cut statements were cut off");
is(query("SELECT coalesce(string_agg(name || ': ' || detail, '; '), 'all is well') FROM smstrack_check() WHERE NOT ok"), 'all is well', 'all invariants hold');

# Upkeep commits between its steps: whatever is cut off is done by the next call.
for my $milliseconds (1, 5, 20) {
    $node->psql('postgres', "SET statement_timeout = $milliseconds; CALL smstrack_maintain()");
    is(query("SELECT coalesce(string_agg(name || ': ' || detail, '; '), 'all is well') FROM smstrack_check() WHERE NOT ok"), 'all is well', "upkeep cut off after $milliseconds ms");
}
is(($node->psql('postgres', 'CALL smstrack_maintain()'))[0], 0, 'and runs to its end');

$node->stop;
done_testing();
