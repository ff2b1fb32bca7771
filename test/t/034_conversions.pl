# Postbacks through the redirector: signed, of now, once; the tracking code, the same from
# both places; forged tokens by SQL; and that all sums stay those of the ledger.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use FindBin;
use IO::Compress::Gzip qw(gzip $GzipError);
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;

my $node = new_node('main');
Redirector::prepare_node($node);
my $redirector = Redirector->start($node, '--scheme', 'https', '--body-size', '16384');
sub sql { return $node->safe_psql('postgres', $_[0]); }
sub has { my ($text, $part, $name) = @_; return ok(index($text, $part) >= 0, $name) || diag($text); }
sub ledger { return sql(q{SELECT md5(coalesce(string_agg(c::text, '' ORDER BY conversion_id), '')) FROM smstrack.conversion AS c}); }
sub balanced { return is(sql('SELECT count(*) FROM smstrack.conversion_tally_difference'), '0', "the sums are those of the ledger $_[0]"); }

my $iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
sql(<<"SQL");
CREATE TABLE click AS
SELECT n, m.message_id, h.token
FROM generate_series(1, 200) AS n,
    smstrack_prepare('https://shop.example/' || n, '+49151' || lpad(n::text, 8, '0')) AS m,
    smstrack_hit(smstrack_code(m.message_id, 0, 'go.example.com'), user_agent => '$iphone', host => 'go.example.com') AS h;
SQL
my $token = sql('SELECT token FROM click WHERE n = 1');

# Calls of a server.
my $key = pack 'H*', sql("SELECT smstrack_postback_key('go.example.com')");
is(length $key, 32, 'a key for a link domain');
isnt(sql("SELECT smstrack_postback_key('go.example.com') = encode(key, 'hex') FROM smstrack.secret"), 't', 'which is not its secret');

sub postback {
    my ($body, %change) = @_;
    my $at = $change{at} // time;
    my $answer = $redirector->get('/-/postback', method => 'POST', body => $change{body} // $body, Host => $change{host} // 'go.example.com',
        'Smstrack-Timestamp' => exists $change{timestamp} ? $change{timestamp} : $at,
        'Smstrack-Signature' => exists $change{signature} ? $change{signature} : hmac_sha256_hex("$at.$body", $change{key} // $key));
    return $answer =~ s/\r\nDate: [^\r]*//r;
}

# What doc/conversions.md tells a shop to run, with another curl.
SKIP: {
    skip 'openssl is not installed', 2 unless `openssl version 2>/dev/null`;
    my ($call) = slurp_file('doc/conversions.md') =~ /^```sh\n(body=.*?)^```/ms;
    my $file = PostgreSQL::Test::Utils::tempdir() . '/call.sh';
    append_to_file($file, "KEY=${\ unpack 'H*', $key}\ncurl() { printf '%s\\n' \"\$@\"; }\n$call");
    my $called = `sh $file`;
    my ($at, $signature, $body) = $called =~ /^Smstrack-Timestamp: (\d+)\n.*^Smstrack-Signature: (\w+)\n--data-binary\n(.*)\nhttps:/ms;
    is($signature, hmac_sha256_hex("$at.$body", $key), 'the document signs as the redirector verifies') or diag($called);
    has(postback($body, at => $at, signature => $signature), '[{"status":"no click"}]', 'and its call is taken');
}

my $order = qq({"conversions": [{"token": "$token", "goal": "order", "order_id": "P-1", "value": 10, "currency": "EUR"},
    {"recipient": "+4915100000002", "goal": "order", "order_id": "P-2", "value": "7.50", "currency": "EUR"},
    {"recipient": "+4915100000002", "goal": "registration"}, {"recipient": "+4915199999999", "goal": "order"},
    {"token": "$token", "goal": "order", "order_id": "P-3", "value": 1, "currency": "QQQ"}]});
my $first = postback($order);
like($first, qr{^HTTP/1\.1 200 .*\r\nContent-Type: application/json\r\n}s, 'a signed call is answered');
has($first, '[{"status":"counted"},{"status":"counted"},{"status":"counted"},{"status":"no click"},'
    . '{"status":"refused","reason":"unknown currency \\"QQQ\\""}]', 'each conversion of it');
is(sql('SELECT string_agg(concat_ws(\' \', goal, order_id, value, source, matched), \', \' ORDER BY conversion_id) FROM smstrack.conversion'),
    'order P-1 10 server token, order P-2 7.50 server recipient, registration server recipient', 'and written');
my $before = ledger();
has(postback($order), '[{"status":"known"},{"status":"known"},{"status":"known"},{"status":"no click"},', 'the same call again');
is(ledger(), $before, 'changes nothing');

my $forbidden = postback($order, key => "\0" x 32);
like($forbidden, qr{^HTTP/1\.1 403 }, 'another key');
my $new = $order =~ s/P-/N-/gr;
for my $case (['an altered body', body => $new], ['another time', timestamp => time - 1], ['an old call', at => time - 310],
    ['a call of the future', at => time + 310], ['no signature', signature => undef], ['an empty one', signature => ''],
    ['no time', timestamp => undef], ['an unknown host', host => 'other.example.com'], ['a short signature', signature => 'ab' x 31]) {
    my ($name, %change) = @$case;
    is(postback($order, %change), $forbidden, "$name is refused alike");
}
for my $body ('', '[]', '{}', '{"conversions": 1}', '{"conversions": [], "reversals": []}', '{"conversions": [', "\xff\xfe") {
    next if $body eq '';
    like(postback($body), qr{^HTTP/1\.1 400 }, "signed, but no call: $body");
}
like($redirector->get('/-/postback'), qr{^HTTP/1\.1 405 }, 'a GET is none');
is(ledger(), $before, 'none of it wrote anything');

my $refund = '{"reversals": [{"goal": "order", "order_id": "P-1", "value": 4, "reversal_id": "R-1"},
    {"goal": "order", "order_id": "P-1", "value": 4}, {"goal": "order", "order_id": "P-1", "value": 7, "reversal_id": "R-2"},
    {"goal": "order", "order_id": "P-2"}, {"goal": "order", "order_id": "none"}]}';
