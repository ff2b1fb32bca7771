# ALTER EXTENSION smstrack UPDATE gives what a fresh install gives, from every released
# version, and no click fails meanwhile. The comparison itself is shown on versions made up
# here: one that changes nothing, one that does, and wrong ones, which it must tell.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;
use Upgrade qw(catalog_difference);

my ($version) = slurp_file('smstrack.control') =~ /^default_version = '([^']+)'/m;
my $scripts = `$ENV{PG_CONFIG} --sharedir` =~ s/\n//r . '/extension';
my $node = new_node('upgraded', without_extension => 1);
my $directory = PostgreSQL::Test::Utils::tempdir();

sub write_script {
    my ($name, $text) = @_;
    open my $out, '>', "$scripts/$name" or die "$name: $!";
    print {$out} $text;
    close $out;
    return;
}

# A released script stays as it is: what changes after it needs another version.
my @released = map { m{^sql/smstrack--(\d[^-]*)\.sql$} ? $1 : () } glob('sql/smstrack--*.sql');
my $script = slurp_file("$scripts/smstrack--$version.sql");
is($script, slurp_file("sql/smstrack--$version.sql"), "$version was released: its script is frozen") if grep { $_ eq $version } @released;

# Uses an installation, then updates it while clicks come in.
sub update_under_load {
    my ($database, $from, $to) = @_;
    $node->safe_psql('postgres', "CREATE DATABASE $database");
    $node->safe_psql($database, "CREATE EXTENSION smstrack VERSION '$from'; SELECT smstrack_domain('go.example.com')");
    $node->safe_psql($database, <<'SQL');
SELECT smstrack_rewrite('https://a.example/' || n, '+4915112' || 345000 + n) FROM generate_series(1, 200) AS n;
SQL
    my @codes = split /\n/, $node->safe_psql($database, 'SELECT smstrack_code(message_id) FROM smstrack.message');
    open my $clicks, '>', "$directory/clicks.sql" or die $!;
    print {$clicks} "\\set n random(1, 200)\nSELECT 1 / (status = 'found')::int FROM smstrack_hit("
        . "(ARRAY[" . join(',', map { "'$_'" } @codes) . "])[:n], address => '192.0.2.1', user_agent => 'Mozilla/5.0');\n";
    close $clicks;

    my ($out, $err) = ('', '');
    my $load = IPC::Run::start(
        ['pgbench', '-n', '-M', 'prepared', '-c', '4', '-j', '2', '-T', '4', '-f', "$directory/clicks.sql", '-d', $node->connstr($database)],
        '>', \$out, '2>', \$err, IPC::Run::timeout(120));
    $node->poll_query_until($database, 'SELECT count(*) >= 50 FROM smstrack.hit') or die 'no clicks come in';
    $node->safe_psql($database, "ALTER EXTENSION smstrack UPDATE TO '$to'");
    my $at_update = $node->safe_psql($database, 'SELECT count(*) FROM smstrack.hit');
    ok($load->finish, "$from to $to: no click failed during the update") or diag($err);
    my ($answered) = $out =~ /transactions actually processed: (\d+)/;
    is($node->safe_psql($database, 'SELECT count(*) FROM smstrack.hit'), $answered, "$from to $to: every answered click is stored");
    cmp_ok($answered, '>', $at_update, "$from to $to: clicks went on after it");
    is($node->safe_psql($database, 'SELECT count(*) FROM smstrack.tally_difference'), '0', "$from to $to: the tallies equal a recount");
    return;
}

sub difference {
    my ($name, $from, $to) = @_;
    $node->safe_psql('postgres', "CREATE DATABASE fresh_$name");
    $node->safe_psql("fresh_$name", "CREATE EXTENSION smstrack VERSION '$to'; SELECT smstrack_domain('go.example.com')");
    return catalog_difference($node, "updated_$name", "fresh_$name");
}

for my $from (grep { $_ ne $version } @released) {
    my $name = $from =~ s/\W/_/gr;
    update_under_load("updated_$name", $from, $version);
    is(difference($name, $from, $version), '', "$from to $version equals a fresh install");
}

# Versions made up: what their install script has more, and what their update script has.
my $column = <<'SQL';
ALTER TABLE smstrack.message ADD COLUMN note text NOT NULL DEFAULT 'none';
COMMENT ON COLUMN smstrack.message.note IS 'A note.';
SQL
my $function = <<'SQL';
CREATE FUNCTION @extschema@.smstrack_noted() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM smstrack.message WHERE note <> 'none'; END;
COMMENT ON FUNCTION @extschema@.smstrack_noted() IS 'Counts noted messages.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_noted() FROM PUBLIC;
SQL
my %made_up = (
    nothing => ['', ''],
    appended => [$column . $function, $column . $function],
);
# and in what a wrong one must be seen to differ
my %wrong = (
    forgotten => [$column, '', qr/^message; Type: TABLE;/m],
    other_default => [$column, $column =~ s/'none'/''/r, qr/^message; Type: TABLE;/m],
    uncommented => [$column, $column =~ s/^COMMENT.*\n//mr, qr/^COLUMN message\.note; Type: COMMENT;/m],
    open => [$column . $function, $column . $function =~ s/^REVOKE.*\n//mr, qr/^FUNCTION smstrack_noted\(\); Type: ACL;/m],
    other_order => [$column . "ALTER TABLE smstrack.message ADD COLUMN later int;\n",
        "ALTER TABLE smstrack.message ADD COLUMN later int;\n" . $column, qr/^message; Type: TABLE;/m],
    unregistered => ["CREATE TABLE smstrack.extra (id int);\nSELECT pg_catalog.pg_extension_config_dump('smstrack.extra', '');\n",
        "CREATE TABLE smstrack.extra (id int);\n", qr/^registered smstrack\.extra/m],
);
my $number = 0;
for my $name (sort keys %made_up, sort keys %wrong) {
    my ($install, $update, $seen) = @{ $made_up{$name} // $wrong{$name} };
    my $next = '99.0.' . ++$number;
    write_script("smstrack--$next.sql", $script . $install);
    write_script("smstrack--$version--$next.sql", $update);
    if (!defined $seen) {
        update_under_load("updated_$name", $version, $next);
        is(difference($name, $version, $next), '', "$name: equals a fresh install");
    }
    else {
        $node->safe_psql('postgres', "CREATE DATABASE updated_$name");
        $node->safe_psql("updated_$name", "CREATE EXTENSION smstrack VERSION '$version'; SELECT smstrack_domain('go.example.com')");
        $node->safe_psql("updated_$name", "ALTER EXTENSION smstrack UPDATE TO '$next'");
        like(difference($name, $version, $next), $seen, "$name: the difference is seen");
    }
    unlink "$scripts/smstrack--$next.sql", "$scripts/smstrack--$version--$next.sql";
}

$node->stop;
done_testing();
