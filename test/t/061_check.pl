# smstrack_check(): each invariant holds in a healthy database, and is seen when it is broken.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('check');
my $iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

sub query { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

is(query('SELECT count(*), string_agg(name, $$, $$) FILTER (WHERE NOT ok OR detail IS NOT NULL OR advice IS NOT NULL) FROM smstrack_check()') =~ /^\d\d\|$/, 1,
    'all is well in an empty database');
query(<<"SQL");
SELECT smstrack_domain('go.example.com');
SELECT smstrack_domain('two.example.com');
CREATE TABLE audience AS SELECT '+491511234' || n AS recipient FROM generate_series(1000, 1200) AS n;
SELECT smstrack_campaign('spring', 'Hi https://a.example/ and https://b.example/');
SELECT smstrack_launch('spring', 'audience');
SELECT smstrack_rewrite('Hi https://a.example/', '+4915112340000');
SELECT count(h.class) FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id, (m.message_id % m.links)::integer), now() - m.message_id * interval '1 minute', '198.51.100.1', '$iphone') AS h;
SELECT count(smstrack_convert(h.token, 'order', 'order-' || m.message_id, 10, 'EUR')) FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id), now(), '198.51.100.1', '$iphone', fetch_mode => 'navigate', fetch_dest => 'document') AS h WHERE m.message_id % 20 = 0 AND h.token IS NOT NULL;
SELECT smstrack_rewrite('Hi', '+4915112340001');
SELECT smstrack_forget('+491511234' || n) FROM generate_series(1000, 1010) AS n;
SELECT smstrack_reclassify('-infinity');
CREATE ROLE watcher LOGIN;
SELECT smstrack_grant('watcher', 'admin');
CREATE ROLE stranger;
SQL
my $wrong = q{SELECT coalesce(string_agg(name, ', '), 'all is well') FROM smstrack_check() WHERE NOT ok AND detail IS NOT NULL AND advice IS NOT NULL};
is(query($wrong), 'all is well', 'all is well in a database that is used');
is(query("SET ROLE watcher; $wrong"), 'all is well', 'an admin may look, who may not read what is looked at');

