# To a stranger a code that never was, one that has expired, one that was erased and one
# that is malformed are the same: status, headers and body, with and without a fallback.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;

my $node = new_node('misses');
Redirector::prepare_node($node);
sub sql { return $node->safe_psql('postgres', @_); }

my ($expired, $erased, $disabled, $live) = Redirector::codes($node, 4);
sql(q{UPDATE smstrack.message SET created_at = now() - interval '2 years' WHERE recipient = 'r1'});
sql(q{SELECT smstrack_domain('go.example.com', expiry => '1 year')});
sql(q{SELECT smstrack_forget('r2')});
sql(q{SELECT smstrack_campaign('over', 'https://shop.example/')});
sql(q{CREATE TABLE audience AS SELECT '+4915112340000' AS recipient; SELECT smstrack_launch('over', 'audience')});
$disabled = sql(q{SELECT smstrack_code(max(message_id)) FROM smstrack.message});
sql(q{SELECT smstrack_disable('over')});

my $redirector = Redirector->start($node);
like($redirector->get("/$live"), qr{^HTTP/1\.1 302 }, 'a live code is found');

# What a stranger gets, without the time of day.
sub answer {
    my ($code, %headers) = @_;
    return $redirector->get("/$code", %headers) =~ s/\r\nDate: [^\r]*//ir;
}
for my $fallback ('', 'https://shop.example/start') {
    sql("UPDATE smstrack.link_domain SET fallback_url = nullif('$fallback', '')");
    my $unknown = answer('ABCDEFGH');
    like($unknown, $fallback eq '' ? qr{^HTTP/1\.1 404 } : qr{^HTTP/1\.1 302 .*\r\nLocation: \Q$fallback\E\r\n}s, 'a code that never was');
    for my $kind ([ 'an expired one', $expired ], [ 'an erased one', $erased ], [ 'one of a campaign that is over', $disabled ], [ 'another length', 'ABCDEFG' ], [ 'what is no code', 'AB-DEFGH' ]) {
        is(answer($kind->[1]), $unknown, "$kind->[0] is answered as that");
        is(answer($kind->[1], method => 'HEAD'), answer('ABCDEFGH', method => 'HEAD'), 'to HEAD too');
    }
}
is(sql('SELECT count(*) FROM smstrack.hit'), '1', 'none of them is a hit');
$redirector->stop;
$node->stop;
done_testing();
