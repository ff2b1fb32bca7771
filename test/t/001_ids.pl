# No link code is handed out twice: not after a crash in the middle of preparing, not by a
# promoted standby that lagged, not by a database restored from an older dump.
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

my $rounds = 5;
my $codes_a_round = 300;

# Codes handed out so far, and how many came a second time.
my %seen;
my $repeated = 0;

sub note_codes {
    my ($output) = @_;
    my @codes = $output =~ m{https://go\.example\.com/([0-9A-Za-z]{8})\b}g;
    $repeated += $seen{$_}++ ? 1 : 0 for @codes;
    return @codes;
}

# The codes that came a second time since the last question.
sub repeats { my $number = $repeated; $repeated = 0; return $number; }

sub take_codes {
    my ($node, $database, $number) = @_;
    return note_codes($node->safe_psql($database,
        "SELECT smstrack_rewrite('https://a.example/' || n, '1') FROM generate_series(1, $number) AS n"));
}

# Crashes the server while a client prepares one message after the other; gives the codes
# that had reached the client.
sub crash_while_preparing {
    my ($node, $begin) = @_;
    my $script = $begin . "SELECT smstrack_rewrite('https://a.example/', '1');\n" x 100_000;
    my ($out, $err) = ('', '');
    my $client = IPC::Run::start(
        ['psql', '-XAtq', '-d', $node->connstr('postgres')],
        '<', \$script, '>', \$out, '2>', \$err, IPC::Run::timeout(120));
    while (($out =~ tr/\n//) < $codes_a_round) {
        $client->pump;
    }
    crash($node);
    eval { $client->finish };
    return note_codes($out);
}

my $primary = new_node('primary', allows_streaming => 1);
$primary->safe_psql('postgres', "SELECT smstrack_domain('go.example.com')");

my %begin = (
    'on, uncommitted' => "SET synchronous_commit = on; BEGIN;\n",
    'off' => "SET synchronous_commit = off;\n",
    'off, uncommitted' => "SET synchronous_commit = off; BEGIN;\n",
    'local' => "SET synchronous_commit = local;\n",
);
for my $mode (sort keys %begin) {
    my ($lost, $handed_out) = (0, 0);
    for my $round (1 .. $rounds) {
        my @codes = crash_while_preparing($primary, $begin{$mode});
        $handed_out += @codes;
        next if $mode =~ /uncommitted/;
        # the client had the answer: the message must be there
        my $list = join ',', map { "'$_'" } @codes;
        $lost += $primary->safe_psql('postgres',
            "SELECT count(*) FROM unnest(ARRAY[$list]) AS c, smstrack_resolve(c) AS r WHERE r.status <> 'found'");
    }
    cmp_ok($handed_out, '>=', $rounds * $codes_a_round, "synchronous_commit $mode: codes reached the client");
    is(repeats(), 0, "synchronous_commit $mode: no code twice after $rounds crashes");
    is($lost, 0, "synchronous_commit $mode: no acknowledged message is lost") unless $mode =~ /uncommitted/;
}

# An older dump, restored twice: beside the original, and beside each other.
my $dump = PostgreSQL::Test::Utils::tempdir() . '/older.sql';
$primary->command_ok(['pg_dump', '-f', $dump, '-d', $primary->connstr('postgres')], 'dumped');
my @after_dump = take_codes($primary, 'postgres', 2000);
for my $copy ('copy_a', 'copy_b') {
    $primary->safe_psql('postgres', "CREATE DATABASE $copy");
    $primary->command_ok(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $primary->connstr($copy)],
        "restored into $copy");
    is(scalar(take_codes($primary, $copy, 2000)), 2000, "$copy hands out codes");
    is(repeats(), 0, "$copy repeats no code");
}

# The same dump on another machine, into a database with the same name and oids.
my $elsewhere = new_node('elsewhere', without_extension => 1);
$elsewhere->command_ok(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $elsewhere->connstr('postgres')],
    'restored on another machine');
my $oids = "SELECT d.oid, 'smstrack.message_id_seq'::regclass::oid FROM pg_database AS d WHERE datname = current_database()";
is($elsewhere->safe_psql('postgres', $oids), $primary->safe_psql('postgres', $oids), 'the oids are the same there');
is(scalar(take_codes($elsewhere, 'postgres', 2000)), 2000, 'the copy hands out codes');
is(repeats(), 0, 'the copy on another machine repeats no code');

# A copy of the files that is started as it is cannot know: it has to be told.
my $last_before = $elsewhere->safe_psql('postgres', 'SELECT last_value FROM smstrack.message_id_seq');
$elsewhere->safe_psql('postgres', 'SELECT smstrack.jump_message_ids()');
cmp_ok($elsewhere->safe_psql('postgres', 'SELECT last_value FROM smstrack.message_id_seq'), '>=', $last_before + 100_000_000,
    'ids jump on request');
is(scalar(take_codes($elsewhere, 'postgres', 10)), 10, 'and go on');
is(repeats(), 0, 'without repeating one');
$elsewhere->stop;

# A standby that lags when its primary is lost.
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
take_codes($primary, 'postgres', 100);
$primary->wait_for_catchup($standby);

my $code = (take_codes($primary, 'postgres', 1))[0];
$primary->wait_for_catchup($standby);
is($standby->safe_psql('postgres', "SELECT status FROM smstrack_resolve('$code')"), 'found', 'a standby resolves');
my ($status, $out, $err) = $standby->psql('postgres', "SELECT smstrack_rewrite('https://a.example/', '1')");
like($err, qr/read-only|recovery/, 'a standby prepares nothing');

$standby->append_conf('postgresql.conf', "primary_conninfo = ''");
$standby->reload;
usleep(500_000);
take_codes($primary, 'postgres', 5000);
$primary->stop('immediate');
$standby->promote;
is(scalar(take_codes($standby, 'postgres', 5000)), 5000, 'the promoted standby hands out codes');
is(repeats(), 0, 'the promoted standby repeats no code');
is($standby->safe_psql('postgres', "SELECT status FROM smstrack_resolve('$code')"), 'found', 'and older codes resolve');
$standby->stop;

done_testing();
