# Compares an extension that was updated with one that was installed afresh.
package Upgrade;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(catalog_difference);

# What pg_dump says of a database, members of extensions in full, statement by statement,
# without object ids and transaction ids.
sub catalog {
    my ($node, $database) = @_;
    my ($dump, $err) = run_command(['pg_dump', '--binary-upgrade', '--schema-only', '-d', $node->connstr($database)]);
    die "pg_dump: $err" if $dump eq '';
    my %part;
    for my $part (split /^(?=-- Name: )/m, $dump) {
        my $name = $part =~ /^-- Name: (.*?); Owner/ ? $1 : 'begin';
        # where a sequence stands is data
        next if $name =~ /; Type: SEQUENCE SET;/;
        $part =~ s/^--.*\n//mg;
        $part =~ s/^SELECT pg_catalog\.binary_upgrade_(?:set_next|create_empty_extension)[^;]*;\n//mg;
        $part =~ s/^UPDATE pg_catalog\.pg_class\nSET relfrozenxid[^;]*;\n//mg;
        $part =~ s/^\\(?:un)?restrict .*\n//mg;
        $part =~ s/\n{2,}/\n/g;
        $part{$name} .= $part;
    }
    my @registered = split /\n/, $node->safe_psql($database, <<'SQL');
SELECT format('%s %s', t::regclass, c) FROM pg_extension, unnest(extconfig, extcondition) AS u (t, c)
WHERE extname = 'smstrack' ORDER BY 1
SQL
    $part{"registered $_"} = "registered for dumps\n" for @registered;
    return \%part;
}

# Lists what differs between two databases; nothing where they are equal.
sub catalog_difference {
    my ($node, $updated, $fresh) = @_;
    my ($u, $f) = map { catalog($node, $_) } $updated, $fresh;
    my %names = (%$u, %$f);
    my @different = grep { ($u->{$_} // '') ne ($f->{$_} // '') } sort keys %names;
    return join '', map { "$_\n--- updated\n" . ($u->{$_} // "missing\n") . "+++ fresh\n" . ($f->{$_} // "missing\n") } @different;
}

1;
