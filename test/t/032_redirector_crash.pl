# Nothing acknowledged is lost and nothing counts twice: while the server or the redirector
# is killed, connections are cut, and the database is away for half a minute.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ClickLoad;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;
use Time::HiRes qw(usleep time);

my $node = new_node('main');
Redirector::prepare_node($node);
my @codes = Redirector::codes($node, 40_000);
my $redirector = Redirector->start($node, '--wait-limit', '2000');

sub under_load {
    my ($name, $wrong) = @_;
    return ClickLoad::under_load($redirector, $name, [splice @codes, 0, 6_000], $wrong);
}

sub check {
    return ClickLoad::check($node, @_);
}

check('server killed', under_load('killed', sub {
    for (1 .. 3) {
        crash($node);
        $redirector->wait_for_health(200);
        usleep(300_000);
    }
}), 100);

my $came = under_load('cut', sub {
    for (1 .. 20) {
        $node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'redirector'");
        usleep(150_000);
    }
});
check('connections cut', $came, 200);
like($redirector->admin('/metrics'), qr/^smstrack_retries_total [1-9]/m, 'requests were given to the database again');

# A restart ends the connections one after the other: what one of them cut off goes to the
# next, and is cut off again.
{
    my ($code) = splice @codes, 0, 1;
    my $under_way = q{SELECT pid FROM pg_stat_activity WHERE usename = 'redirector' AND state = 'active' AND wait_event_type = 'Lock'};
    my $locker = $node->background_psql('postgres');
    $locker->query_safe('BEGIN; LOCK TABLE smstrack.tally IN EXCLUSIVE MODE');
    my $socket = $redirector->connect;
    syswrite $socket, "GET /$code HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent: $Redirector::phone\r\n\r\n";
    my %ended;
    while (keys %ended < 2) {
        $node->poll_query_until('postgres', "SELECT count(*) = 1 FROM ($under_way) AS w") or die 'the click is not under way';
        my $pid = $node->safe_psql('postgres', $under_way);
        $ended{$pid} = $node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)") if $pid && !$ended{$pid};
    }
    $locker->query_safe('COMMIT');
    $locker->quit;
    like(ClickLoad::read_answer($socket), qr{^HTTP/1\.1 302 }, 'cut off once by each connection: answered');
    ClickLoad::check($node, 'cut off twice', { 302 => [$code] }, 1);
}

check('redirector killed', under_load('redirector', sub {
    for (1 .. 3) {
        $redirector->signal('KILL');
        $redirector->wait;
        $redirector->run;
        usleep(300_000);
    }
}), 100);

# A short restart is not even noticed.
my $took;
$came = under_load('short', sub { my $start = time; $node->restart; $redirector->wait_for_health(200); $took = time - $start; });
check('short restart', $came, 100);
SKIP: {
    skip sprintf('the restart took %.1f s', $took), 1 if $took > 1.5;
    is_deeply([keys %$came], ['302'], 'a short restart: everybody is answered');
}

$came = under_load('away', sub {
    $node->stop('fast');
    my $start = time;
    my $socket = $redirector->connect;
    syswrite $socket, "GET /$codes[0] HTTP/1.1\r\nHost: go.example.com\r\n\r\n";
    like(ClickLoad::read_answer($socket), qr{^HTTP/1\.1 503 .*\r\nRetry-After: \d+\r\n}s, 'database away: 503 with Retry-After');
    my $waited = time - $start;
    ok($waited > 1.5 && $waited < 4, sprintf 'after the wait limit (%.1f s)', $waited);
    like($redirector->admin('/healthz'), qr{^HTTP/1\.1 503 }, 'healthz says so');
    usleep(1e6 * (30 - (time - $start)));
    $node->start;
    $redirector->wait_for_health(200);
    usleep(1_000_000);
});
check('away for 30 s', $came, 200);
cmp_ok(scalar(@{ $came->{503} // [] }), '>', 0, 'away for 30 s: some had to be told to try again');

is($redirector->stop, 0, 'no sanitizer has complained');
unlike(slurp_file($redirector->{log}), qr/AddressSanitizer|runtime error/, 'in the log neither');
$node->stop;
done_testing();
