# The house's rules that a compiler does not check: which layer knows which, and that one
# concept writes the tables.
use strict;
use warnings;
use Test::More;

sub slurp { my ($file) = @_; open my $in, '<', $file or die "$file: $!"; local $/; return <$in>; }

# Lists the files in which a pattern occurs.
sub found { my ($pattern, @files) = @_; return join ' ', grep { slurp($_) =~ $pattern } @files; }

my @core = glob('src/core/*.[ch]');
my @server = glob('src/*.[ch]');
cmp_ok(scalar(@core), '>', 20, 'there is a core');

is(found(qr/#include\s+["<](?:postgres|fmgr|c\.h|utils\/|catalog\/|access\/|executor\/|storage\/|nodes\/|mb\/|\.\.\/)/, @core), '',
    'the core knows no server header');
is(found(qr/\b(?:palloc|pfree|ereport|elog|malloc|calloc|realloc)\s*\(/, @core), '', 'the core allocates and raises nothing');
is(found(qr/#include\s+"fn_/, @core, @server), '', 'nobody includes the SQL-callable files');
is(found(qr/\b(?:INSERT INTO|UPDATE|DELETE FROM) smstrack\.(?:message|hit|user_agent|conversion|tally)\b/,
    grep { !m{/store_} } @server), '', 'only store_*.c writes the big tables');
is(found(qr/PG_FUNCTION_INFO_V1/, grep { !m{/fn_|/smstrack\.c} } @server), '', 'SQL-callable functions stand in fn_*.c');
is(found(qr/PG_VERSION_NUM/, grep { !m{/compat\.h} } @core, @server), '', 'compat.h alone knows server versions');

is(found(qr/\bCacheRegisterRelcacheCallback\b/, @server), 'src/catalog.c',
    'one callback for changes of relations: the server has room for ten in all, and Citus takes five');

# Newer servers' headers include less of each other: who uses arrays names their header, or
# has it by a header of ours.
sub includes {
    my ($file, $header, %seen) = @_;
    return 0 if !-e $file || $seen{$file}++;
    my $text = slurp($file);
    return $text =~ /#include "\Q$header\E"/ || grep { includes("src/$_", $header, %seen) } $text =~ /#include "(\w+\.h)"/g;
}
is(join(' ', grep { slurp($_) =~ /\bArrayType\b|construct_(?:md_|empty_)?array/ && !includes($_, 'utils/array.h') } @server), '',
    'who uses arrays includes their header');

# doc/architecture.md has a line for every file: by its name, or by its path in test/. Of
# files that have one name, each has its line.
my $lists = join '', slurp('doc/architecture.md') =~ /^\| file \| holds \|\n\|---\|---\|\n((?:\|.*\n)+)/mg;
my (%lines, %of_name);
$lines{$_}++ for $lists =~ /^\| `([^`]+)` \| \S/mg;
my @files = grep { -f && !/~$|\.(?:o|so|bc|log)$/ && !m{^sql/smstrack--} } glob('src/*.c src/core/*.c redirector/*.c redirector/*.conf sql/* script/* bench/* test/*'
    . ' test/sql/* test/specs/*.spec test/pgtap/* test/t/* test/unit/* test/fuzz/* test/data/* test/mutants/* test/peers/* test/browser/*');
# a header of its own, without a file of its name that it declares
push @files, grep { !-e s/h$/c/r } glob('src/*.h src/core/*.h redirector/*.h');
cmp_ok(scalar(@files), '>', 300, 'there are files to place');
for my $file (@files) {
    my ($name) = $file =~ m{([^/]+)$};
    my $path = $file =~ s{^test/}{}r;
    push @{ $of_name{ $lines{$path} ? $path : $name } }, $file;
}
is(join(' ', map { @{ $of_name{$_} } } grep { @{ $of_name{$_} } > ($lines{$_} // 0) } sort keys %of_name), '', 'the architecture places every file');
is(join(' ', grep { @{ $of_name{$_} // [] } < $lines{$_} } sort keys %lines), '', 'and no file that is not there');

my %parts = map { (split m{/|-|\.sql}, $_)[2] => 1 } glob('sql/[0-9]*.sql');
is(join(' ', grep { $parts{$_} } map { m{([^/]+)\.sql$} } glob('test/sql/*.sql')), '', 'no test has the name of an SQL part');
my $makefile = slurp('Makefile');
is(join(' ', grep { $makefile !~ /\Q$_\E/ } glob('sql/[0-9]*.sql')), '', 'every SQL part is built');
is(join(' ', grep { my ($name) = m{([^/]+)\.sql$}; $makefile !~ /^\s+\Q$name\E(?: \\)?$/m } glob('test/sql/*.sql')), '', 'every test is run');

like(`$^X test/mutants/apply . --names 2>&1`, qr/\A(?:[\w-]+\n){30,}\z/, 'every deliberate defect of test/mutants fits the code');
done_testing();
