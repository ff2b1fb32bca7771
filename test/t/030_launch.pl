# A launch shows how far it is; cancelled or killed half way it leaves nothing; and a
# campaign that was dumped and restored goes on where it was.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('launch');
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
CREATE VIEW audience AS SELECT '+4917' || lpad(n::text, 8, '0') AS recipient, 'Name ' || n AS name
FROM generate_series(1, 400000) AS n;
CREATE TABLE few AS SELECT * FROM audience LIMIT 1000;
SELECT smstrack_campaign('spring', 'Hi {{name}}: https://shop.example/{{name}} or https://shop.example/all');
SQL

my $state = 'SELECT (SELECT count(*) FROM smstrack.message), (SELECT count(*) FROM smstrack.outbox), '
    . '(SELECT count(*) FROM smstrack.launch), (SELECT sum(launches) FROM smstrack.campaign), '
    . '(SELECT count(frozen_at) FROM smstrack.variant)';

# Starts a launch, waits until its progress is seen, and ends it by a function.
sub interrupt {
    my ($function) = @_;
    my ($out, $err) = ('', '');
    my $client = IPC::Run::start(
        ['psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', q(SELECT smstrack_launch('spring', 'audience'))],
        '>', \$out, '2>', \$err);
    my $seen = $node->poll_query_until('postgres',
        q(SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'smstrack_launch "spring": % rows of the audience done'));
    $node->safe_psql('postgres', "SELECT $function(pid) FROM pg_stat_activity WHERE query LIKE 'smstrack_launch \"spring\": %'");
    $client->finish;
    return ($seen, $err);
}

for my $function ('pg_cancel_backend', 'pg_terminate_backend') {
    my ($seen, $err) = interrupt($function);
    ok($seen, 'another session sees the progress');
    like($err, qr/canceling statement|terminating connection/, "$function ends the launch");
    is($node->safe_psql('postgres', $state), '0|0|0|0|0', 'nothing is left');
}

is($node->safe_psql('postgres', q(SELECT prepared FROM smstrack_launch('spring', 'few', max_recipients => 600))), '600', 'it can be launched then');
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_retarget('spring', 1, 'https://shop.example/new');
SELECT smstrack_opt_out('+491700001000');
SELECT count(*) FROM smstrack_take('spring', 100, '1 day');
CREATE TABLE code AS SELECT m.recipient, n, smstrack_code(m.message_id, n) AS code FROM smstrack.message AS m, generate_series(0, 1) AS n;
SQL

my $targets = q(SELECT count(*), count(DISTINCT r.target_url), md5(string_agg(r.target_url, ',' ORDER BY c.code))
FROM code AS c, smstrack_resolve(c.code) AS r WHERE r.status = 'found');
my $before = $node->safe_psql('postgres', $targets);
like($before, qr/^1200\|601\|/, 'own targets and the one that was changed');
my $directory = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok(['pg_dump', '-Fc', '-f', "$directory/dump", '-d', $node->connstr('postgres')], 'dumped');
$node->command_ok(['pg_restore', '-j2', '--exit-on-error', '-d', $node->connstr('copy'), "$directory/dump"], 'restored');
is($node->safe_psql('copy', $targets), $before, 'every code leads to the same target');
is($node->safe_psql('copy', q(SELECT count(*) FROM smstrack_take('spring', 1000))), '500', 'leases are the same');
is($node->safe_psql('copy', q(SELECT prepared, already_prepared, opted_out FROM smstrack_launch('spring', 'few'))), '399|600|1',
    'nobody gets it twice, and an opt-out holds');
my $strange = $node->psql('copy', q(UPDATE smstrack.variant SET body = 'x'));
isnt($strange, 0, 'a variant is frozen still');

$node->stop;
done_testing();
