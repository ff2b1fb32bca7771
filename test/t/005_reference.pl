# The reference names every public function, table, view and setting, and nothing else; what it
# says of arguments, results, labels and errors is what the catalog has. doc/columns.md has the
# comment of every column.
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

is(join(' ', grep { $reference !~ /^\|(?:[^|]*, )? ?`\Q$_\E`[^|]*\|/m } split /\n/, $node->safe_psql('postgres', 'SELECT name FROM smstrack_check()')), '',
    'every invariant is in the reference');

my %known = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', "SELECT DISTINCT proname FROM pg_proc WHERE proname LIKE 'smstrack\\_%'");
is(join(' ', grep { !$known{$_} } $reference =~ /^### (?:CALL )?(smstrack_\w+)\(/mg), '', 'the reference names no function that is not there');

# Arguments with their defaults, result, labels and whether PUBLIC may call it, as the
# catalog has them. What an entry does not say is what the reference says of all.
my %catalog;
for my $line (split /\n/, $node->safe_psql('postgres', <<'SQL')) {
SELECT p.oid::regproc, prokind,
       (SELECT string_agg(a.name || ' ' || format_type(a.type, NULL)
                          || coalesce(' = ' || regexp_replace(pg_get_function_arg_default(p.oid, a.n::integer), '::[a-z ]+(\[\])?$', ''), ''), ', ' ORDER BY a.n)
        FROM unnest(proargnames, coalesce(proallargtypes, proargtypes::oid[]), proargmodes) WITH ORDINALITY AS a (name, type, mode, n)
        WHERE coalesce(a.mode, 'i') IN ('i', 'b', 'v')),
       pg_get_function_result(p.oid),
       CASE provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
       CASE proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END,
       proisstrict AND pronargs > 0,
       EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)
FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'smstrack'
SQL
    my ($name, $kind, $arguments, $result, $volatility, $parallel, $strict, $public) = split /\|/, $line, -1;
    s/timestamp with time zone/timestamptz/g for $arguments, $result;
    # a table's columns are named without their types
    $result = 'setof (' . join(', ', map { /^(\S+)/ } split /, /, $1) . ')' if $result =~ /^TABLE\((.*)\)$/;
    push @{ $catalog{$name} }, { head => "$name($arguments)" . ($kind eq 'p' ? '' : " → $result"), labels => "$volatility, " . ($strict eq 't' ? 'strict, ' : '') . "parallel $parallel" . ($public eq 't' ? ', open to PUBLIC' : '') };
}
my ($entries, $open, @wrong) = (0, 0);
for (split /^(?=#)/m, $reference) {
    # a chapter may say of all its entries that they are open to PUBLIC
    $open = /open to PUBLIC/ if /^## /;
    my ($name, $head, $text) = /^### (?:CALL )?((?:smstrack\.)?\w+)(\([^\n]*)\n(.*)/s or next;
    $head = "$name$head";
    my ($entry) = grep { lc $_->{head} eq lc $head } @{ $catalog{$name} // [] };
    $entries++;
    push @wrong, "$name stands there twice" if $entry && $entry->{seen}++;
    if (!$entry) {
        push @wrong, "$head: the catalog has " . join(' and ', map { $_->{head} } @{ $catalog{$name} // [] });
        next;
    }
    # labels stand at the beginning of a sentence
    my ($volatility) = $text =~ /(?:^|\. )(Immutable|Stable)\b/;
    my ($parallel) = $text =~ /, parallel (safe|restricted)/;
    my $said = join ', ', lc($volatility // 'volatile'), $text =~ /\bstrict\b|\. Strict\./ ? 'strict' : (), 'parallel ' . ($parallel // 'unsafe'),
        $open || $text =~ /open to PUBLIC/ ? 'open to PUBLIC' : ();
    push @wrong, "$name is said to be $said: it is $entry->{labels}" if $said ne $entry->{labels};
}
cmp_ok($entries, '>', 30, 'there are entries to compare');
is(join("\n", @wrong), '', 'arguments, results and labels are those of the catalog');

# Errors: SQLSTATEs of the server, or of our own.
my %state = map { $_ => 1 } slurp_file(`$ENV{PG_CONFIG} --sharedir` =~ s/\n//r . '/errcodes.txt') =~ /^([0-9A-Z]{5})\s/mg;
$state{ join '', /'(.)'/g } = 1 for slurp_file('src/sqlstate.h') =~ /MAKE_SQLSTATE\((.*)\)/g;
cmp_ok(scalar(keys %state), '>', 200, 'the server lists its SQLSTATEs');
is(join(' ', grep { !$state{$_} } $reference =~ /`([0-9A-Z]{5})`/g), '', 'every SQLSTATE of the reference is one');

my ($status, $columns, $complaint) = $node->psql('postgres', scalar slurp_file('script/columns.sql'), on_error_stop => 1);
is($complaint, '', 'the columns are listed');
is("$columns\n", slurp_file('doc/columns.md'), 'doc/columns.md is what script/doc-columns writes');

$node->stop;
done_testing();
