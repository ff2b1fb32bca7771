# Runs the SQL examples of a document and compares what they print with what it shows.
# doc/architecture.md has the convention; this file holds how it is read and judged.
package DocExamples;

use strict;
use warnings;
use Exporter 'import';
use IPC::Open2;
use Time::Local qw(timegm);

our @EXPORT_OK = qw(read_blocks run_document write_outputs);

my $banner = 'doc-examples: end of block';

# Parts a document into its blocks: {kind, line, end, sql, shown, shown_end}. kind is "sql",
# "syntax" (not run) or "hidden" (run, not seen by readers); shown is the output block
# directly behind it, if any; line and end are those of the fences.
sub read_blocks {
    my ($text) = @_;
    my @lines = ('', split(/\n/, $text));
    my @blocks;
    for (my $i = 1; $i < @lines; $i++) {
        my ($fence) = $lines[$i] =~ /^(```|<!-- sql$)/ or next;
        my $end = $i + 1;
        $end++ until $end >= @lines || $lines[$end] eq ($fence eq '```' ? '```' : '-->');
        my $inside = join '', map { "$_\n" } @lines[ $i + 1 .. $end - 1 ];
        if ($lines[$i] =~ /^```sql(?: (syntax))?$|^<!-- (sql)$/) {
            push @blocks, { kind => $1 // ($2 ? 'hidden' : 'sql'), line => $i, end => $end, sql => $inside };
        }
        elsif ($lines[$i] eq '```' && @blocks && $blocks[-1]{end} == $i - 1) {
            @{ $blocks[-1] }{qw(shown shown_end)} = ($inside, $end);
        }
        $i = $end;
    }
    return @blocks;
}

# Spaces and dashes that only align columns say nothing.
sub without_alignment {
    my ($text) = @_;
    $text =~ s/[ \t]+/ /g;
    $text =~ s/-{2,}/--/g;
    $text =~ s/^ | $//mg;
    $text =~ s/\A\n+|\n+\z//g;
    return $text;
}

my $time = qr/\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d(?::\d\d)?|Z)?)?/;
my $token = qr/(?<![\w-])[\w-]{40,}(?![\w-])/;
my $uuid = qr/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/;

sub words { return $_[0] =~ /($time|\d\d:\d\d:\d\d\.\d+|$token|$uuid|[0-9A-Za-z]+|.)/sg; }

# A time that was now, or nearly so, when it was printed.
sub is_recent {
    my ($word) = @_;
    my ($year, $month, $day) = $word =~ /^(\d{4})-(\d\d)-(\d\d)/ or return 0;
    my $at = eval { timegm(0, 0, 12, $day, $month - 1, $year) } or return 0;
    return abs($at - time) < 2.5 * 86400;
}

# Tells whether a word may differ from run to run.
sub may_differ {
    my ($run, $shown, $printed) = @_;
    return is_recent($printed) if $shown =~ /^$time$/ && $printed =~ /^$time$/;
    return 1 if $shown =~ /^\d\d:\d\d:\d\d\.\d+$/ && $printed =~ /^\d\d:\d\d:\d\d\.\d+$/;
    return 0 if length $shown != length $printed;
    return 1 if $shown =~ /^$token$/ && $printed =~ /^$token$/;
    return 1 if $shown =~ /^$uuid$/ && $printed =~ /^$uuid$/;
    return $printed =~ /^[0-9A-Za-z]{6,10}$/ && $run->{is_code}->($printed);
}

# Tells whether a document shows what was printed. Codes, tokens and the like stand for each
# other one to one, from one block to the next.
sub same_output {
    my ($run, $shown, $printed) = @_;
    my @shown = words(without_alignment($shown));
    my @printed = words(without_alignment($printed));
    my %taken = reverse %{ $run->{printed} };
    my %new;
    return 0 if @shown != @printed;
    for my $i (0 .. $#shown) {
        my ($s, $p) = ($shown[$i], $printed[$i]);
        my $known = $run->{printed}{$s} // $new{$s};
        if (defined $known) {
            return 0 if $known ne $p;
        }
        elsif ($s ne $p) {
            return 0 unless may_differ($run, $s, $p);
            next if $s =~ /^$time$|^\d\d:/;
            return 0 if exists $taken{$p};
            $taken{$p} = $s;
            $new{$s} = $p;
        }
    }
    $run->{printed} = { %{ $run->{printed} }, %new };
    return 1;
}

