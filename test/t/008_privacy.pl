# doc/privacy.md says of every column of every table what it tells of a person, and names
# none that is not there; who reads each table is who has the right; and what it says is erased
# is not sampled by ANALYZE.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('privacy');
my (%said, %erased, %readers, $table);
for my $line (split /\n/, slurp_file('doc/privacy.md')) {
    $table = $1 if $line =~ /^### (smstrack\.\w+)$/;
    # who reads it through reports or functions has no right on the table
    $readers{$table} = join ' ', sort grep { !/^owner$/ } $1 =~ s/`\w+`(?:, `\w+`)* (?:through|as counts in) [^.;]*//r =~ /\b(composer|dispatcher|redirector|shop|reader|admin)\b/g
        if $table && $line =~ /Read by: (.*)/;
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

# Who may read at least one column, as the document says of each table.
my %rights = map { split /=/, $_, -1 } split /\n/, $node->safe_psql('postgres', <<'SQL');
DO $$
DECLARE kind text;
BEGIN
    FOREACH kind IN ARRAY '{composer,dispatcher,redirector,shop,reader,reader_masked,admin}'::text[] LOOP
        EXECUTE format('CREATE ROLE regress_%s', kind);
        PERFORM smstrack_grant(('regress_' || kind)::regrole, kind);
    END LOOP;
END
$$;
SELECT c.oid::regclass || '=' || coalesce(string_agg(kind, ' ' ORDER BY kind), '')
FROM pg_class AS c
LEFT JOIN unnest('{composer,dispatcher,redirector,shop,reader,admin}'::text[]) AS kind ON has_any_column_privilege('regress_' || kind, c.oid, 'SELECT')
WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY c.oid
SQL
cmp_ok(scalar(keys %rights), '>', 20, 'there are tables');
is(join("\n", map { "$_ is read by " . ($rights{$_} // '') . ", not by $readers{$_}" } grep { $readers{$_} ne ($rights{$_} // '') } sort keys %readers),
    '', 'who reads a table is said');
is($node->safe_psql('postgres', <<'SQL'), '', 'reader_masked reads no table that reader does not');
SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p')
    AND has_column_privilege('regress_reader_masked', c.oid, a.attnum, 'SELECT') > has_column_privilege('regress_reader', c.oid, a.attnum, 'SELECT')
SQL

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
