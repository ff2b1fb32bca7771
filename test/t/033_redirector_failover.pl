# Two hosts in the connection string: the primary dies under load, its synchronous standby
# is promoted, and the redirector goes on there; acknowledged is stored, once.
use strict;
use warnings;
use FindBin;
use IO::Socket::INET;
use lib $FindBin::RealBin;
use ClickLoad;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;
use Time::HiRes qw(usleep);

my $primary = new_node('primary', allows_streaming => 1);
Redirector::prepare_node($primary);
my @codes = Redirector::codes($primary, 8_000);
my @others = Redirector::codes($primary, 2);
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''\n");
$standby->start;
$primary->append_conf('postgresql.conf', "synchronous_standby_names = '*'\n");
$primary->reload;
$primary->poll_query_until('postgres', q{SELECT sync_state = 'sync' FROM pg_stat_replication}) or die 'no synchronous standby';

# The standby stands first: a server that only reads is passed over.
my $redirector = Redirector->start($primary, '--wait-limit', '20000', '--database',
    sprintf 'host=%s,%s port=%d,%d dbname=postgres user=redirector target_session_attrs=read-write',
    $standby->host, $primary->host, $standby->port, $primary->port);
# Without target_session_attrs a standby is found out by the first click, which waits.
my $blind = Redirector->start($primary, '--database', sprintf 'host=%s,%s port=%d,%d dbname=postgres user=redirector',
    $standby->host, $primary->host, $standby->port, $primary->port);
like($blind->get("/$others[0]"), qr{^HTTP/1\.1 302 }, 'from a standby to the primary behind it');
is($blind->stop, 0, 'and it ends well');

my $came = ClickLoad::under_load($redirector, 'failover', \@codes, sub {
    $primary->stop('immediate');
    usleep(500_000);
    $standby->promote;
    $redirector->wait_for_health(200);
    usleep(3_000_000);
});
ClickLoad::check($standby, 'failover', $came, 200);
is_deeply([keys %$came], ['302'], 'whoever waits for the promotion is answered');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally_difference'), '0', 'the tallies equal a recount');
my $after = $redirector->get('/' . (Redirector::codes($standby, 1))[0]);
like($after, qr{^HTTP/1\.1 302 }, 'a link that the new primary has made is answered');

# A machine that accepts connections, and answers none.
my $silent = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1') or die "listen: $!";
my $patient = Redirector->start($standby, '--database', sprintf 'host=127.0.0.1,%s port=%d,%d dbname=postgres user=redirector',
    $standby->host, $silent->sockport, $standby->port);
like($patient->get("/$others[1]"), qr{^HTTP/1\.1 302 }, 'a host that is silent is passed over');
is($patient->stop, 0, 'and it ends well, too');
is($redirector->stop, 0, 'no sanitizer has complained');
$standby->stop;
done_testing();
