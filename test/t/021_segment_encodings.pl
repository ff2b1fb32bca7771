# A database in another encoding says of a body what one in UTF8 says: all characters of
# each encoding alone, and seeded random mixes of them.
use strict;
use warnings;
use Encode qw(encode_utf8);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @encodings = qw(LATIN1 LATIN2 LATIN5 LATIN9 WIN1250 WIN1252 WIN1253 WIN1254 KOI8R EUC_JP EUC_KR SQL_ASCII);

my $node = PostgreSQL::Test::Cluster->new('segment_encodings');
$node->init;
$node->start;

sub database {
    my ($encoding) = @_;
    my $name = lc $encoding;
    $node->safe_psql('postgres', "CREATE DATABASE $name ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
    $node->safe_psql($name, 'CREATE EXTENSION smstrack');
    return $name;
}

# All the characters of the basic plane that an encoding has, as UTF8 says.
my $utf8 = database('UTF8');
$node->safe_psql($utf8, <<'SQL');
CREATE FUNCTION has(encoding text, body text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- some have one code for two characters, and give back only one of them
    RETURN convert_from(convert_to(body, encoding), encoding) = body;
EXCEPTION WHEN untranslatable_character THEN
    RETURN false;
END $$;
SQL
my $repertoire = q{SELECT code FROM generate_series(32, 12799) AS code WHERE code <> 127 AND has('%s', chr(code)) ORDER BY code};

# The answers of one database to the bodies in a file, a line each.
sub answers {
    my ($database, $file) = @_;
    return $node->safe_psql($database, <<"SQL");
SET client_encoding = 'UTF8';
CREATE TABLE body (id integer, body text);
COPY body FROM '$file';
SELECT id, smstrack_encoding(body), smstrack_segments(body), smstrack_segment_info(body, 16, true, '{tr,pt}'), smstrack_segment_info(body),
    (SELECT string_agg(p::text, ' ' ORDER BY part) FROM smstrack_parts(body) AS p),
    smstrack_smart(body, true, true),
    (SELECT string_agg(s::text, ' ' ORDER BY start) FROM smstrack_smart_info(body, true, true) AS s)
FROM body ORDER BY id;
DROP TABLE body;
SQL
}

srand 20260323;
for my $encoding (@encodings) {
    my @codes = split /\n/, $node->safe_psql($utf8,
        $encoding eq 'SQL_ASCII' ? 'SELECT generate_series(160, 1023)' : sprintf($repertoire, $encoding));
    # U+212B composes to a letter that EUC_KR has not
    @codes = grep { $encoding ne 'EUC_KR' || $_ != 0x212B } @codes;
    my @characters = map { chr } @codes;
    my @bodies = map { $_ eq '\\' ? '\\\\' : $_ } @characters;
    for (1 .. 200) {
        # ASCII for the most part, so that smart encoding has something to do
        my $others = rand() < 0.5 ? 0.1 : 0.01;
        my $body = join '', map { $characters[int rand(rand() < $others ? @characters : 63)] } 1 .. rand 400;
        push @bodies, $body =~ s/\\/\\\\/gr;
    }
    my $file = PostgreSQL::Test::Utils::tempdir() . "/$encoding";
    open my $out, '>', $file or die "$file: $!";
    print $out map { "$_\t" . encode_utf8($bodies[$_]) . "\n" } 0 .. $#bodies;
    close $out;
    # what SQL_ASCII holds was never checked, but these bodies are UTF-8
    my ($want, $got) = map { answers($_, $file) } $utf8, database($encoding);
    cmp_ok(length $want, '>', 1000, "$encoding: " . @characters . ' characters, ' . @bodies . ' bodies');
    ok($got eq $want, "$encoding answers as UTF8 does")
        or diag join "\n", (grep { index($want, $_) < 0 } split /\n/, $got)[0 .. 2];
}

# Where nothing can be said, the error says why.
my (undef, undef, $error) = $node->psql('sql_ascii', q{SELECT smstrack_segments(E'\xff')});
like($error, qr/invalid byte sequence for encoding "UTF8"/, 'bytes that are no UTF-8, in SQL_ASCII');
database('MULE_INTERNAL');
(undef, undef, $error) = $node->psql('mule_internal', q{SELECT smstrack_segments('a')});
like($error, qr/conversion function for encoding "MULE_INTERNAL" to "UTF8" does not exist/, 'an encoding without a conversion');

$node->stop;
done_testing();
