# The whole server is killed in the middle of refreshing the reports, and between the steps of
# upkeep, beside clicks that are acknowledged: after the restart the reports say what they
# said before, can be refreshed and then say what is, and upkeep is done to its end.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;
use Time::HiRes qw(usleep);

my $iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
my $directory = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('refresh_crash');

sub query { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

query(<<"SQL");
SELECT smstrack_domain('go.example.com');
CREATE TABLE audience AS SELECT '+49151' || (10000000 + n) AS recipient FROM generate_series(1, 4000) AS n;
SELECT smstrack_campaign('campaign ' || n, 'Hi https://a.example/' || n || ' https://b.example/') FROM generate_series(1, 5) AS n;
SELECT smstrack_launch('campaign ' || n, 'audience') FROM generate_series(1, 5) AS n;
CREATE TABLE code AS SELECT row_number() OVER (ORDER BY message_id) AS n, smstrack_code(message_id) AS code, message_id FROM smstrack.message;
CREATE TABLE click AS SELECT h.token FROM (SELECT code FROM code ORDER BY n LIMIT 300) AS c, smstrack_hit(c.code, address => '192.0.2.1', user_agent => '$iphone', fetch_mode => 'navigate', fetch_dest => 'document') AS h;
SELECT count(smstrack_convert(token, 'order', 'first ' || n, 5, 'EUR')) FROM (SELECT token, row_number() OVER () AS n FROM click WHERE token IS NOT NULL LIMIT 20) AS c;
SELECT count(*) FROM smstrack_refresh();
SQL

# Starts a client that runs a file: one that reads a pipe would outlive the server.
my $clients = 0;
sub client {
    my ($sql) = @_;
    my $name = "$directory/client" . ++$clients;
    append_to_file("$name.sql", $sql);
    return { name => $name, run => IPC::Run::start(['psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', "$name.sql"], '<', '/dev/null', '>', "$name.out", '2>', "$name.err") };
}

# Starts clicks, each of another message; gives them after the crash.
my $next = 300;
sub start_clicks {
    my $first = $next;
    $next += 1_500;
    return client(join '', map { "SELECT code || ' ' || status FROM code, LATERAL smstrack_hit(code, clock_timestamp(), '192.0.2.7', '$iphone') WHERE n = $_;\n" } $first + 1 .. $next);
}

sub acknowledged {
    my ($client) = @_;
    eval { $client->{run}->finish };
    return slurp_file("$client->{name}.out") =~ /^(\S+) found$/mg;
}

my @reports = qw(campaign variant funnel link timeline device country conversion cost);
my $refreshed = join '; ', map { "SELECT md5(string_agg(r::text, ',' ORDER BY r::text)) FROM smstrack.${_}_report AS r" } @reports;
my $unlike = join ' UNION ALL ', map { "(SELECT '$_' AS report FROM (TABLE smstrack.${_}_live EXCEPT TABLE smstrack.${_}_report) AS a LIMIT 1) UNION ALL (SELECT '$_' FROM (TABLE smstrack.${_}_report EXCEPT TABLE smstrack.${_}_live) AS b LIMIT 1)" } @reports;

sub check_all {
    my ($name, @codes) = @_;
    cmp_ok(scalar @codes, '>', 20, "$name: " . @codes . ' clicks were acknowledged');
    my $list = join ',', map { "'$_'" } @codes;
    is(query("SELECT count(*) FROM (SELECT code FROM code LEFT JOIN smstrack.hit AS h USING (message_id) WHERE code IN ($list) GROUP BY code HAVING count(h.message_id) <> 1) AS wrong"), '0', "$name: each is stored once");
    is(query('SELECT (SELECT count(*) FROM smstrack.tally_difference), (SELECT count(*) FROM smstrack.message_tally_difference), (SELECT count(*) FROM smstrack.conversion_tally_difference)'), '0|0|0',
        "$name: the sums equal a recount");
    is(query(q{SELECT string_agg(name || ': ' || detail, '; ') FROM smstrack_check() WHERE NOT ok}), '', "$name: all invariants hold");
    return;
}

# A lock on a report, which ANALYZE holds as long as its transaction lives, lets the refresh
# of all wait there, with those before it done: killed then, it is in the middle for sure.
for my $report (qw(campaign timeline cost)) {
    my $before = query($refreshed);
    my $log = query('SELECT count(*) FROM smstrack.refresh_log');
    query(q{SELECT count(smstrack_convert(token, 'order', 'o' || n || clock_timestamp(), 5, 'EUR')) FROM (SELECT token, row_number() OVER () AS n FROM click WHERE token IS NOT NULL LIMIT 20) AS c});
    isnt(query($unlike), '', "before $report: there is something to refresh");
    my $holder = client("BEGIN;\nANALYZE smstrack.${report}_cache;\nSELECT pg_sleep(600);\n");
    ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'smstrack.${report}_cache'::regclass AND mode = 'ShareUpdateExclusiveLock' AND granted"), 'a report is held');
    my $clicks = start_clicks();
    my $refresh = client('SELECT count(*) FROM smstrack_refresh();');
    ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'smstrack.${report}_cache'::regclass AND NOT granted"), "a refresh has come to $report");
    usleep(100_000) until -s "$clicks->{name}.out" > 2_000;
    crash($node);
    eval { $_->{run}->finish } for $holder, $refresh;
    my @codes = acknowledged($clicks);
    is(slurp_file("$refresh->{name}.out"), '', 'and did not end');
    is(query($refreshed), $before, "$report: the reports say what they said");
    is(query('SELECT count(*) FROM smstrack.refresh_log'), $log, 'so does their log');
    is(query('SELECT count(*) FROM smstrack_refresh()'), scalar(@reports), 'they can be refreshed');
    is(query($unlike), '', 'and say what is');
    check_all($report, @codes);
}

# The same at times that are not chosen.
for my $milliseconds (3, 20, 80) {
    my $clicks = start_clicks();
    my $refresh = client('SELECT count(*) FROM smstrack_refresh();' x 50);
    usleep(100_000) until -s "$clicks->{name}.out" > 1_000;
    usleep($milliseconds * 1_000);
    crash($node);
    eval { $refresh->{run}->finish };
    my @codes = acknowledged($clicks);
    is(query('SELECT count(*) FROM smstrack_refresh()'), scalar(@reports), "killed after $milliseconds ms: reports can be refreshed");
    is(query($unlike), '', 'and say what is');
    check_all("$milliseconds ms", @codes);
}

# Upkeep commits after each step: a lock on what a step needs holds it there.
my $steps = q{SELECT (SELECT count(*) FROM smstrack.tally WHERE slot <> 0) > 0, (SELECT count(*) FROM smstrack.message_tally WHERE slot <> 0) > 0,
    (SELECT count(*) FROM smstrack.hit_default) > 0, to_regclass('smstrack.hit_2019_01') IS NOT NULL};
my $astray = 20_000;
for my $table (qw(hit_default tally message_tally source_key)) {
    my $clicks = start_clicks();
    usleep(100_000) until -s "$clicks->{name}.out" > 2_000;
    # a hit that went astray, and a month that is over
    query("SELECT count(h.status) FROM code, smstrack_hit(code, now() - interval '2 months', '192.0.2.9', '$iphone') AS h WHERE n = " . $astray--);
    query('SELECT smstrack.make_hit_partition($$2019-01-01$$)');
    my $holder = client("BEGIN;\nLOCK TABLE smstrack.$table IN ACCESS EXCLUSIVE MODE;\nSELECT pg_sleep(600);\n");
    ok($node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'smstrack.$table'::regclass AND mode = 'AccessExclusiveLock' AND granted"), "$table is held");
    my $upkeep = client('CALL smstrack_maintain();');
    ok($node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE l.relation = 'smstrack.$table'::regclass AND NOT granted AND a.query LIKE 'CALL smstrack_maintain%'"),
        'upkeep has come to it');
    crash($node);
    eval { $_->{run}->finish } for $holder, $upkeep;
    my @codes = acknowledged($clicks);
    check_all("upkeep killed at $table", @codes) if $table ne 'hit_default';
    is(($node->psql('postgres', 'CALL smstrack_maintain()'))[0], 0, "$table: upkeep runs again");
    is(query($steps), 'f|f|f|f', 'to its end');
    check_all("after $table", @codes);
}
is(query('SELECT count(*) FROM smstrack_refresh()'), scalar(@reports), 'reports can be refreshed');
is(query($unlike), '', 'and say what is');

$node->stop;
done_testing();