# Each damage is done, seen by its name and that alone, and undone.
my ($now, $later) = map { query("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '$_ months', '\"hit_\"YYYY_MM')") } 0, 2;
my @damage = (
    [ 'a wrong check value', 'secrets', q{UPDATE smstrack.secret SET check_value = '\x00' WHERE link_domain = 2} ],
    [ 'a wrong secret', 'secrets', q{UPDATE smstrack.secret SET key = sha256('x') WHERE link_domain = 2} ],
    [ 'no secret', 'secrets', q{DELETE FROM smstrack.secret WHERE link_domain = 2} ],
    [ 'no key of recipients', 'secrets', q{DELETE FROM smstrack.account_secret} ],
    [ 'another epoch', 'epoch', q{SELECT setval('smstrack.id_epoch_seq', 4711)}, q{SELECT setval('smstrack.id_epoch_seq', %s)}, q{SELECT last_value FROM smstrack.id_epoch_seq} ],
    [ 'a sequence that is behind', 'message ids', q{SELECT setval('smstrack.message_id_seq', 100)}, q{SELECT setval('smstrack.message_id_seq', %s)}, q{SELECT last_value FROM smstrack.message_id_seq} ],
    [ 'conversions whose ids are to be given', 'sequences', q{SELECT setval('smstrack.conversion_conversion_id_seq', 1)}, q{SELECT setval('smstrack.conversion_conversion_id_seq', %s)}, q{SELECT last_value FROM smstrack.conversion_conversion_id_seq} ],
    [ 'link domains whose ids are', 'sequences', q{SELECT setval('smstrack.link_domain_id_seq', 1)}, q{SELECT setval('smstrack.link_domain_id_seq', %s)}, q{SELECT last_value FROM smstrack.link_domain_id_seq} ],
    [ 'codes that are used up', 'codes', q{SELECT setval('smstrack.message_id_seq', 6900000000000)}, q{SELECT setval('smstrack.message_id_seq', %s)}, q{SELECT last_value FROM smstrack.message_id_seq} ],
    [ 'a partition that is missing', 'partitions', "DROP TABLE smstrack.$later" ],
    [ 'a partition that hits do not go to', 'partitions', "ALTER TABLE smstrack.hit DETACH PARTITION smstrack.$later" ],
    [ 'a month that counts a request twice', 'partitions', "DROP INDEX smstrack.${now}_message_id_request_id_idx" ],
    [ 'a guard that is switched off', 'triggers', 'ALTER TABLE smstrack.variant DISABLE TRIGGER variant_guard' ],
    [ 'a hit that went astray', 'partitions, strays', "ALTER TABLE smstrack.hit DETACH PARTITION smstrack.$now; INSERT INTO smstrack.hit SELECT * FROM smstrack.$now" ],
    [ 'a hit that was not counted', 'tally, messages and hits', q{DELETE FROM smstrack.hit WHERE message_id = (SELECT min(message_id) FROM smstrack.hit)} ],
    [ 'a tally that is too high', 'tally', q{UPDATE smstrack.tally SET clicks = clicks + 1 WHERE ctid = (SELECT ctid FROM smstrack.tally WHERE grain = 't' LIMIT 1)} ],
    [ 'a tally that lost a row', 'tally', q{DELETE FROM smstrack.tally WHERE ctid = (SELECT ctid FROM smstrack.tally WHERE grain = 'q' ORDER BY part DESC LIMIT 1)} ],
    [ 'a first click that was counted twice', 'tally', q{UPDATE smstrack.tally SET clickers = clickers + 1 WHERE ctid = (SELECT ctid FROM smstrack.tally WHERE grain = 'c' LIMIT 1)} ],
    [ 'a sum of conversions without any', 'conversion tally', q{INSERT INTO smstrack.conversion_tally VALUES (1, 0, 0, 0, 1, 1, 0, 1, 't', 'order', '', 'server', 0, 0)} ],
    [ 'a message that was counted twice', 'message tally', q{UPDATE smstrack.message_tally SET prepared = prepared + 1 WHERE ctid = (SELECT ctid FROM smstrack.message_tally LIMIT 1)} ],
    [ 'a message that vanished', 'message tally', q{DELETE FROM smstrack.message WHERE message_id NOT IN (SELECT message_id FROM smstrack.hit) AND message_id = (SELECT max(message_id) FROM smstrack.message)} ],
    [ 'an order that was not counted', 'conversion tally', q{UPDATE smstrack.conversion SET value = value + 1 WHERE conversion_id = (SELECT min(conversion_id) FROM smstrack.conversion)} ],
    [ 'a sum of orders that is too low', 'conversion tally', q{UPDATE smstrack.conversion_tally SET conversions = conversions - 1 WHERE ctid = (SELECT ctid FROM smstrack.conversion_tally LIMIT 1)} ],
    [ 'a message that says too much', 'messages and hits', q{UPDATE smstrack.message SET clicked_links = 3 WHERE message_id = (SELECT max(message_id) FROM smstrack.message)} ],
    [ 'a message that says too little', 'messages and hits', q{UPDATE smstrack.message SET first_click_at = NULL WHERE message_id = 50} ],
    [ 'a sender that does not report', 'leases', q{UPDATE smstrack.outbox SET leased_until = now() - interval '2 hours', takes = 1 WHERE message_id = 60} ],
    [ 'a message that is taken for a year', 'leases', q{UPDATE smstrack.outbox SET leased_until = now() + interval '1 year', takes = 1 WHERE message_id = 60} ],
    [ 'a report of the day before yesterday', 'refresh', q{SELECT count(*) FROM smstrack_refresh(); UPDATE smstrack.refresh_log SET started_at = started_at - interval '2 days' WHERE report = 'cost_report'} ],
    [ 'a report of tomorrow', 'refresh', q{SELECT count(*) FROM smstrack_refresh(); UPDATE smstrack.refresh_log SET started_at = started_at + interval '1 day'} ],
    [ 'a function for everybody', 'privileges', 'GRANT EXECUTE ON FUNCTION smstrack_rewrite TO PUBLIC' ],
    [ 'a table for everybody', 'privileges', q{GRANT SELECT ON smstrack.campaign TO PUBLIC} ],
    [ 'a schema for everybody', 'privileges', q{GRANT CREATE ON SCHEMA smstrack TO PUBLIC} ],
    [ 'a secret for somebody', 'privileges', q{GRANT SELECT ON smstrack.secret TO stranger} ],
    [ 'a month of hits for somebody', 'privileges', "GRANT SELECT ON smstrack.$now TO stranger" ],
    [ 'a column of persons for everybody', 'privileges', q{GRANT SELECT (recipient) ON smstrack.message TO PUBLIC} ],
    [ 'a column of keys for somebody', 'privileges', q{GRANT SELECT (key) ON smstrack.account_secret TO stranger} ],
    [ 'a column of a plain table for everybody', 'privileges', q{GRANT UPDATE (target_url) ON smstrack.link_alias TO PUBLIC} ],
    [ 'accounts that see each other', 'privileges', q{ALTER TABLE smstrack.campaign DISABLE ROW LEVEL SECURITY} ],
    [ 'accounts that another policy shows', 'privileges', q{DROP POLICY own_account ON smstrack.price; CREATE POLICY all_accounts ON smstrack.price USING (true)} ],
);
for my $damage (@damage) {
    my ($what, $invariants, $statement, $repair, $former) = @$damage;
    if ($repair) {
        my $value = query($former);
        query($statement);
        is(query($wrong), $invariants, "$what: seen");
        query(sprintf $repair, $value);
    }
    else {
        is(query("BEGIN; $statement; SELECT '>' || x FROM ($wrong) AS t (x); ROLLBACK") =~ />(.*)/ ? $1 : '', $invariants, "$what: seen");
    }
}
is(query($wrong), 'all is well', 'without the damage all is well again');