has(postback($refund), '[{"status":"reversed"},{"status":"refused","reason":"reversal id is missing"},'
    . '{"status":"refused","reason":"reversal exceeds what is left of its conversion\'s value"},{"status":"reversed"},'
    . '{"status":"refused","reason":"no conversion of this goal has this order id"}]', 'reversals');
$before = ledger();
has(postback($refund), '[{"status":"known"},', 'again');
is(ledger(), $before, 'take back once');
is(sql("SELECT string_agg(concat_ws(' ', order_id, reversed_value, reversed_at IS NOT NULL), ', ' ORDER BY order_id) FROM smstrack.conversion WHERE order_id IS NOT NULL"),
    'P-1 4 f, P-2 7.50 t', 'in part and wholly');
balanced('after postbacks that came twice');

# Another account's link domain: its key opens nothing here, nor does this token there.
sql("SET smstrack.account = 'other'; SELECT smstrack_domain('go.other.example')");
my $other = pack 'H*', sql("SET smstrack.account = 'other'; SELECT smstrack_postback_key('go.other.example')");
is(postback($order, key => $other), $forbidden, 'the key of another link domain');
has(postback($new, key => $other, host => 'go.other.example'),
    '[{"status":"refused","reason":"invalid click token"},{"status":"no click"},', 'and there neither token nor recipient is known');
is(ledger(), $before, 'nothing is written');

