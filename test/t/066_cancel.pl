# A statement that is cancelled in the middle ends soon and leaves nothing half written: every
# function is cut off after some times, shorter and longer, and the tables must be what they
# were; then it runs to its end, and all invariants hold.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;
use Time::HiRes qw(time);

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
SELECT smstrack_campaign('split', 'Hi https://a.example/');
INSERT INTO smstrack.variant (campaign, name, body) SELECT id, 'B', 'Hello https://a.example/' FROM smstrack.campaign WHERE name = 'split';
CREATE TABLE request AS SELECT array_agg(smstrack_code(message_id, n)) AS codes, array_agg(('10.0.' || message_id / 256 % 256 || '.' || message_id % 256)::inet) AS addresses,
    array_agg('$iphone'::text) AS agents FROM smstrack.message, generate_series(0, 1) AS n;
CREATE TABLE click AS SELECT h.token FROM request AS r, smstrack_hit_batch(r.codes, addresses => r.addresses, user_agents => r.agents) AS h WHERE h.token IS NOT NULL;
SELECT smstrack_rewrite('Hi https://old.example/' || n, '+49153' || 1000000 + n) FROM generate_series(1, 300) AS n;
UPDATE smstrack.message SET created_at = now() - interval '3 days' WHERE recipient LIKE '+49153%';
CREATE ROLE one;
CREATE ROLE two;
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

# An order a token; called in a loop each is a function of its own, in a batch all are one.
my $tokens = q{(SELECT token, row_number() OVER () AS n FROM click LIMIT 1000) AS c};
my $text = q{repeat('Hi Zoë {{name}}, https://a.example/x and b.example – ciao ', 100000)};
my $stamp = int time;
my $orders = '{"conversions": [' . join(',', map { qq({"recipient": "+4915110000$_", "goal": "order", "order_id": "p$_", "value": "5", "currency": "EUR"}) } 100 .. 999) . ']}';
my $postback = hmac_sha256_hex("$stamp.$orders", pack 'H*', query(q{SELECT smstrack_postback_key('go.example.com')}));

# A function that takes no time is called so often that it does; one that gives rows, by rows.
sub often { my ($call, $times) = @_; return "SELECT count($call) FROM generate_series(1, $times) AS n"; }
sub often_rows { my ($call, $times) = @_; return "SELECT count(x.*) FROM generate_series(1, $times) AS n, $call AS x"; }

