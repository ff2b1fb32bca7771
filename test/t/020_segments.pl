# Holds segments, parts and national tables against a second implementation, slow and
# obvious, on seeded random bodies; and cancels the reading of a long body.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $COUNT = 20_000;

# 3GPP TS 23.038: the default alphabet and, per language, locking and single shift tables.
my %locking = (
    '' => "\@£\$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        . "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
    tr => "\@£\$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞŞşßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        . "İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§çabcdefghijklmnopqrstuvwxyzäöñüà",
    pt => "\@£\$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|ÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?"
        . "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà",
);
my %single = (
    '' => "\f^{}\\[~]|€",
    tr => "\f^{}\\[~]|€ĞİŞçğış",
    es => "\f^{}\\[~]|€çÁÍÓÚáíóú",
    pt => "\f^{}\\[~]|€êçÔôÁáΦΓΩΠΨΣΘÊÀÍÓÚÃÕÂíóúãõâ",
);

# Capacities, by reference bits (0: a single SMS) and the number of shift tables.
my %capacity = (0 => [160, 155, 152], 8 => [153, 149, 146], 16 => [152, 148, 145]);
my %capacity_ucs2 = (0 => 70, 8 => 67, 16 => 66);

sub ucs2_units { return ord $_[0] > 0xFFFF ? 2 : 1 }

sub septets {
    my ($locking, $single, $character) = @_;
    return 1 if index($locking{$locking}, $character) >= 0;
    return 2 if index($single{$single}, $character) >= 0;
    return undef;
}

sub sum { my $sum = 0; $sum += $_ for @_; return $sum }

# Fills parts with clusters; one that fits no part is poured in character by character.
# Returns the parts' characters and units.
sub pack_parts {
    my ($limit, $cost, @clusters) = @_;
    my @parts = ([0, 0]);
    for my $cluster (@clusters) {
        my $units = sum(map { $cost->($_) } split //, $cluster);
        push @parts, [0, 0] if $parts[-1][1] > 0 && $parts[-1][1] + $units > $limit;
        for my $character (split //, $cluster) {
            my $one = $cost->($character);
            push @parts, [0, 0] if $parts[-1][1] + $one > $limit;
            $parts[-1][0]++;
            $parts[-1][1] += $one;
        }
    }
    return @parts;
}

# Splits a body whose characters cost so much into parts; returns them and their limit.
sub split_body {
    my ($body, $cost, $single, $multi, $keep) = @_;
    my @characters = split //, $body;
    my $limit = sum(map { $cost->($_) } @characters) <= $single ? $single : $multi;
    return ($limit, pack_parts($limit, $cost, $keep ? $body =~ /\X/g : @characters));
}

# Tries all pairs of tables; returns what costs least.
sub cheapest {
    my ($body, $bits, @languages) = @_;
    my $best;
    for my $locking ('', grep { $locking{$_} } @languages) {
        for my $single ('', @languages) {
            next if grep { !defined septets($locking, $single, $_) } split //, $body;
            my $shifts = ($locking ne '') + ($single ne '');
            my $try = { name => join(', ', $locking ? "$locking locking shift" : (), $single ? "$single single shift" : ()),
                encoding => 'GSM-7', cost => sub { septets($locking, $single, $_[0]) },
                single => $capacity{0}[$shifts], multi => $capacity{$bits}[$shifts] };
            my ($limit, @parts) = split_body($body, @$try{qw(cost single multi)}, 0);
            @$try{qw(segments left)} = (scalar @parts, $limit - $parts[-1][1]);
            $best = $try if !$best || $try->{segments} < $best->{segments}
                || ($try->{segments} == $best->{segments} && $try->{left} > $best->{left});
        }
    }
    return $best // { name => '', encoding => 'UCS-2', cost => \&ucs2_units,
        single => $capacity_ucs2{0}, multi => $capacity_ucs2{$bits} };
}

# What the extension ought to say, as one line.
sub expected {
    my ($body, $bits, $keep, @languages) = @_;
    my $way = cheapest($body, $bits, @languages);
    my @arguments = @$way{qw(cost single multi)};
    my ($limit, @parts) = split_body($body, @arguments, $keep);
    my (undef, @whole) = split_body($body, @arguments, 1);
    return join '|', $way->{encoding}, scalar(@parts), sum(map { $_->[1] } @parts), $limit - $parts[-1][1], $limit,
        length($body), $way->{name}, @whole == @parts ? '' : scalar(@whole), @parts <= 255 ? 't' : 'f',
        join(' ', map { join ':', @$_ } @parts);
}

