# Eight writers record hits of 200 hot messages, and send again what was not acknowledged,
# beside long transactions, reclassification and upkeep, while backends and the postmaster
# are killed: no acknowledged hit is lost, none is there twice, the tallies equal a recount
# at every moment, and nobody deadlocks. SMSTRACK_HITS_SECONDS sets how long (15 s).
#
# The sums have one slot, so that all writers meet in their rows. With the order of the
# tally's keys reversed in every second backend, the last part deadlocks; with one backend
# of 16 leaving the tally out, it differs from the recount.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;
use POSIX ();
use Time::HiRes qw(time usleep);

my $seconds = $ENV{SMSTRACK_HITS_SECONDS} // 15;
my $writers = 8;
my $messages = 200;
my $batch = 20;

my $node = new_node('hits');
$node->append_conf('postgresql.conf', "restart_after_crash = on\nwal_writer_delay = 200ms\nsmstrack.tally_slots = 1\n");
$node->restart;
$node->safe_psql('postgres', <<"SQL");
SELECT smstrack_domain('go.example.com');
SELECT smstrack_rewrite('https://a.example/ https://b.example/', '+49151' || n) FROM generate_series(1, $messages) AS n;
SELECT smstrack_campaign('hot', 'https://a.example/ https://b.example/');
UPDATE smstrack.message SET (campaign, variant) = (SELECT campaign, id FROM smstrack.variant) WHERE message_id % 2 = 0;
SQL
my @codes = split /\n/,
    $node->safe_psql('postgres', 'SELECT smstrack_code(message_id, n) FROM smstrack.message, generate_series(0, 1) AS n');
my @agents = (
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36',
    'WhatsApp/2.23.20.0 A', 'curl/8.0');
my @connection = ('-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'));
my $end = time() + $seconds;
my $directory = PostgreSQL::Test::Utils::tempdir();

# Runs SQL in a psql of its own; gives what it prints, or undef if it failed.
sub try_sql {
    my ($sql) = @_;
    my ($out, $err) = ('', '');
    return IPC::Run::run(['psql', @connection, '-c', $sql], '<', \undef, '>', \$out, '2>', \$err) ? $out : undef;
}

sub array { return "'{" . join(',', map { "\"$_\"" } @_) . "}'" }

# One writer: every batch until it is acknowledged, some of them once more; the request ids
# that were acknowledged go to a file.
sub write_hits {
    my ($writer) = @_;
    srand($writer);
    open my $log, '>', "$directory/writer_$writer" or die $!;
    for (my $n = 0; time() < $end; $n++) {
        my (@code, @agent, @address, @at, @id);
        for my $i (0 .. $batch - 1) {
            push @code, $codes[rand @codes];
            push @agent, $agents[rand @agents];
            push @address, '198.51.100.' . int rand 4;
            push @at, POSIX::strftime('%Y-%m-%d %H:%M:%S+00', gmtime(time() - int rand 3600));
            push @id, sprintf '%08x-0000-4000-8000-%012x', $writer * 1000 + $i, $n;
        }
        my $sql = sprintf 'SELECT count(*) FROM smstrack_hit_batch(%s, NULL, %s, %s, %s, request_ids => %s)',
            array(@code), array(@at), array(@address), array(@agent), array(@id);
        my $answer;
        for (1 .. 600) {
            $answer = try_sql($sql);
            last if defined $answer;
            usleep(50_000);
        }
        last unless defined $answer;
        try_sql($sql) if $n % 10 == 0;
        print $log "$_\n" for @id;
        $log->flush;
    }
    close $log;
}

# Others that hold locks and snapshots for long, judge again, and keep up.
sub disturb {
    while (time() < $end) {
        try_sql("BEGIN; SELECT count(*) FROM smstrack.message WHERE message_id % 50 = 7; "
              . "SELECT message_id FROM smstrack.message WHERE message_id % 50 = 7 ORDER BY message_id FOR UPDATE; "
              . 'SELECT pg_sleep(0.3); COMMIT');
        try_sql(q{INSERT INTO smstrack.agent_rule (pattern, class) VALUES ('windows nt', 'bot')});
        try_sql(q{SELECT smstrack_reclassify('-infinity')});
        try_sql('DELETE FROM smstrack.agent_rule');
        try_sql('CALL smstrack_maintain()');
        try_sql(q{SELECT smstrack_reclassify('-infinity')});
    }
}