# A browser's nonsense.
for my $body ("token=$token&goal=order&order_id=N&value=-1&currency=EUR", "token=$token&goal=order&order_id=N&value=1&currency=ZZZ",
    "token=$token&goal=order&order_id=N&value=1e9&currency=EUR", "token=" . 'A' x 40 . "&goal=order", "goal=order") {
    like($redirector->get('/-/conversion', method => 'POST', body => $body), qr{^HTTP/1\.1 204 }, "204 for $body");
}
is(ledger(), $before, 'and nothing is written');
my $late = sql("UPDATE smstrack.link_domain SET attribution_window = '1 minute'; UPDATE smstrack.hit SET at = at - interval '1 hour'; SELECT 1");
like($redirector->get("/-/conversion?goal=visit", Cookie => "smstrack=$token"), qr{^HTTP/1\.1 200 .*GIF89a}s, 'the pixel by the cookie');
is(sql("SELECT source || ' ' || matched FROM smstrack.conversion WHERE goal = 'visit'"), 'client cookie', 'is recorded as such');
like($redirector->get('/-/conversion?goal=refused&gpc=1', Cookie => "smstrack=$token", 'Sec-GPC' => '1'), qr{^HTTP/1\.1 200 .*GIF89a}s, 'a browser that asks not to be tracked');
like($redirector->get('/-/conversion?goal=asked&gpc=1', Cookie => "smstrack=$token"), qr{^HTTP/1\.1 200 }, 'and one that does not');
like($redirector->get('/-/conversion?goal=ignored', Cookie => "smstrack=$token", 'Sec-GPC' => '1'), qr{^HTTP/1\.1 200 }, 'or is not listened to');
is(sql("SELECT string_agg(goal, ' ' ORDER BY goal) FROM smstrack.conversion WHERE goal IN ('refused', 'asked', 'ignored')"), 'asked ignored', 'only these are recorded');
balanced('after browsers');

# The tracking code.
my ($script) = $redirector->get('/-/smstrack.js') =~ m{\r\n\r\n(\(function.*\}\))\(\(}s;
my $html = sql("SELECT smstrack_tracking_code('go.example.com', nonce => 'abc=')");
my ($inline) = $html =~ m{<script nonce="abc=">(\(function.*\}\))\(\{}s;
is($inline, $script, 'both places give the same script');
unlike($html, qr{https?://(?!go\.example\.com/)}, 'it names no other host');
like($html, qr{<noscript><img src="https://go\.example\.com/-/conversion\?goal=registration&amp;gpc=1" }, 'the pixel for browsers without scripts');
for my $options ('', ", on_load => false", ", goal => 'order', order_id => repeat('7', 36), value => 129.90, currency => 'EUR', cookie_domain => 'shop.example', nonce => repeat('a', 24)") {
    gzip(\sql("SELECT smstrack_tracking_code('go.example.com'$options)") => \my $compressed) or die $GzipError;
    cmp_ok(length $compressed, '<', 1024, 'less than 1 kB, compressed: ' . length $compressed);
}
my $hostile = sql(q{SELECT smstrack_tracking_code('go.example.com', goal => '</script><script>alert(1)</script>' || chr(8232) || '"''&\\\\', order_id => '"><img src=x>')});
is(scalar(() = $hostile =~ /<script/g), 1, 'no goal opens a script');
is(scalar(() = $hostile =~ /<img/g), 1, 'or another element');
unlike($hostile, qr/\xe2\x80\xa8/, 'or ends a line');
has($hostile, 'l:{goal:"\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e\u2028\"\u0027\u0026\\\\\\\\"', 'it is text');

# Forged tokens by SQL: every bit of 200, and 1,000,000 random ones, half of them of good form.
is(sql('SELECT count(*) FROM click WHERE smstrack.verify_token(token)'), 200, '200 real ones are accepted');
my $alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
is(sql(<<"SQL"), '48000 0', 'none with a bit changed');
SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE smstrack.verify_token(a.token) OR smstrack_convert_click(a.token, 'forged')))
FROM click AS c, generate_series(1, 40) AS i, generate_series(0, 5) AS bit,
    LATERAL (SELECT overlay(c.token placing substr('$alphabet', ((strpos('$alphabet', substr(c.token, i, 1)) - 1) # (1 << bit)) + 1, 1) from i)) AS a (token)
SQL
is(sql(<<"SQL"), '1000000 0', 'and none of 1,000,000 random ones');
SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE smstrack.verify_token(
    CASE n % 2 WHEN 0 THEN 'AQAAAAEA' || substr(r, 9, 32) ELSE left(r, 40) END)))
FROM (SELECT n, translate(encode(sha256(n::text::bytea), 'base64'), '+/=', '-_A') AS r FROM generate_series(1, 1000000) AS n) AS t
SQL
is(sql("SELECT count(*) FROM smstrack.conversion WHERE goal = 'forged'"), '0', 'nothing is recorded by any');

$redirector->signal('TERM');
$redirector->wait;
$node->stop;
done_testing();
