# doc/privacy.md says of every column of every table what it tells of a person, and names
# none that is not there; and what it says is erased is not sampled by ANALYZE.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('privacy');
my (%said, %erased, $table);
for my $line (split /\n/, slurp_file('doc/privacy.md')) {
    $table = $1 if $line =~ /^### (smstrack\.\w+)$/;
    next unless $table && $line =~ /^\| (`\w+`(?:, `\w+`)*) \|.*\| ([^|]+) \|$/;
    my ($names, $fate) = ($1, $2);
    for my $name ($names =~ /`(\w+)`/g) {
        $said{"$table.$name"}++;
        $erased{"$table.$name"} = 1 if $fate =~ /^(?:set to (?:NULL|0$)|replaced)/;
    }
}
my %there = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT 'smstrack.' || c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
SQL
cmp_ok(scalar(keys %there), '>', 100, 'there are columns');
is(join(' ', sort grep { !$said{$_} } keys %there), '', 'every column is described');
is(join(' ', sort grep { !$there{$_} } keys %said), '', 'and no other');
is(join(' ', sort grep { $said{$_} > 1 } keys %said), '', 'each once');

# a number that identifies nobody may be sampled: hashes, and what leads to them
my %sampled = map { $_ => 1 } qw(smstrack.hit.user_agent_id smstrack.hit.source smstrack.opt_out.campaign);
cmp_ok(scalar(keys %erased), '>', 8, 'some columns are erased');
is(join(' ', sort grep { !$sampled{$_} && $there{$_} } map { my $c = $_; $c } split /\n/, $node->safe_psql('postgres',
    "SELECT c FROM unnest('{" . join(',', sort keys %erased) . "}'::text[]) AS c WHERE (SELECT a.attstattarget FROM pg_attribute AS a
     WHERE a.attrelid = regexp_replace(c, '\\.\\w+\$', '')::regclass AND a.attname = substring(c FROM '\\w+\$')) IS DISTINCT FROM 0")),
    '', 'no sample of what is erased is kept by ANALYZE');
is($node->safe_psql('postgres', <<'SQL'), '', 'in the months of hits neither');
DO $$BEGIN PERFORM smstrack_domain('go.example.com'); END$$;
SELECT c.relname, a.attname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_attribute AS a ON a.attrelid = c.oid
JOIN pg_attribute AS p ON p.attrelid = i.inhparent AND p.attname = a.attname
WHERE i.inhparent = 'smstrack.hit'::regclass AND p.attstattarget = 0 AND a.attstattarget IS DISTINCT FROM 0
SQL

$node->stop;
done_testing();
