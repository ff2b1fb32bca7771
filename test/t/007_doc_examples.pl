# Every SQL example of README.md and doc/ prints what the document shows, and links between
# the documents lead somewhere.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use DocExamples qw(read_blocks run_document write_outputs);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('documented', without_extension => 1);
$node->append_conf('postgresql.conf', 'client_min_messages = notice');
$node->reload;

# Runs a document in a database and with roles of its own.
sub run_alone {
    my ($text) = @_;
    $node->safe_psql('postgres', 'CREATE DATABASE documented');
    my @blocks = run_document($text, 'psql', '-d', $node->connstr('documented'));
    $node->safe_psql('postgres', 'DROP DATABASE documented WITH (FORCE)');
    $node->safe_psql('postgres', "SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE oid >= 16384 \\gexec");
    return @blocks;
}

sub wrong_lines { return join ' ', map { "$_->{line}: $_->{wrong};" } grep { $_->{wrong} } @_; }

# The judge itself: what it lets pass, and what it must not.
my $sample = <<'MD';
```sql
SELECT smstrack_domain('go.example.com');
SELECT smstrack_rewrite('https://shop.example.com/abcdefgh', '+4915112345678') AS body;
```
```
 smstrack_domain
-----------------
 1

 body
---------------------------------
 https://go.example.com/0000aaaa
```

```sql
SELECT now(), smstrack_code(1) AS code;
```
```
 now | code
-----+---
 2020-01-01 00:00:00+00 | 0000aaaa
```

```sql
SELECT status FROM smstrack_resolve('0000aaaa');
```
```
 status
---
 found
```

```sql syntax
SELECT smstrack_nothing(…);
```
MD
is(scalar(read_blocks($sample)), 4, 'a document is parted into blocks');
is(wrong_lines(run_alone($sample)), '', 'codes and times may differ, each in the same way');
is(wrong_lines(run_alone($sample =~ s/ found/ not found/r)), '24: it prints something else;', 'another word is seen');
is(wrong_lines(run_alone($sample =~ s{com/0000aaaa}{com/0000aaab}r)), '15: it prints something else; 24: it prints something else;',
    'a code that stands for two is seen');
is(wrong_lines(run_alone($sample =~ s/SELECT now\(\)/SELECT now() - interval '9 days'/r)), '15: it prints something else;',
    'a time that is not now is seen');
is(wrong_lines(run_alone($sample =~ s/smstrack_resolve/smstrack_solve/r)), '24: it prints something else;', 'an error is seen');
is(wrong_lines(run_alone("```sql\nSELECT 1, 2;\n```\n")), '1: it prints more than single values, and shows nothing;',
    'what is not shown is seen');
is(wrong_lines(run_alone("```sql\nSELECT nothing;\n```\n")), '1: it raises an error;', 'an error that is not shown is seen');
my $written = write_outputs($sample, run_alone($sample =~ s/ found/ lost/r));
is(wrong_lines(run_alone($written)), '', 'what was printed is written in its place');

my ($run, $shown_only) = (0, 0);
for my $document ('README.md', glob('doc/*.md')) {
    my $text = slurp_file($document);
    utf8::decode($text);
    $shown_only += grep { $_->{kind} eq 'syntax' } read_blocks($text);
    next unless grep { $_->{kind} ne 'syntax' } read_blocks($text);
    for my $block (run_alone($text)) {
        ok(!$block->{wrong}, "$document:$block->{line}")
            or diag("$block->{wrong}\n$block->{sql}\n$block->{printed}");
        $run++;
    }
}
cmp_ok($run, '>=', 15, 'there are examples');
cmp_ok($shown_only, '<=', $run / 10, 'few are only shown');

# Links: to a file that is there, and to a heading of it, by the anchors that forges make.
sub anchors { return map { lc =~ s/`|[^\w\- ]//gr =~ s/ /-/gr } slurp_file($_[0]) =~ /^#+ (.*)$/mg; }

my @dead;
for my $document ('README.md', glob('doc/*.md')) {
    my ($folder) = $document =~ m{^(.*/)?};
    for my $link (slurp_file($document) =~ /\]\(([^()\s]+)\)/g) {
        next if $link =~ /^https?:/;
        my ($file, $anchor) = $link =~ /^([^#]*)#?(.*)$/;
        $file = $file eq '' ? $document : ($folder // '') . $file;
        push @dead, "$document: $link" unless -e $file && ($anchor eq '' || grep { $_ eq $anchor } anchors($file));
    }
}
is(join(' ', @dead), '', 'links between documents lead somewhere');
my $index = slurp_file('README.md');
is(join(' ', grep { index($index, "($_)") < 0 } glob('doc/*.md')), '', 'README.md names every document');

$node->stop;
done_testing();
