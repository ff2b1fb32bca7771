# Nothing acknowledged is lost and nothing counts twice: while the server or the redirector
# is killed, connections are cut, and the database is away for half a minute.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;
use Time::HiRes qw(usleep time);

my $clients = 8;
my $directory = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('main');
Redirector::prepare_node($node);
my @codes = Redirector::codes($node, 40_000);
my $redirector = Redirector->start($node, '--wait-limit', '2000');

# Reads one answer; the server's answers to clicks have no body but on a page.
sub read_answer {
    my ($socket) = @_;
    my $text = '';
    while ($text !~ /\r\n\r\n/) {
        my $n = sysread $socket, my $part, 65536;
        return $text unless $n;
        $text .= $part;
    }
    return $text;
}

# Clicks one code after the other, each once, and writes down what came of it.
sub click {
    my ($file, @own) = @_;
    open my $out, '>', $file or die "$file: $!";
    $out->autoflush(1);
    local $SIG{PIPE} = 'IGNORE';
    my $socket;
    for my $code (@own) {
        $socket //= $redirector->connect;
        if (!$socket) {
            usleep(50_000);
            next;
        }
        syswrite $socket, "GET /$code HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent: $Redirector::phone\r\n\r\n";
        my $answer = read_answer($socket);
        my ($status) = $answer =~ m{^HTTP/1\.1 (\d+) };
        print $out "$code ", $status // 'closed', "\n";
        undef $socket if ($status // 0) != 302;
        usleep(4_000);
    }
    return;
}

# Runs what goes wrong while clients click; gives the codes by what came of them.
sub under_load {
    my ($name, $wrong) = @_;
    my @share = splice @codes, 0, 6_000;
    my @pids;
    for my $n (0 .. $clients - 1) {
        my $pid = fork // die "fork: $!";
        if ($pid == 0) {
            # newer test libraries end a script that is terminated, and the servers with it
            local $SIG{TERM} = 'DEFAULT';
            click("$directory/$name.$n", map { $share[$_] } grep { $_ % $clients == $n } 0 .. $#share);
            require POSIX;
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    usleep(500_000);
    $wrong->();
    usleep(500_000);
    kill 'TERM', @pids;
    waitpid $_, 0 for @pids;
    my %came;
    for my $line (map { split /\n/, slurp_file("$directory/$name.$_") } 0 .. $clients - 1) {
        push @{ $came{$2} }, $1 if $line =~ /^(\S+) (\w+)$/;
    }
    return \%came;
}

# How often each of some codes was recorded: pairs of times and codes.
sub recorded {
    my (@list) = @_;
    return {} unless @list;
    my $array = join ',', map { "'$_'" } @list;
    my $rows = $node->safe_psql('postgres', <<"SQL");
SELECT hits, count(*) FROM (
    SELECT (SELECT count(*) FROM smstrack.hit AS h WHERE h.message_id = r.message_id) AS hits
    FROM unnest(ARRAY[$array]) AS c, smstrack_resolve(c, 'go.example.com') AS r) AS s
GROUP BY hits
SQL
    return { map { split /\|/ } split /\n/, $rows };
}

sub check {
    my ($name, $came, $least) = @_;
    my @acknowledged = @{ $came->{302} // [] };
    my @others = map { @{ $came->{$_} } } grep { $_ ne '302' } keys %$came;
    note("$name: " . join ', ', map { "$_: " . @{ $came->{$_} } } sort keys %$came);
    cmp_ok(scalar(@acknowledged), '>=', $least, "$name: clicks were acknowledged");
    is_deeply([grep { !/^(302|503|closed)$/ } keys %$came], [], "$name: the others got 503 or a closed connection");
    is_deeply(recorded(@acknowledged), { 1 => scalar @acknowledged }, "$name: acknowledged is stored, once");
    is((grep { $_ > 1 } keys %{ recorded(@others) }), 0, "$name: nothing is stored twice");
    return;
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

check('redirector killed', under_load('redirector', sub {
    for (1 .. 3) {
        $redirector->signal('KILL');
        $redirector->wait;
        $redirector->run;
        usleep(300_000);
    }
}), 100);

# A short restart is not even noticed.
$came = under_load('short', sub { $node->restart; $redirector->wait_for_health(200); });
check('short restart', $came, 100);
is_deeply([keys %$came], ['302'], 'a short restart: everybody is answered');

$came = under_load('away', sub {
    $node->stop('fast');
    my $start = time;
    my $socket = $redirector->connect;
    syswrite $socket, "GET /$codes[0] HTTP/1.1\r\nHost: go.example.com\r\n\r\n";
    like(read_answer($socket), qr{^HTTP/1\.1 503 .*\r\nRetry-After: \d+\r\n}s, 'database away: 503 with Retry-After');
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
