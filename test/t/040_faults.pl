# What the machine does to a server: the disk is full, processes are killed in the middle of
# upkeep, and strangers take all connections. Nothing acknowledged is lost or doubled, and
# nothing is half written.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;
use Time::HiRes qw(usleep time);

my $directory = PostgreSQL::Test::Utils::tempdir();
my $full = "$directory/full";
my $library = "$directory/full_disk.so";
system('cc', '-shared', '-fPIC', '-O1', '-o', $library, "$FindBin::RealBin/full_disk.c", '-ldl') == 0
    or die 'full_disk.c does not build';

# Makes the disk full for paths with a word; none: there is room again.
sub fill_disk {
    my ($word) = @_;
    open my $out, '>', "$full.new" or die "$full.new: $!";
    print $out $word;
    close $out;
    rename "$full.new", $full or die "$full: $!";
    return;
}

my $node = new_node('faults');
$node->stop;
{
    local $ENV{LD_PRELOAD} = $library;
    local $ENV{SMSTRACK_FULL_DISK} = $full;
    $node->start;
}
Redirector::prepare_node($node);
my @codes = Redirector::codes($node, 30_000);

# Starts a client that clicks one code after the other, each once. It reads and writes files,
# so that it goes on while nobody looks.
sub start_clicks {
    my ($number) = @_;
    my $name = "$directory/client" . @codes;
    append_to_file("$name.sql", join '', map {
        "SELECT '$_' || ' ' || status FROM smstrack_hit('$_', clock_timestamp(), '192.0.2.1', '$Redirector::phone', host => 'go.example.com');\n"
    } splice @codes, 0, $number);
    my $run = IPC::Run::start(
        ['psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-d', $node->connstr('postgres'), '-f', "$name.sql"],
        '>', "$name.out", '2>', "$name.err");
    return { run => $run, name => $name };
}

# Waits until a client's output or errors match.
sub wait_for {
    my ($client, $kind, $pattern) = @_;
    for (1 .. 2_000) {
        return 1 if slurp_file("$client->{name}.$kind") =~ $pattern;
        usleep(10_000);
    }
    return 0;
}

# Gives the codes whose click was acknowledged.
sub finish_clicks {
    my ($client) = @_;
    eval { $client->{run}->finish };
    return slurp_file("$client->{name}.out") =~ /^(\S+) found$/mg;
}

# Acknowledged is stored, once; the others at most once; and the tallies equal a recount.
sub check_clicks {
    my ($name, @acknowledged) = @_;
    my $file = "$directory/acknowledged";
    open my $out, '>', $file or die "$file: $!";
    print $out "$_\n" for @acknowledged;
    close $out;
    chmod 0644, $file;
    cmp_ok(scalar @acknowledged, '>', 50, "$name: clicks were acknowledged");
    is($node->safe_psql('postgres', <<"SQL"), '0', "$name: acknowledged is stored, once");
CREATE TEMPORARY TABLE acknowledged (code text);
COPY acknowledged FROM '$file';
SELECT count(*) FROM (
    SELECT a.code FROM acknowledged AS a
    LEFT JOIN smstrack_resolve(a.code, 'go.example.com') AS r ON r.status = 'found'
    LEFT JOIN smstrack.hit AS h ON h.message_id = r.message_id
    GROUP BY a.code HAVING count(h.message_id) <> 1) AS wrong
SQL
    is($node->safe_psql('postgres', 'SELECT message_id FROM smstrack.hit GROUP BY message_id HAVING count(*) > 1'), '',
        "$name: nothing is stored twice");
    is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally_difference'), '0', "$name: the tallies equal a recount");
    return;
}

# The disk fills up while people click and a campaign is launched.
my $client = start_clicks(5_000);
wait_for($client, 'out', qr/(?:\n.*){200}/);
fill_disk('/base/');
ok(wait_for($client, 'err', qr/53100/), 'a click finds the disk full');
my ($status, $out, $err) = $node->psql('postgres', <<'SQL');
\set VERBOSITY sqlstate
SELECT smstrack_campaign('full', 'Hi https://shop.example/x');
CREATE TABLE audience AS SELECT '+4917' || lpad(n::text, 8, '0') AS recipient FROM generate_series(1, 5000) AS n;
SELECT prepared FROM smstrack_launch('full', 'audience');
SQL
like($err, qr/53100/, 'so does a launch');
fill_disk('');
check_clicks('disk full', finish_clicks($client));
is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM smstrack.outbox), (SELECT count(*) FROM smstrack.launch)'), '0|0',
    'the launch left nothing');
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_campaign('room', 'Hi https://shop.example/x');
CREATE TABLE IF NOT EXISTS audience AS SELECT '+4917' || lpad(n::text, 8, '0') AS recipient FROM generate_series(1, 5000) AS n;
SQL
is($node->safe_psql('postgres', q(SELECT prepared FROM smstrack_launch('room', 'audience'))), '5000', 'with room it prepares everybody');

