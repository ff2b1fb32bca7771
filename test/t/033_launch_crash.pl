# The whole server is killed in the middle of a launch, of single messages and of taking:
# nothing is half written, what was committed stands, the next launch prepares everybody
# once, and no code that was seen before stands for anything else.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $everybody = 400_000;
my $node = new_node('launch_crash');
$node->safe_psql('postgres', <<"SQL");
SELECT smstrack_domain('go.example.com');
CREATE TABLE audience AS SELECT '+4917' || lpad(n::text, 8, '0') AS recipient, 'Name ' || n AS name
FROM generate_series(1, $everybody) AS n;
CREATE VIEW few AS SELECT * FROM audience WHERE recipient < '+491700000501';
SELECT smstrack_campaign('spring', 'Hi {{name}}: https://shop.example/{{name}}');
SELECT smstrack_campaign('other', 'Hi https://shop.example/other');
SELECT prepared FROM smstrack_launch('spring', 'few');
SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'spring', fields => to_jsonb(a)))
FROM (SELECT * FROM audience ORDER BY recipient DESC LIMIT 10) AS a;
SELECT count(*) FROM smstrack_take('spring', 100, '1 day');
SQL

my $state = 'SELECT (SELECT count(*) FROM smstrack.message), (SELECT count(*) FROM smstrack.outbox), '
    . '(SELECT count(*) FROM smstrack.outbox WHERE takes > 0), (SELECT count(*) FROM smstrack.launch), '
    . '(SELECT sum(launches) FROM smstrack.campaign), (SELECT count(*) FROM smstrack.campaign_recipient)';
my $before = $node->safe_psql('postgres', $state);
is($before, '510|500|100|1|1|10', 'a launch, some messages by themselves, a batch that was taken');
my $sums = 'SELECT sum(prepared) FROM smstrack.message_tally';
my $sum = $node->safe_psql('postgres', $sums);

# Starts a client that runs a file: one that reads a pipe would outlive the server.
sub client {
    my ($name, $sql, $out) = @_;
    my $file = PostgreSQL::Test::Utils::tempdir() . "/$name.sql";
    append_to_file($file, $sql);
    return IPC::Run::start(['psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $file], '<', '/dev/null', '>', $out, '2>', \my $err,
        IPC::Run::timeout(180));
}

my @lost;
for my $round (1 .. 3) {
    my ($launched, $written, $taken) = ('', '', '');
    my $writer = client('writer', "BEGIN;\n" . join('', map { "SELECT smstrack_rewrite(NULL, '+49160000$_', campaign => 'other');\n" } 1000 .. 1400)
        . 'SELECT pg_sleep(600);', \$written);
    $writer->pump until ($written =~ tr/\n//) >= 300;
    my $taker = client('taker', "BEGIN;\nSELECT count(*) FROM smstrack_take('spring', 100, '1 day');\nSELECT pg_sleep(600);", \$taken);
    $taker->pump until $taken =~ /100\n/;
    my $launcher = client('launcher', q(SELECT prepared FROM smstrack_launch('spring', 'audience')), \$launched);
    ok($node->poll_query_until('postgres', 'SELECT count(*) > 0 FROM pg_stat_activity '
                . q(WHERE query LIKE 'smstrack_launch "spring": % rows of the audience done')), 'a launch is under way');
    crash($node);
    eval { $_->finish } for $writer, $taker, $launcher;
    is($launched, '', 'and did not end');
    push @lost, $written =~ m{/([0-9A-Za-z]{8})$}mg;
    is($node->safe_psql('postgres', $state), $before, "round $round: all is as it was");
    is($node->safe_psql('postgres', $sums), $sum, 'the sums too');
}

is($node->safe_psql('postgres', q(SELECT prepared, already_prepared FROM smstrack_launch('spring', 'audience'))),
    ($everybody - 510) . '|510', 'the next launch prepares the others');
is($node->safe_psql('postgres', <<'SQL'), "$everybody|$everybody|$everybody", 'everybody has one message');
SELECT count(*), count(DISTINCT recipient), count(DISTINCT smstrack_code(message_id))
FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign WHERE c.name = 'spring'
SQL
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT o.message_id), count(*) FILTER (WHERE o.recipient = m.recipient AND '
            . q(o.body = 'Hi ' || a.name || ': https://go.example.com/' || smstrack_code(m.message_id))
            . ') FROM smstrack.outbox AS o JOIN smstrack.message AS m USING (message_id) JOIN audience AS a ON a.recipient = o.recipient'),
    join('|', ($everybody - 10) x 3), 'and its row of the outbox, with its own code');
is($node->safe_psql('postgres', $sums), $everybody, 'the sums say so');
cmp_ok(scalar(@lost), '>=', 900, 'codes were seen that came to nothing');
my $list = join ',', map { "'$_'" } @lost;
is($node->safe_psql('postgres', "SELECT count(*) FROM unnest(ARRAY[$list]) AS c, smstrack_resolve(c) AS r WHERE r.status = 'found'"), 0,
    'and none of them is anybody else\'s');
is($node->safe_psql('postgres', q(SELECT count(*), min(takes), max(takes) FROM smstrack_take('spring', 100000, '1 day'))),
    '100000|1|1', 'what was taken before is not given again');

$node->stop;
done_testing();
