# Reports away from where they were made: a hot standby answers every one, a restored dump
# has the same numbers with its materialized views filled. Refreshing what has not changed
# writes nothing; two refreshes at once do not disturb each other; and listeners are told of
# clicks and conversions where that is switched on.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('reports', allows_streaming => 1);
$node->safe_psql('postgres', "\\set messages 1000\n\\set hits 4000\n" . slurp_file('test/data/history.sql'));
$node->safe_psql('postgres', 'CREATE ROLE regress_reader LOGIN; SELECT smstrack_grant(\'regress_reader\', \'reader\');');
sub psql { return $node->safe_psql('postgres', $_[0]); }

is(psql('SELECT count(*) FROM smstrack.campaign_cache'), 0, 'nothing is materialized before the first refresh');
my $shown = 'SELECT count(*), md5(string_agg(r::text, chr(10) ORDER BY r::text COLLATE "C")) FROM smstrack.campaign_';
is(psql("${shown}report AS r"), psql("${shown}live AS r"), 'the report is live then');
is(psql('SELECT count(*) FROM smstrack_refresh()'), 9, 'nine reports are refreshed');
is(psql('SELECT count(*), count(*) FILTER (WHERE rows > 0 AND duration > \'0\') FROM smstrack.refresh_log'), '9|9', 'and logged');

# Every report, as one text; all rows are compared.
my @reports = split /\n/, psql(<<'SQL');
SELECT oid::regclass FROM pg_class WHERE relnamespace = 'smstrack'::regnamespace AND relname ~ '_(report|live)$' ORDER BY 1
SQL
cmp_ok(scalar(@reports), '>=', 21, 'there are reports');
my $state = join '', map { "SELECT '$_', count(*), md5(string_agg(r::text, ',' ORDER BY r::text COLLATE \"C\")) FROM $_ AS r;\n" } @reports;
$state .= "SELECT 'timeline', count(*), md5(string_agg(r::text, ',')) FROM smstrack_timeline('spring', 'day', 'Asia/Kathmandu') AS r;\n";
$state .= "SELECT 'logbook', count(*), md5(string_agg(r::text, ',')) FROM smstrack_logbook(campaign => 'spring', page_size => 1000) AS r;\n";
my $expected = psql($state);
unlike($expected, qr/\|0\|/, 'none is empty');

# Unchanged.
my $written = q{SELECT pg_stat_force_next_flush(); SELECT sum(pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_deleted(oid) + pg_stat_get_tuples_updated(oid)) FROM pg_class WHERE relname ~ '_cache$' AND relnamespace = 'smstrack'::regnamespace};
my $files = q{SELECT string_agg(relfilenode::text, ',' ORDER BY relname) FROM pg_class WHERE relname ~ '_cache$' AND relnamespace = 'smstrack'::regnamespace};
my ($before, $files_before) = (psql($written), psql($files));
psql('SELECT smstrack_refresh()');
is(psql($written), $before, 'refreshing what has not changed writes no row');
is(psql($files), $files_before, 'and no new file');
psql("SELECT smstrack_rewrite('Hi https://a.example/', '+4915112345678')");
psql('SELECT smstrack_refresh()');
cmp_ok((split /\n/, psql($written))[-1] - (split /\n/, $before)[-1], '>', 0, 'what has changed is written');
cmp_ok((split /\n/, psql($written))[-1] - (split /\n/, $before)[-1], '<', 30, 'and no more');
$expected = psql($state);

# Two at once, and readers beside them.
my $one = $node->background_psql('postgres');
$one->query_safe('BEGIN; SELECT count(*) FROM smstrack_refresh();');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM smstrack.campaign_report'), 't', 'readers do not wait for a refresh');
my $two = $node->background_psql('postgres');
$two->query_until(qr/asked/, "\\echo asked\nSELECT count(*) FROM smstrack_refresh();\n\\echo done\n");
$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'smstrack.refresh_log'::regclass AND NOT granted)")
    or BAIL_OUT('the second refresh does not wait');
$one->query_safe('COMMIT;');
$two->query_until(qr/done/, '');
$_->quit for $one, $two;
is(psql($state), $expected, 'two refreshes at once, and the reports are right');