my %children;
for my $child (0 .. $writers) {
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $child < $writers ? write_hits($child) : disturb();
        POSIX::_exit(0);
    }
    $children{$pid} = 1;
}

my ($checks, $differences, $killed, $crashes) = (0, 0, 0, 0);
my $next_crash = time() + 4;
while (time() < $end) {
    my $difference = try_sql('SELECT now(), d.* FROM smstrack.tally_difference AS d');
    if (defined $difference) {
        $checks++;
        $differences++, diag($difference) if $difference =~ /\S/;
    }
    if (time() >= $next_crash) {
        crash($node);
        $crashes++;
        $next_crash = time() + 4;
    }
    else {
        my $pid = try_sql(q{SELECT pid FROM pg_stat_activity WHERE query LIKE '%smstrack_hit_batch%' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1});
        if ($pid && $pid =~ /^(\d+)$/) {
            $killed += kill 'KILL', $1;
        }
    }
    usleep(700_000);
}
for my $pid (keys %children) {
    waitpid $pid, 0;
}
for (1 .. 100) {
    last if defined try_sql('SELECT 1');
    usleep(100_000);
}

cmp_ok($checks, '>', 2, "the tallies were compared while it went on ($checks times)");
is($differences, 0, 'and never differed from the recount');
cmp_ok($killed, '>', 0, "backends were killed ($killed)");
cmp_ok($crashes, '>', 0, "and the postmaster ($crashes)");

my $acknowledged = join '', map { slurp_file("$directory/writer_$_") } 0 .. $writers - 1;
my $number = () = $acknowledged =~ /\n/g;
cmp_ok($number, '>', $writers * $batch * 5, "hits were acknowledged ($number)");
append_to_file("$directory/acknowledged", $acknowledged);
is($node->safe_psql('postgres', <<"SQL"), "$number|0|0|0", 'each of them is there, once');
CREATE TEMPORARY TABLE acknowledged (id uuid);
\\copy acknowledged FROM '$directory/acknowledged'
SELECT count(*), count(*) FILTER (WHERE h.n IS NULL), count(*) FILTER (WHERE h.n > 1), count(*) - count(DISTINCT a.id)
FROM acknowledged AS a LEFT JOIN (SELECT request_id, count(*) AS n FROM smstrack.hit GROUP BY request_id) AS h ON h.request_id = a.id;
SQL
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally_difference'), '0', 'the tallies equal a recount');
is($node->safe_psql('postgres', <<'SQL'), '0', 'the messages say what their hits say');
SELECT count(*)
FROM smstrack.message AS m
LEFT JOIN (
    SELECT message_id, min(at) FILTER (WHERE class = 'v') AS view, min(at) FILTER (WHERE class = 'c') AS click,
           coalesce(bit_or(1 << "position") FILTER (WHERE class = 'v'), 0) AS views,
           coalesce(bit_or(1 << "position") FILTER (WHERE class = 'c'), 0) AS clicks
    FROM smstrack.hit GROUP BY message_id
) AS h USING (message_id)
WHERE (m.first_view_at, m.first_click_at, m.viewed_links, m.clicked_links)
    IS DISTINCT FROM (h.view, h.click, coalesce(h.views, 0), coalesce(h.clicks, 0));
SQL
# Sessions that send one batch after the other, without a program between: whoever locks
# in another order than the others meets them soon.
$node->safe_psql('postgres', 'CREATE TABLE code AS SELECT smstrack_code(message_id, n) AS code FROM smstrack.message, generate_series(0, 1) AS n');
my $script = "$directory/batch.sql";
append_to_file($script, <<"SQL");
SELECT count(*) FROM (SELECT array_agg(code) AS codes, array_agg(now() - random() * interval '2 hours') AS at,
                             array_agg((ARRAY[${\ join ',', map { "'$_'" } @agents}])[1 + floor(random() * 4)]) AS agents
                      FROM (SELECT code FROM code ORDER BY random() LIMIT $batch) AS c) AS b,
    smstrack_hit_batch(b.codes, at => b.at, user_agents => b.agents);
SQL
$node->command_ok(['pgbench', '-n', '-c', $writers, '-j', 2, '-T', 6, '-f', $script, '-d', 'postgres'], 'eight sessions record without a pause');
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally_difference'), '0', 'the tallies equal a recount');
unlike(slurp_file($node->logfile), qr/deadlock detected/, 'nobody deadlocked');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|could not lock a row/, 'nothing broke');
$node->stop;
done_testing();
