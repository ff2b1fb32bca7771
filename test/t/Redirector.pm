# Runs the redirector beside a server of a TAP test, and talks to it byte by byte.
package Redirector;

use strict;
use warnings;
use FindBin;
use IO::Select;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(usleep time);

our $phone = 'Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) '
    . 'Chrome/112.0.0.0 Mobile Safari/537.36';

# Builds the program with sanitizers, once a directory, and gives its path.
sub program {
    my $source = "$FindBin::RealBin/../../redirector";
    system('make', '-s', '-C', $source, 'BUILD=bin/sanitized', 'SANITIZE=1') == 0
        or die 'the redirector does not build';
    return "$source/bin/sanitized/smstrack-redirector";
}

# Makes a link domain, and the role that the redirector has.
sub prepare_node {
    my ($node) = @_;
    $node->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
CREATE ROLE redirector LOGIN;
SELECT smstrack_grant('redirector', 'redirector');
SQL
    return;
}

# Prepares messages and gives their codes.
sub codes {
    my ($node, $number) = @_;
    return split /\n/, $node->safe_psql('postgres',
        "SELECT substring(smstrack_rewrite('https://shop.example/' || n, 'r' || n) FROM '[^/]*\$') FROM generate_series(1, $number) AS n");
}

# Starts the redirector; options are given as on the command line.
sub start {
    my ($class, $node, @options) = @_;
    my $self = bless { log => PostgreSQL::Test::Utils::tempdir() . '/redirector.log' }, $class;
    $self->{port} = PostgreSQL::Test::Cluster::get_free_port();
    $self->{admin} = PostgreSQL::Test::Cluster::get_free_port();
    $self->{arguments} = [
        program(), '--listen', "127.0.0.1:$self->{port}", '--admin-listen', "127.0.0.1:$self->{admin}",
        '--database', $node->connstr('postgres') . ' user=redirector', @options];
    $self->run;
    return $self;
}

sub run {
    my ($self) = @_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        open STDERR, '>>', $self->{log};
        $ENV{UBSAN_OPTIONS} = 'print_stacktrace=1';
        exec @{ $self->{arguments} } or exit 127;
    }
    $self->{pid} = $pid;
    $self->wait_for_health(200);
    return;
}

# Waits until healthz gives a status.
sub wait_for_health {
    my ($self, $status) = @_;
    for (1 .. 600) {
        return 1 if ($self->admin('/healthz') // '') =~ m{^HTTP/1.1 $status };
        usleep(50_000);
    }
    die "healthz does not become $status: " . PostgreSQL::Test::Utils::slurp_file($self->{log});
}

sub signal {
    my ($self, $name) = @_;
    kill $name, $self->{pid};
    return;
}

# Waits for the process to end; gives its exit status, or the signal as -n.
sub wait {
    my ($self) = @_;
    waitpid $self->{pid}, 0;
    my $status = $?;
    $self->{pid} = undef;
    return $status & 127 ? -($status & 127) : $status >> 8;
}

sub stop {
    my ($self) = @_;
    $self->signal('TERM');
    return $self->wait;
}

sub DESTROY {
    my ($self) = @_;
    local $?;
    if ($self->{pid}) {
        kill 'KILL', $self->{pid};
        waitpid $self->{pid}, 0;
    }
    return;
}

sub connect {
    my ($self, $port) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port // $self->{port}, Timeout => 5);
}

# Reads until the other side closes, or the time is over.
sub read_all {
    my ($socket, $seconds) = @_;
    my ($text, $end) = ('', time + ($seconds // 10));
    my $select = IO::Select->new($socket);
    while ((my $left = $end - time) > 0) {
        last unless $select->can_read($left);
        my $n = sysread $socket, my $part, 65536;
        last unless $n;
        $text .= $part;
    }
    return $text;
}

# Sends bytes and gives all that comes back until the connection is closed.
sub raw {
    my ($self, $bytes, $seconds) = @_;
    my $socket = $self->connect or return;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $socket, $bytes;
    return read_all($socket, $seconds);
}

# Makes one request as a phone would, and gives the whole answer.
sub get {
    my ($self, $path, %headers) = @_;
    my $method = delete $headers{method} // 'GET';
    my $body = delete $headers{body} // '';
    %headers = (Host => 'go.example.com', 'User-Agent' => $phone, Connection => 'close', %headers);
    $headers{'Content-Length'} = length $body if $body ne '' || $method eq 'POST';
    my $head = join '', map { defined $headers{$_} ? "$_: $headers{$_}\r\n" : '' } sort keys %headers;
    return $self->raw("$method $path HTTP/1.1\r\n$head\r\n$body");
}

sub admin {
    my ($self, $path) = @_;
    my $socket = $self->connect($self->{admin}) or return;
    syswrite $socket, "GET $path HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n";
    return read_all($socket);
}

1;