# How old the reports are is said; before the first refresh they are live.
like(query(q{BEGIN; SELECT count(*) FROM smstrack_refresh(); UPDATE smstrack.refresh_log SET started_at = now() - interval '50 hours'; SELECT detail FROM smstrack_check() WHERE name = 'refresh'; ROLLBACK}),
    qr/^The oldest report is of \d{4}-.*, 2 days 02:00:00 ago\.$/m, 'the age of the reports is said');
is(query(q{BEGIN; INSERT INTO smstrack.refresh_log VALUES ('cost_report', now() - interval '2 days', '1 s', 1); SELECT 'ok: ' || ok FROM smstrack_check() WHERE name = 'refresh'; ROLLBACK}) =~ /ok: true/, 1,
    'a report that is live, as after a restore, has no age');

# A restored copy has the same rights, and knows that it is a copy.
$node->safe_psql('postgres', 'CREATE DATABASE copy');
my ($dump, $complaint) = run_command(['pg_dump', '-p', $node->port, '-h', $node->host, 'postgres']);
$node->safe_psql('copy', $dump);
is($node->safe_psql('copy', $wrong), 'epoch', 'a copy is seen');
my $rights = q{SELECT c.relname, c.relrowsecurity, c.relacl::text, p.polname, pg_get_expr(p.polqual, p.polrelid) FROM pg_class AS c LEFT JOIN pg_policy AS p ON p.polrelid = c.oid
    WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S') ORDER BY 1};
is($node->safe_psql('copy', $rights), query($rights), 'and has the rights of the original');
cmp_ok(scalar(() = query($rights) =~ /own_account/g), '>', 5, 'accounts among them');
$node->safe_psql('copy', "SELECT smstrack_grant('stranger', 'composer'), smstrack_rewrite('https://a.example/', '+4915112340000')");
is($node->safe_psql('copy', $wrong), 'all is well', 'with its first message it is a database of its own');

$node->stop;
done_testing();
