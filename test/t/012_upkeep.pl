# CALL smstrack_maintain(): partitions ahead, hits that went astray moved, old months
# dropped while the tallies stay, tallies folded, keys forgotten; beside sessions that hold
# locks it gives up in time, and does the rest.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('upkeep');
$node->append_conf('postgresql.conf', "client_min_messages = warning\n");
$node->reload;
my $iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
$node->safe_psql('postgres', <<"SQL");
SELECT smstrack_domain('go.example.com');
SELECT smstrack_rewrite('https://a.example/' || n, '+49151' || n) FROM generate_series(1, 100) AS n;
UPDATE smstrack.message SET created_at = now() - interval '5 years';
SELECT count(h.class) FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id), now() - interval '2 months', '192.0.2.1', '$iphone') AS h WHERE message_id <= 10;
SELECT count(h.class) FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id), now() - interval '3 years', '192.0.2.1', '$iphone') AS h WHERE message_id BETWEEN 11 AND 20;
SELECT count(h.class) FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id), now() + interval '1 year', '192.0.2.1', '$iphone') AS h WHERE message_id BETWEEN 21 AND 30;
INSERT INTO smstrack.source_key VALUES (current_date - 5, '0123456789abcdef');
DROP TABLE smstrack.hit_${\ $node->safe_psql('postgres', q{SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM')})};
SQL
# other sessions have other slots
for my $round (1 .. 3) {
    my @sessions = map { $node->background_psql('postgres') } 1 .. $round;
    $node->safe_psql('postgres', "SELECT count(h.class) FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id), now(), '192.0.2.1', '$iphone') AS h WHERE message_id BETWEEN 31 AND 40");
    $_->quit for @sessions;
}

sub counts {
    return $node->safe_psql('postgres', 'SELECT sum(views), sum(clicks), sum(bots), sum(viewers), sum(clickers), count(DISTINCT (grain, part)) FROM smstrack.tally');
}
my $places = q{SELECT CASE WHEN tableoid = 'smstrack.hit_default'::regclass THEN 'default' ELSE 'month' END, count(*) FROM smstrack.hit GROUP BY 1 ORDER BY 1};

is($node->safe_psql('postgres', $places), "default|20\nmonth|40", 'hits of other months are in the DEFAULT partition; one by a clock a year ahead is not');
my $before = counts();
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally_difference'), '0', 'the tallies equal a recount');

my ($status, $out, $err) = $node->psql('postgres', 'CALL smstrack_maintain()');
is($status, 0, 'upkeep runs');
is($err, '', 'without a warning');
is($node->safe_psql('postgres', $places), "month|50",
    'strays are in a month of their own; what is too old is dropped');
is(counts(), $before, 'the tallies stay');
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally WHERE slot <> 0'), '0', 'and are folded');
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.source_key WHERE day < current_date - 1'), '0', 'old keys are forgotten');
is($node->safe_psql('postgres', q{SELECT count(*) FROM generate_series(0, 2) AS n WHERE to_regclass('smstrack.hit_' || to_char(now() AT TIME ZONE 'UTC' + n * interval '1 month', 'YYYY_MM')) IS NULL}),
    '0', 'there are partitions for this month and the next two');
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.message WHERE first_click_at IS NOT NULL AND message_id BETWEEN 11 AND 20'), '10',
    'messages keep their first clicks');

$node->append_conf('postgresql.conf', 'smstrack.hit_retention = 1');
$node->reload;
$node->safe_psql('postgres', 'CALL smstrack_maintain()');
is($node->safe_psql('postgres', $places), "month|40", 'a shorter retention drops a month with its hits');
is(counts(), $before, 'the tallies stay again');
is($node->safe_psql('postgres', "SELECT class FROM smstrack_hit(smstrack_code(1), now(), '192.0.2.1', '$iphone')"), 'click', 'a message whose hits are dropped is clicked again');
is($node->safe_psql('postgres', 'SELECT clicks, clickers FROM smstrack.position_tally'), '61|40', 'as a click, not as its first');

# A report holds the table: what needs it is left out, the rest is done.
$node->append_conf('postgresql.conf', 'smstrack.hit_retention = 13');
$node->reload;
$node->safe_psql('postgres', "SELECT count(h.class) FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id), now() - interval '2 months', '192.0.2.1', '$iphone') AS h WHERE message_id <= 10");
my $report = $node->background_psql('postgres');
$report->query('BEGIN') if $report->can('query');
$report->query('LOCK TABLE smstrack.hit_default IN ACCESS SHARE MODE') if $report->can('query');
SKIP: {
    skip 'this server has no query of a background psql', 3 unless $report->can('query');
    ($status, $out, $err) = $node->psql('postgres', 'CALL smstrack_maintain()');
    is($status, 0, 'beside a session that holds the table upkeep ends');
    like($err, qr/upkeep left a step out: making partitions/, 'says what it left out');
    is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally WHERE slot <> 0'), '0', 'and does the rest');
}
$report->quit;
$node->safe_psql('postgres', 'CALL smstrack_maintain()');
is($node->safe_psql('postgres', $places), "month|51", 'the next time it does all');
($status, $out, $err) = $node->psql('postgres', 'BEGIN; CALL smstrack_maintain()');
like($err, qr/cannot run inside a transaction block/, 'it refuses to be part of a transaction');
$node->stop;
done_testing();