my @statements = (
    "SELECT smstrack_launch('second', 'audience')",
    "SELECT smstrack_launch('quiet', 'audience')",
    "SELECT smstrack_estimate('first', 'audience')",
    often_rows(q{smstrack_preview('Hi {{name}} https://a.example/' || n, '+4915110000001', fields => '{"name": "x"}')}, 5_000),
    often(q{smstrack_campaign('c' || n, 'Hi https://a.example/' || n)}, 1_000),
    often(q{smstrack_experiment('first', min_recipients => n)}, 500),
    often(q{smstrack_domain('d' || n % 200 || '.example.com')}, 400),
    "SELECT smstrack_take(n => 100000)",
    "SELECT smstrack_report(array_agg(message_id), array_agg('delivered'::text)) FROM smstrack.message WHERE status <> 'l'",
    'SELECT count(h.status) FROM request AS r, smstrack_hit_batch(r.codes, addresses => r.addresses, user_agents => r.agents) AS h',
    qq{SELECT count(h.status) FROM (SELECT unnest(codes) AS code FROM request) AS r, smstrack_hit(r.code, address => '192.0.2.1', user_agent => '$iphone') AS h},
    "SELECT smstrack_reclassify('-infinity')",
    qq{SELECT count(*) FROM smstrack_convert_batch((SELECT jsonb_agg(jsonb_build_object('token', token, 'goal', 'order', 'order_id', 'o' || n, 'value', 5, 'currency', 'EUR')) FROM $tokens))},
    "SELECT count(smstrack_convert(token, 'order', 's' || n, 5, 'EUR')) FROM $tokens",
    "SELECT count(smstrack_convert_click(token, 'order', 'b' || n, '5', 'EUR')) FROM $tokens",
    often(q{smstrack_convert_recipient('+4915110000' || 100 + n, 'order', 'r' || n, 5, 'EUR')}, 500),
    "SELECT smstrack_postback('go.example.com', '$stamp', '$postback', '$orders')",
    "SELECT count(*) FROM smstrack_reverse_batch((SELECT jsonb_agg(jsonb_build_object('goal', 'order', 'order_id', 'o' || n, 'value', 1, 'reversal_id', 'x')) FROM $tokens))",
    q{SELECT count(smstrack_reverse(goal, order_id)) FROM smstrack.conversion WHERE order_id LIKE 's%'},
    "SELECT smstrack_attribute('-infinity')",
    'SELECT smstrack_refresh()',
    q{SELECT count(*) FROM generate_series(1, 100), smstrack_timeline(bucket => 'day')},
    q{SELECT count(*) FROM smstrack_logbook(page_size => 10000)},
    often_rows(q{smstrack_ab_report(left('split', 5 + n % 2))}, 200),
    q{SELECT smstrack_decide('split', 'B')},
    often('smstrack_test_size(1000000 + n)', 100_000),
    often(q{smstrack_retarget('first', 1, 'https://c.example/' || n)}, 500),
    q{SELECT count(smstrack_disable(name)) FROM smstrack.campaign WHERE name LIKE 'c%'},
    q{SELECT smstrack_opt_outs(ARRAY(SELECT '+49160' || n FROM generate_series(1000000, 1020000) AS n))},
    often(q{smstrack_opt_out('+49161' || n)}, 5_000),
    often(q{smstrack_opt_in('+49161' || n)}, 5_000),
    q{SELECT count(smstrack_opt_out_link(smstrack_code(message_id, 15))) FROM smstrack.message, smstrack.campaign AS c WHERE campaign = c.id AND c.name = 'second' AND message_id % 2 = 0},
    q{SELECT smstrack_import_links('go.example.com', array_agg('v' || n), array_agg('https://v.example/' || n)) FROM generate_series(1, 20000) AS n},
    often(q{smstrack_rewrite('Hi https://c.example/' || n, '+49152' || (1000000 + n))}, 3_000),
    often_rows(q{smstrack_prepare('Hi https://c.example/' || n, '+49152' || (1000000 + n), 'key ' || n)}, 3_000),
    q{SELECT count(x.*) FROM (SELECT unnest(codes) AS code FROM request) AS r, generate_series(1, 20), smstrack_resolve(r.code) AS x},
    'SELECT count(smstrack_code(message_id)) FROM smstrack.message, generate_series(1, 20)',
    (map { "SELECT count(*) FROM smstrack_$_($text)" } qw(encoding segments segment_info parts smart smart_info links link_count)),
    often(q{smstrack_e164('0151 ' || n, '49')}, 500_000),
    often('smstrack_csv_text(n::text)', 500_000),
    often('smstrack_guess_odds()', 2_000),
    often(q{smstrack_is_link_host('go.example.com')}, 50_000),
    often(q{smstrack_postback_key('go.example.com')}, 50_000),
    often('smstrack_tracking_code()', 20_000),
    often('smstrack_version()', 1_000_000),
    q{SELECT count(smstrack_grant(role::regrole, kind)) FROM unnest('{one,two}'::text[]) AS role, unnest('{composer,dispatcher,redirector,shop,reader,admin}'::text[]) AS kind},
    q{SELECT count(x.*) FROM generate_series(1, 200) AS n, smstrack_export_person('+49151' || (10000000 + n)) AS x},
    q{SELECT smstrack_forget_many(ARRAY(SELECT recipient FROM audience LIMIT 1500))},
    q{SELECT count(x.*) FROM (SELECT recipient FROM audience ORDER BY recipient DESC LIMIT 30) AS a, smstrack_forget(a.recipient) AS x},
    q{SELECT smstrack_forget_before(now() - interval '2 days')},
    'SELECT * FROM smstrack_check()',
);
is(join(', ', grep { my $name = $_; !grep { /\b$name\(/ } @statements } split /\n/, query(<<'SQL')), '', 'every function is cut off');
SELECT DISTINCT p.proname FROM pg_depend AS d JOIN pg_proc AS p ON p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack') AND p.prokind = 'f' AND p.proname LIKE 'smstrack\_%'
    AND p.pronamespace <> 'smstrack'::regnamespace
    AND p.proname <> 'smstrack_distribute' -- at once where there is no Citus; with it, test/t/017_citus.pl
ORDER BY 1
SQL
my $cut = 0;
for my $statement (@statements) {
    my ($name) = $statement =~ /(smstrack_\w+)/;
    my $before = query('SELECT digest()');
    my ($times, $wrong, $done, $longest) = (0, '', 0, 0);
    for my $milliseconds (2, 10, 40, 150) {
        my $begin = time;
        my ($status, $out, $err) = $node->psql('postgres', "SET statement_timeout = $milliseconds; $statement");
        $longest = time - $begin if time - $begin > $longest;
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
    cmp_ok($longest, '<', 10, 'it ends soon');
    is($done || ($node->psql('postgres', $statement))[0] == 0, 1, 'then it runs to its end');
}
cmp_ok($cut, '>', 60, "$cut statements were cut off");
is(query("SELECT coalesce(string_agg(name || ': ' || detail, '; '), 'all is well') FROM smstrack_check() WHERE NOT ok"), 'all is well', 'all invariants hold');

# Upkeep commits between its steps: whatever is cut off is done by the next call.
for my $milliseconds (1, 5, 20) {
    $node->psql('postgres', "SET statement_timeout = $milliseconds; CALL smstrack_maintain()");
    is(query("SELECT coalesce(string_agg(name || ': ' || detail, '; '), 'all is well') FROM smstrack_check() WHERE NOT ok"), 'all is well', "upkeep cut off after $milliseconds ms");
}
is(($node->psql('postgres', 'CALL smstrack_maintain()'))[0], 0, 'and runs to its end');

$node->stop;
done_testing();