# At REPEATABLE READ a refresh has what its transaction sees, and says that it is as old.
my $strict = $node->background_psql('postgres');
my $prepared = psql('SELECT sum(prepared) FROM smstrack.campaign_report');
$strict->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM smstrack.message;');
psql("SELECT smstrack_rewrite('Hi https://a.example/', '+4915112345679')");
is($strict->query_safe('SELECT count(*) FROM smstrack_refresh();'), 9, 'a refresh of an old snapshot');
is($strict->query_safe('SELECT count(*) FROM smstrack_refresh();'), 9, 'and once more');
$strict->query_safe('COMMIT;');
$strict->quit;
is(psql('SELECT sum(prepared) FROM smstrack.campaign_report'), $prepared, 'has nothing of what came since');
is(psql('SELECT count(*), bool_and(l.at < (SELECT max(created_at) FROM smstrack.message)) FROM (SELECT max(started_at) AS at FROM smstrack.refresh_log GROUP BY report) AS l'),
    '9|t', 'and is logged as older than that');
psql('SELECT smstrack_refresh()');
$expected = psql($state);

# A standby.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('follower');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', $state), $expected, 'a hot standby answers every report');
my ($status, $out, $err) = $standby->psql('postgres', 'SELECT smstrack_refresh()');
isnt($status, 0, 'where nothing can be refreshed');
like($err, qr/read-only|recovery/, 'which it says');
my $reader = "SET ROLE regress_reader; $state";
is($standby->safe_psql('postgres', $reader), psql($reader), 'a reader reads there as on the primary');
$standby->stop;

# A dump.
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok(['pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres')], 'dumped');
psql('CREATE DATABASE restored');
$node->command_ok(['pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $dump], 'and restored without an error');
is($node->safe_psql('restored', $state), $expected, 'with the same numbers, which are live there until the first refresh');
is($node->safe_psql('restored', "SET ROLE regress_reader; SELECT count(*) > 0 FROM smstrack.campaign_report; SELECT count(*) FROM smstrack.campaign_report WHERE account <> 'default'"),
    "t\n0", 'a reader sees his account there');
is($node->safe_psql('restored', 'SELECT count(*) FROM smstrack_refresh(); SELECT count(*) FROM smstrack.message_tally_difference; SELECT count(*) FROM smstrack.conversion_tally_difference'),
    "9\n0\n0", 'and can be refreshed');
is($node->safe_psql('restored', $state), $expected, 'with the same numbers, materialized views filled');

# Every panel of the dashboards in the document, as a reader, its macros replaced as Grafana
# and Metabase do: with a filter, and Metabase's without.
my $document = slurp_file('doc/reports.md');
my %macros = (
    q{\$__timeGroupAlias\((\w+), '1h'\)} => sub { qq{floor(extract(epoch from $_[0]) / 3600) * 3600 AS "time"} },
    q{\$__timeFilter\((\w+)\)} => sub { "$_[0] BETWEEN '2020-01-01T00:00:00Z' AND '2100-01-01T00:00:00Z'" },
    q{(\$campaign)} => sub { "'spring', 'summer'" });
my @panels;
for my $panel ($document =~ /^```grafana\n(.*?)^```$/msg) {
    for my $macro (keys %macros) { $panel =~ s/$macro/$macros{$macro}->($1)/ge }
    push @panels, $panel;
}
for my $panel ($document =~ /^```metabase\n(.*?)^```$/msg) {
    push @panels, $panel =~ s/\[\[(.*?)\]\]//gr, $panel =~ s/\[\[(.*?)\]\]/$1/gr =~ s/\{\{campaign\}\}/'spring'/gr;
}
cmp_ok(scalar(@panels), '>=', 17, 'there are panels');
for my $panel (@panels) {
    my ($title) = $panel =~ /^(.*)$/m;
    my $rows = eval { psql("SET ROLE regress_reader; SELECT count(*) FROM ($panel) AS p") } // "failed: $@";
    cmp_ok($rows =~ /^\d+$/ ? $rows : 0, '>', 0, "panel: $title") or diag($rows);
}

# Notices of clicks and conversions.
my $click = q{SELECT count(*) FROM smstrack_hit_batch(ARRAY(SELECT smstrack_code(message_id) FROM smstrack.message JOIN smstrack.campaign AS c ON c.id = campaign AND c.name = 'spring' WHERE NOT test AND code_length > 0 AND recipient IS NOT NULL ORDER BY message_id LIMIT 5),
    user_agents => array_fill('Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36'::text, ARRAY[5]),
    addresses => '{10.9.0.1,10.9.1.1,10.9.2.1,10.9.3.1,10.9.4.1}')};
unlike(psql("LISTEN smstrack; $click;"), qr/notification/, 'nobody is told of clicks');
like(psql("LISTEN smstrack; SET smstrack.notify = on; $click;"), qr/notification "smstrack" with payload "\{"clicks": 5, "campaigns": \[1\]\}"/, 'unless that is switched on: once a batch, without a person');

$node->stop;
done_testing();