# Nothing, or results of one value each: they need not be shown.
sub needs_no_showing {
    my ($printed) = @_;
    for my $result (split /\n\n+/, without_alignment($printed)) {
        return 0 if $result !~ /\A[^\n|]+\n--\n?[^\n]*\z/;
    }
    return 1;
}

# Sends a block to psql, and gives what it prints.
sub run_block {
    my ($in, $out, $sql) = @_;
    print {$in} "$sql\n\\echo\n\\echo '$banner'\n";
    my $printed = '';
    while (my $line = <$out>) {
        return $printed =~ s/\n\z//r if $line eq "$banner\n";
        $printed .= $line;
    }
    die "psql ended: $printed";
}

# Runs a document's blocks in one session, and says of each what it printed and, if it is
# wrong, why. $psql is the command that connects to an empty database.
sub run_document {
    my ($text, @psql) = @_;
    my @blocks = grep { $_->{kind} ne 'syntax' } read_blocks($text);
    my %code;
    my %run = (
        printed => {},
        is_code => sub {
            my ($word) = @_;
            return $code{$word} //= ask("SELECT count(*) FROM smstrack.link_domain AS d, unnest(d.host || d.alias_hosts) AS h,
                smstrack_resolve('$word', h) AS r WHERE r.status <> 'not found'", @psql) > 0;
        });
    ask('CREATE EXTENSION smstrack', @psql) unless grep { $_->{sql} =~ /^CREATE EXTENSION smstrack\b/m } @blocks;

    local $SIG{ALRM} = sub { die "timed out\n" };
    alarm 300;
    my $command = join ' ', map { "'" . s/'/'\\''/gr . "'" } @psql, '-X', '-q';
    my $pid = open2(my $out, my $in, "exec $command 2>&1");
    binmode $_, ':utf8' for $in, $out;
    run_block($in, $out, "\\pset footer off\n\\encoding UTF8\nSET timezone = 'UTC';");
    for my $block (@blocks) {
        my $sql = $block->{sql};
        $sql =~ s/(?<![\w-])([\w-]{6,})(?![\w-])/$run{printed}{$1} \/\/ $1/ge;
        $block->{printed} = eval { run_block($in, $out, $sql) };
        if (!defined $block->{printed}) {
            $block->{wrong} = $@;
            last;
        }
        $block->{wrong} = judge(\%run, $block);
    }
    close $in;
    waitpid $pid, 0;
    alarm 0;
    $_->{shown_as} = { reverse %{ $run{printed} } } for @blocks;
    return @blocks;
}

# Says what is wrong with a block that was run; nothing if nothing is.
sub judge {
    my ($run, $block) = @_;
    if (defined $block->{shown}) {
        return same_output($run, $block->{shown}, $block->{printed}) ? undef : 'it prints something else';
    }
    return 'it raises an error' if $block->{printed} =~ /^(?:ERROR|FATAL|PANIC):|^\\|invalid command/m;
    return undef if $block->{kind} eq 'hidden';
    return needs_no_showing($block->{printed}) ? undef : 'it prints more than single values, and shows nothing';
}

sub ask {
    my ($sql, @psql) = @_;
    open my $pipe, '-|', @psql, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', $sql or die "psql: $!";
    my $answer = do { local $/; <$pipe> };
    close $pipe or die "failed: $sql\n";
    return $answer =~ s/\s+\z//r;
}

# Gives the document with the outputs of wrong blocks as they were printed; errors that it
# did not show before are not written into it.
sub write_outputs {
    my ($text, @blocks) = @_;
    my @lines = split /\n/, $text, -1;
    for my $block (reverse grep { $_->{wrong} && $_->{kind} eq 'sql' && defined $_->{printed} } @blocks) {
        next if $block->{printed} =~ /^ERROR:/m && ($block->{shown} // '') !~ /^ERROR:/m;
        my $printed = $block->{printed} =~ s/[ \t]+$//mgr =~ s/\A\n+|\n+\z//gr;
        $printed =~ s/(?<![\w-])([\w-]{6,})(?![\w-])/$block->{shown_as}{$1} \/\/ $1/ge;
        my $length = ($block->{shown_end} // $block->{end}) - $block->{end};
        splice @lines, $block->{end}, $length, '```', split(/\n/, $printed), '```';
    }
    return join "\n", @lines;
}

1;
