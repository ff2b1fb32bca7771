# What several TAP tests need: a server with the extension, and a crash.
package Smstrack;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw(new_node crash);

# Starts a server whose write-ahead log is written by commits and flushes alone, so that a
# crash loses all that was not made durable on purpose.
sub new_node {
    my ($name, %options) = @_;
    my $node = PostgreSQL::Test::Cluster->new($name);
    # whatever the locale of whoever runs the tests; other encodings have tests of their own
    $node->init(allows_streaming => $options{allows_streaming} // 0, extra => ['--encoding=UTF8', '--locale=C.UTF-8']);
    $node->append_conf('postgresql.conf', <<'CONF');
wal_writer_delay = 10s
bgwriter_delay = 10s
checkpoint_timeout = 1h
autovacuum = off
client_min_messages = error
log_statement = none
CONF
    $node->start;
    $node->safe_psql('postgres', 'CREATE EXTENSION smstrack') unless $options{without_extension};
    return $node;
}

# Kills the server and all its processes at once, and starts it again.
sub crash {
    my ($node) = @_;
    my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
    # stopped first: a process forked after the list is made would be left behind, and
    # wait for ever for what a killed one held
    kill 'STOP', $postmaster;
    usleep(1_000) until `ps -o stat= -p $postmaster` =~ /^[TZ]|^$/;
    my @children = split ' ', `ps -o pid= --ppid $postmaster`;
    kill 'KILL', $postmaster, @children;
    for my $pid ($postmaster, @children) {
        # a zombie is dead too: whoever waits for it may be slow
        for (1 .. 1000) {
            my $state = `ps -o stat= -p $pid`;
            last if $state eq '' || $state =~ /^Z/;
            usleep(10_000);
        }
    }
    $node->{_pid} = undef;
    unlink $node->data_dir . '/postmaster.pid', $node->host . '/.s.PGSQL.' . $node->port . '.lock';
    # what was killed may hold the shared memory for another moment
    for (1 .. 20) {
        return if $node->start(fail_ok => 1);
        usleep(500_000);
    }
    BAIL_OUT('the server does not start after a crash');
    return;
}

1;