my @plain = map { chr } 0x20 .. 0x5A, 0x61 .. 0x7A;
my @accented = split //, "£¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüàΔΦΓΛΩΠΨΣΘΞ¡¤\n\r";
my @extended = split //, "^{}\\[~]|€\f";
my @turkish = split //, 'ĞğİışŞç';
my @iberian = split //, 'ÁÍÓÚáíóúçãõÃÕâÂêÊôÔªº∞`';
my @foreign = split //, "“”–…Αω漢字д\t\x{1B}\x{A0}\x{200B}";
my @pairs = split //, '😀🎉🚀𝐁𠮷';
my @clusters = ("👨‍👩‍👧", '🇩🇪', '👍🏽', "❤\x{FE0F}", "e\x{301}", '한', "\r\n", 'e' . "\x{301}" x 80);
my @mixes = ([\@plain], [\@plain, \@accented], [\@plain, \@extended], [\@extended], [\@plain, \@turkish],
    [\@plain, \@iberian], [\@turkish, \@iberian], [\@plain, \@plain, \@foreign], [\@plain, \@pairs], [\@pairs],
    [\@plain, \@clusters], [\@clusters], [\@plain, \@accented, \@extended, \@foreign, \@pairs, \@clusters]);
my @lengths = (0, 1, 66 .. 71, 132 .. 135, 144 .. 161, 200 .. 202, 290 .. 307);
my @languages = ([], [], [], ['tr'], ['es'], ['pt'], ['tr', 'es', 'pt']);

sub pick { my ($list) = @_; return $list->[int rand @$list] }

sub random_body {
    my $mix = pick(\@mixes);
    my $length = rand() < 0.5 ? pick(\@lengths) : int rand 500;
    my $body = '';
    $body .= pick(pick($mix)) while length($body) < $length;
    return $body;
}

sub copy_text { my ($text) = @_; $text =~ s/\\/\\\\/g; $text =~ s/\n/\\n/g; $text =~ s/\r/\\r/g; $text =~ s/\t/\\t/g; return $text }

srand 20260323;
my @cases = map { [random_body(), pick([8, 16]), pick([0, 1]), @{ pick(\@languages) }] } 1 .. $COUNT;

my $node = PostgreSQL::Test::Cluster->new('segments');
$node->init;
$node->start;
$node->safe_psql('postgres', "CREATE DATABASE segments ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0");
$node->safe_psql('segments', <<'SQL');
CREATE EXTENSION smstrack;
CREATE TABLE body (id serial, body text, bits integer, keep boolean, languages text[]);
SQL

my $file = PostgreSQL::Test::Utils::tempdir() . '/bodies';
open my $out, '>:encoding(UTF-8)', $file or die "$file: $!";
for my $case (@cases) {
    my ($body, $bits, $keep, @asked) = @$case;
    print $out join("\t", copy_text($body), $bits, $keep, '{' . join(',', @asked) . '}'), "\n";
}
close $out;
$node->safe_psql('segments', "SET client_encoding = 'UTF8'; COPY body (body, bits, keep, languages) FROM '$file'");

my $answers = $node->safe_psql('segments', <<'SQL');
SELECT concat_ws('|', encoding, segments, units, units_left, unit_limit, characters, coalesce(language, ''),
    coalesce(cluster_segments::text, ''), sendable,
    (SELECT string_agg(length(text) || ':' || units, ' ' ORDER BY part) FROM smstrack_parts(body, bits, keep, languages)))
FROM body, smstrack_segment_info(body, bits, keep, languages)
ORDER BY id
SQL
my @answers = split /\n/, $answers;
is(scalar @answers, $COUNT, "$COUNT bodies are measured");
my @different = grep { $answers[$_] ne expected(@{ $cases[$_] }) } 0 .. $#answers;
is(scalar @different, 0, 'the second implementation agrees on all of them');
diag encode_utf8("$answers[$_], expected " . expected(@{ $cases[$_] }) . ' for ' . copy_text(join '|', @{ $cases[$_] }))
    for splice @different, 0, 5;

is($node->safe_psql('segments', <<'SQL'), '0|0|0', 'the fast count, the measure and the parts agree');
SELECT count(*) FILTER (WHERE smstrack_segments(body) <> segments),
    count(*) FILTER (WHERE smstrack_encoding(body) <> encoding),
    count(*) FILTER (WHERE body <> (SELECT string_agg(text, '' ORDER BY part) FROM smstrack_parts(body)))
FROM body, smstrack_segment_info(body)
SQL

# A long body: cancelled well before it is read to the end.
$node->safe_psql('segments', "CREATE TABLE long AS SELECT repeat(U&'\\201C quoted', 4000000) AS body");
for my $call ('smstrack_segment_info(body)', 'smstrack_parts(body)', 'smstrack_smart(body)') {
    my $began = time;
    $node->safe_psql('segments', "SELECT count(*) FROM long, $call");
    my $whole = time - $began;
    $began = time;
    my (undef, undef, $error) = $node->psql('segments',
        'SET statement_timeout = ' . int($whole * 1000 / 4) . "; SELECT count(*) FROM long, $call");
    my $cancelled = time - $began;
    like($error, qr/canceling statement due to statement timeout/, "$call is cancelled");
    cmp_ok($cancelled, '<', $whole * 0.75, "$call does not go on to the end");
}

$node->stop;
done_testing();
