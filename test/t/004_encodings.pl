# Databases in other encodings prepare and resolve as one in UTF8 does.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('encodings', without_extension => 1);
my $body = "'Gr\x{c3}\x{bc}\x{c3}\x{9f}e: https://m\x{c3}\x{bc}ller.example/\x{c3}\x{bc}?x=1 !'";
my $prepared = <<"SQL";
SELECT links, encoding_before, segments_before, encoding_after, segments_after, regexp_replace(body, '/[0-9A-Za-z]{8} ', '/CODE ')
FROM smstrack_prepare($body, '+49')
SQL
my $number = "'+49\x{c2}\x{a0}151\x{c2}\x{a0}12345678'";
my @asked = (
    "SELECT smstrack_e164($number), smstrack.audience_key($number, ''), smstrack_e164('caf\x{c3}\x{a9}-1')",
    'SELECT target_urls[1] FROM smstrack.message',
    'SELECT r.status, r.target_url FROM smstrack.message, smstrack_resolve(smstrack_code(message_id)) AS r');

my %answers;
for my $encoding ('UTF8', 'LATIN1', 'LATIN9', 'WIN1252') {
    my $name = lc $encoding;
    $node->safe_psql('postgres', "CREATE DATABASE $name ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
    $node->safe_psql($name, "CREATE EXTENSION smstrack; SELECT smstrack_domain('go.example.com')");
    # two statements: a message is not seen by the statement that prepares it
    $answers{$encoding} = join "\n", map { $node->safe_psql($name, "SET client_encoding = 'UTF8'; $_") } $prepared, @asked;
    is($answers{$encoding}, $answers{UTF8}, "$encoding answers as UTF8 does");
}
like($answers{UTF8}, qr/^1\|GSM-7\|1\|GSM-7\|1\|/, 'the link is found');
like($answers{UTF8}, qr{^\+4915112345678\|\+4915112345678\|caf\x{c3}\x{a9}-1$}m, 'spaces of a number go, an identifier stays');
like($answers{UTF8}, qr{found\|https://xn--mller-kva\.example/%C3%BC\?x=1}, 'and leads where a browser goes');

$node->stop;
done_testing();
