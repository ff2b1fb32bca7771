# Copies that follow: a hot standby resolves and reports as its primary does; a logical replica
# has the same answers, and goes on after a failover without repeating a code.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $primary = new_node('origin', allows_streaming => 'logical');
$primary->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
SELECT smstrack_campaign('spring', 'Hi {{name}}: https://shop.example.com/');
CREATE TABLE customer AS SELECT '+4915112' || 345000 + n AS recipient, 'n' || n AS name FROM generate_series(1, 200) AS n;
SELECT smstrack_launch('spring', 'customer');
SQL

# Clicks of every third message, from as many places.
my $click = <<'SQL';
SELECT smstrack_hit(smstrack_code(message_id), address => '10.0.0.0'::inet + message_id % 60000 * 256,
    user_agent => 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36')
FROM smstrack.message WHERE message_id % 3 = 0;
SQL
my $answers = <<'SQL';
SELECT count(*), md5(string_agg(r.status || r.target_url, ',' ORDER BY m.message_id))
FROM smstrack.message AS m, smstrack_resolve(smstrack_code(m.message_id)) AS r;
SELECT count(*), md5(string_agg(r::text, ',' ORDER BY message_id)) FROM smstrack.message_report AS r;
SELECT sum(clicks), sum(views), sum(bots) FROM smstrack.click_report;
SELECT * FROM smstrack.position_tally ORDER BY 1, 2, 3, 4;
SELECT count(*) FROM smstrack.hit;
SQL

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# The subscriber has the extension and no data. Rows of tables with a key follow with every
# change; hits have no key, and follow as they come in.
my $replica = new_node('replica', allows_streaming => 'logical');
$replica->safe_psql('postgres', 'CREATE TABLE customer (recipient text, name text)');
$primary->safe_psql('postgres', <<'SQL');
SELECT format('CREATE PUBLICATION smstrack_rows FOR TABLE %s', string_agg(c.oid::regclass::text, ', '))
FROM pg_class AS c JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
WHERE relnamespace = 'smstrack'::regnamespace AND relkind = 'r' \gexec
SELECT format('CREATE PUBLICATION smstrack_events FOR TABLE %s WITH (publish = ''insert'', publish_via_partition_root = true)',
              string_agg(c.oid::regclass::text, ', '))
FROM pg_class AS c
WHERE relnamespace = 'smstrack'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary) \gexec
SQL
my $connection = $primary->connstr('postgres') =~ s/'/''/gr;
$replica->safe_psql('postgres', "CREATE SUBSCRIPTION smstrack CONNECTION '$connection' PUBLICATION smstrack_rows, smstrack_events");
$replica->wait_for_subscription_sync($primary, 'smstrack');
$primary->safe_psql('postgres', $click);
$primary->safe_psql('postgres', "SELECT smstrack_rewrite('https://a.example/' || n, 'r' || n) FROM generate_series(1, 300) AS n");
my $expected = $primary->safe_psql('postgres', $answers);

$primary->wait_for_catchup($standby);
is($standby->safe_psql('postgres', $answers), $expected, 'a hot standby resolves and reports the same');
for my $write ("SELECT smstrack_rewrite('https://a.example/', '1')", 'SELECT smstrack_hit(smstrack_code(1))', 'CALL smstrack_maintain()') {
    my ($status, $out, $err) = $standby->psql('postgres', $write);
    like($err, qr/read-only|recovery/, "$write: not on a standby");
}

$primary->wait_for_catchup('smstrack');
is($replica->safe_psql('postgres', $answers), $expected, 'a logical replica resolves and reports the same');

# A session of the replica has cached what the origin changes.
my $code = $primary->safe_psql('postgres', "SELECT smstrack_code(min(message_id)) FROM smstrack.message WHERE campaign IS NOT NULL");
my $psql = 'psql -XAtq -d "' . $primary->connstr('postgres') . '" -c';
my $await = 'DO $$BEGIN WHILE (SELECT status FROM smstrack.campaign) <> %s LOOP PERFORM pg_sleep(0.1); END LOOP; END$$;';
is($replica->safe_psql('postgres', join("\n",
        "SELECT status FROM smstrack_resolve('$code');",
        "\\! $psql \"UPDATE smstrack.campaign SET status = 'disabled'\"",
        sprintf($await, "'disabled'"),
        "SELECT status FROM smstrack_resolve('$code');",
        "\\! $psql \"UPDATE smstrack.campaign SET status = 'active'\"",
        sprintf($await, "'active'"),
        "SELECT status FROM smstrack_resolve('$code');")),
    "found\nnot found\nfound", 'a session of the replica follows what the origin changes');

# Failover: the origin is lost, the replica goes on.
my %seen = map { $_ => 1 } split /\n/, $primary->safe_psql('postgres', 'SELECT smstrack_code(message_id) FROM smstrack.message');
$primary->stop('immediate');
$standby->stop;
$replica->safe_psql('postgres', <<'SQL');
ALTER SUBSCRIPTION smstrack DISABLE;
ALTER SUBSCRIPTION smstrack SET (slot_name = NONE);
DROP SUBSCRIPTION smstrack;
SQL
$replica->safe_psql('postgres', 'SELECT smstrack.advance_sequences()');
my @codes = split /\n/, $replica->safe_psql('postgres',
    "SELECT substring(smstrack_rewrite('https://b.example/', '1') FROM '[^/]*\$') FROM generate_series(1, 2000)");
is(scalar(@codes), 2000, 'the replica hands out codes after the failover');
is(scalar(grep { $seen{$_}++ } @codes), 0, 'and repeats none');
is($replica->safe_psql('postgres', "SELECT smstrack_campaign('summer', 'Hi')"), '2', 'campaigns go on');
$replica->safe_psql('postgres', $click);
is($replica->safe_psql('postgres', "SELECT count(*) FROM smstrack.hit WHERE at > now() - interval '1 day'") > 66 ? 1 : 0, 1, 'and clicks');
$replica->stop;
done_testing();
