# Clicks links of a redirector while something goes wrong, and compares what was
# acknowledged with what is stored.
package ClickLoad;

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Test::More;
use Time::HiRes qw(usleep);

my $clients = 8;
my $directory = PostgreSQL::Test::Utils::tempdir();

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
    my ($redirector, $file, @codes) = @_;
    open my $out, '>', $file or die "$file: $!";
    $out->autoflush(1);
    local $SIG{PIPE} = 'IGNORE';
    my $socket;
    for my $code (@codes) {
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
    my ($redirector, $name, $codes, $wrong) = @_;
    my @pids;
    for my $n (0 .. $clients - 1) {
        my $pid = fork // die "fork: $!";
        if ($pid == 0) {
            # newer test libraries end a script that is terminated, and the servers with it
            local $SIG{TERM} = 'DEFAULT';
            click($redirector, "$directory/$name.$n", map { $codes->[$_] } grep { $_ % $clients == $n } 0 .. $#$codes);
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
    my ($node, @list) = @_;
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
    my ($node, $name, $came, $least) = @_;
    my @acknowledged = @{ $came->{302} // [] };
    my @others = map { @{ $came->{$_} } } grep { $_ ne '302' } keys %$came;
    note("$name: " . join ', ', map { "$_: " . @{ $came->{$_} } } sort keys %$came);
    cmp_ok(scalar(@acknowledged), '>=', $least, "$name: clicks were acknowledged");
    is_deeply([grep { !/^(302|503|closed)$/ } keys %$came], [], "$name: the others got 503 or a closed connection");
    is_deeply(recorded($node, @acknowledged), { 1 => scalar @acknowledged }, "$name: acknowledged is stored, once");
    is((grep { $_ > 1 } keys %{ recorded($node, @others) }), 0, "$name: nothing is stored twice");
    return;
}

1;