# The disk of the write-ahead log fills up: the server gives up, and goes on with room.
$client = start_clicks(8_000);
wait_for($client, 'out', qr/(?:\n.*){200}/);
fill_disk('/pg_wal/');
# a psql that finds no server may be gone before it is given the statement, which raises an error
eval { $node->psql('postgres', 'SELECT pg_switch_wal()') } for 1 .. 20;
my @acknowledged = finish_clicks($client);
like(slurp_file($node->logfile), qr/PANIC:.*(No space left|could not write)/, 'the log is full: the server gives up');
my $pid_file = $node->data_dir . '/postmaster.pid';
-e $pid_file && usleep(50_000) for 1 .. 200;
ok(!-e $pid_file, 'it is down');
fill_disk('');
$node->{_pid} = undef;
$node->start;
check_clicks('log full', @acknowledged);

# Upkeep is killed again and again, beside clicks.
@acknowledged = ();
for my $round (1 .. 4) {
    $client = start_clicks(2_000);
    wait_for($client, 'out', qr/(?:\n.*){50}/);
    my ($upkeep_out, $upkeep_err) = ('', '');
    my $calls = "CALL smstrack_maintain();\n" x 200;
    my $upkeep = IPC::Run::start(['psql', '-XAtq', '-d', $node->connstr('postgres')],
        '<', \$calls, '>', \$upkeep_out, '2>', \$upkeep_err, IPC::Run::timeout(120));
    usleep(200_000);
    if ($round % 2) {
        $node->safe_psql('postgres', q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CALL smstrack_maintain%'));
    } else {
        crash($node);
    }
    eval { $upkeep->finish };
    push @acknowledged, finish_clicks($client);
}
check_clicks('upkeep killed', @acknowledged);
is($node->safe_psql('postgres', 'CALL smstrack_maintain(); SELECT count(*) FROM smstrack.tally WHERE slot <> 0'), '0',
    'upkeep that was killed is made good by the next');

# Strangers take every connection that the server has, 500 times a second.
$node->append_conf('postgresql.conf', "max_connections = 20\n");
$node->restart;
my $redirector = Redirector->start($node, '--wait-limit', '3000');
$node->safe_psql('postgres', 'CREATE ROLE stranger LOGIN');
my $storm_script = "$directory/storm.perl";
append_to_file($storm_script, <<'PERL');
use IO::Socket::UNIX;
use Time::HiRes qw(time usleep);
my ($path, $rate, $seconds, $held) = @ARGV;
my $packet = pack('N', 196608) . "user\0stranger\0database\0postgres\0\0";
my ($begin, $tried, @open) = (time, 0);
while ((my $elapsed = time - $begin) < $seconds) {
    while ($tried < $rate * $elapsed) {
        $tried++;
        my $socket = IO::Socket::UNIX->new(Peer => $path, Blocking => 0) or next;
        syswrite $socket, pack('N', 4 + length $packet) . $packet;
        push @open, [$socket, time];
    }
    shift @open while @open && $open[0][1] < time - $held;
    usleep(2_000);
}
print $tried;
PERL
my ($storm_out, $storm_err) = ('', '');
my $begin = time;
my $storm = IPC::Run::start([$^X, $storm_script, $node->host . '/.s.PGSQL.' . $node->port, 500, 10, 0.4],
    '>', \$storm_out, '2>', \$storm_err, IPC::Run::timeout(60));
my @storm_codes = splice @codes, 0, 300;
my %came;
my $n = 0;
for my $code (@storm_codes) {
    $node->psql('postgres', q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'redirector')) if $n++ % 60 == 30;
    my $socket = $redirector->connect or next;
    syswrite $socket, "GET /$code HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent: $Redirector::phone\r\nConnection: close\r\n\r\n";
    my $answer = '';
    1 while sysread $socket, $answer, 65536, length $answer;
    my ($answer_status) = $answer =~ m{^HTTP/1\.1 (\d+) };
    push @{ $came{ $answer_status // 'closed' } }, $code;
    usleep(20_000);
}
$storm->finish;
my $refused = () = slurp_file($node->logfile) =~ /FATAL:  (?:sorry, too many clients|remaining connection slots)/g;
note("connections tried: $storm_out, refused: $refused", sprintf(' in %.0f s; answers: ', time - $begin), join ', ', map { "$_: " . @{ $came{$_} } } sort keys %came);
cmp_ok($storm_out, '>=', 4_900, 'strangers tried 500 times a second');
cmp_ok($refused, '>', 100, 'the server refuses connections');
is_deeply([grep { !/^(302|503|closed)$/ } keys %came], [], 'every click is answered, or told to come back');
cmp_ok(scalar @{ $came{302} // [] }, '>', 50, 'clicks get through');
$redirector->wait_for_health(200);
check_clicks('connections', @{ $came{302} // [] });
$redirector->signal('TERM');
$redirector->wait;

$node->stop;
done_testing();
