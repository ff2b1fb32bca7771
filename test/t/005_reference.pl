# The reference names every public function, table, view and setting, and nothing else.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('reference');
my $reference = slurp_file('doc/reference.md');

sub missing {
    my ($query) = @_;
    my @names = split /\n/, $node->safe_psql('postgres', $query);
    cmp_ok(scalar(@names), '>', 2, 'there are names to look for');
    return join ' ', grep { $reference !~ /(?<![\w.])\Q$_\E(?!\w)/ } @names;
}

my $members = "FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'smstrack' AND d.deptype = 'e'";
is(missing("SELECT DISTINCT proname $members JOIN pg_proc AS p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass WHERE proname LIKE 'smstrack\\_%'"),
    '', 'every function is in the reference');
is(missing("SELECT c.oid::regclass $members JOIN pg_class AS c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass WHERE relkind IN ('r', 'p', 'v', 'm')"),
    '', 'every table and view is in the reference');
# LOAD: the settings are there once the library is
is(missing("LOAD 'smstrack'; SELECT name FROM pg_settings WHERE name LIKE 'smstrack.%'"), '', 'every setting is in the reference');

my %known = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', "SELECT DISTINCT proname FROM pg_proc WHERE proname LIKE 'smstrack\\_%'");
is(join(' ', grep { !$known{$_} } $reference =~ /^### (?:CALL )?(smstrack_\w+)\(/mg), '', 'the reference names no function that is not there');

$node->stop;
done_testing();
