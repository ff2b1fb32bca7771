# What a release is made of: one version everywhere; make install, uninstall and clean as
# users of PGXS expect them; a build elsewhere; the archive.
use strict;
use warnings;
use Cwd;
use File::Find;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $top = getcwd();
my $version = `sed -n 's/^EXTVERSION *= *//p' Makefile` =~ s/\s//gr;
like($version, qr/^\d+\.\d+\.\d+$/, "the version is $version");

# Lists the versions that a file states.
sub stated { my ($file, $pattern) = @_; my %seen = map { $_ => 1 } slurp_file($file) =~ /$pattern/mg; return join ' ', sort keys %seen; }

is(stated('smstrack.control', qr/^default_version = '([^']+)'$/m), $version, 'smstrack.control');
is((slurp_file('CHANGELOG.md') =~ /^## (\S+)/m)[0], $version, 'CHANGELOG.md begins with it');
is((slurp_file('debian/changelog') =~ /^smstrack \(([^-)]+)-\d+\)/)[0], $version, 'debian/changelog begins with it');
is(join(' ', slurp_file('META.json') =~ /"version": "([^"]+)"/g), "$version $version 1.0.0", 'META.json, and its specification');
for my $document ('README.md', glob('doc/*.md')) {
    my $found = stated($document, qr/\bsmstrack[- ](?:version )?v?(\d+\.\d+\.\d+)\b/);
    is($found, $version, $document) if $found ne '';
}
my ($checked, $complaints) = run_command(['perl', 'script/check-meta', 'META.json']);
is($checked, '', 'META.json is as the PGXN Meta Spec wants it');

# Copies the tree without what was built.
sub fresh_copy {
    my $directory = PostgreSQL::Test::Utils::tempdir();
    system_or_bail('sh', '-c', "tar --exclude='*.o' --exclude='*.so' --exclude='*.bc' --exclude=node_modules --exclude=./tmp_check "
        . "--exclude=./results --exclude=./log --exclude='./smstrack--*.sql' --exclude=./test/unit/bin --exclude=./test/fuzz/bin "
        . "--exclude=./redirector/bin --exclude=./dist --exclude=./.git -cf - . | tar -C '$directory' -xf -");
    return $directory;
}

sub files { my ($directory) = @_; my @found; find(sub { push @found, $File::Find::name =~ s/^\Q$directory\E//r if -f }, $directory); return sort @found; }

# make, without what an outer make hands down
sub make {
    my ($directory, @arguments) = @_;
    local @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES)};
    delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES)};
    local $ENV{DESTDIR};
    delete $ENV{DESTDIR};
    chdir $directory;
    my ($target) = grep { /^[a-z]+$/ } @arguments;
    my $made = command_ok(['make', '-s', "PG_CONFIG=$ENV{PG_CONFIG}", 'with_llvm=no', @arguments], "make $target");
    chdir $top;
    return $made;
}

my $tree = fresh_copy();
my @before = files($tree);
my $destination = PostgreSQL::Test::Utils::tempdir();
my ($library, $share) = map { `$ENV{PG_CONFIG} --$_` =~ s/\n//r } qw(pkglibdir sharedir);
my @installed = sort("$library/smstrack.so", "$share/extension/smstrack.control", "$share/extension/smstrack--$version.sql",
    map { "$share/extension/" . s{^sql/}{}r } grep { $_ ne "sql/smstrack--$version.sql" } glob('sql/smstrack--*.sql'));
make($tree, 'all');
unlike(slurp_file('Makefile'), qr/-march|-mtune/, 'the build is for every machine of the architecture');
make($tree, 'install', "DESTDIR=$destination");
is_deeply([files($destination)], \@installed, 'make install installs the library, the control file and the scripts');
make($tree, 'uninstall', "DESTDIR=$destination");
is_deeply([files($destination)], [], 'make uninstall leaves nothing');
make($tree, 'redirector');
make("$tree/redirector", 'install', "DESTDIR=$destination", 'PREFIX=/usr');
is(`$destination/usr/bin/smstrack-redirector --version` =~ s/\n//r, "smstrack-redirector $version", 'the redirector says the version');
make("$tree/redirector", 'uninstall', "DESTDIR=$destination", 'PREFIX=/usr');
is_deeply([files($destination)], [], 'and leaves nothing');
make($tree, 'clean');
is_deeply([files($tree)], \@before, 'make clean leaves the tree as it was');

my $elsewhere = PostgreSQL::Test::Utils::tempdir();
make($elsewhere, '-f', "$tree/Makefile", "VPATH=$tree", 'install', "DESTDIR=$destination");
is_deeply([files($destination)], \@installed, 'a build in another directory installs the same');
my $node = new_node('release');
{
    local @ENV{qw(PGHOST PGPORT PGUSER)} = ($node->host, $node->port, (getpwuid $<)[0]);
    make($elsewhere, '-f', "$tree/Makefile", 'installcheck', 'REGRESS=version', 'ISOLATION=launch_twice', 'PROVE_TESTS=test/t/003_layers.pl');
}
$node->stop;
make($elsewhere, '-f', "$tree/Makefile", 'clean');
is_deeply([files($elsewhere)], [], 'its clean leaves nothing');
is_deeply([files($tree)], \@before, 'and the sources are what they were');

SKIP: {
    skip 'git is not installed', 5 unless `git --version 2>/dev/null`;
    local @ENV{qw(GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL)} = ('a', 'a@example.com') x 2;
    system_or_bail('sh', '-c', "cd '$tree' && git init -q && git add -A && git commit -q -m all");
    make($tree, 'dist');
    my $list = `unzip -Z1 $tree/dist/smstrack-$version.zip 2>/dev/null || python3 -m zipfile -l $tree/dist/smstrack-$version.zip`;
    like($list, qr{^smstrack-\Q$version\E/$_\b}m, "the archive has $_") for qw(META.json Makefile smstrack.control src/smstrack.c);
}

done_testing();
