# The redirector's answers: to phones, previews and scanners, to strangers, under /-/ and
# on the admin port; its options, SIGHUP and SIGTERM.
use strict;
use warnings;
use FindBin;
use IO::Compress::Gzip qw(gzip $GzipError);
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;
use Time::HiRes qw(usleep time);

my $apple = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) '
    . 'Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0';
my $google = 'Mozilla/5.0 (Linux; Android 4.2.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/56.0.2924.87 '
    . 'Safari/537.36 Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)';

my $node = new_node('main');
Redirector::prepare_node($node);
$node->safe_psql('postgres', "SELECT smstrack_domain('go.example.com', cookie_domain => 'example.com')");
my $config = PostgreSQL::Test::Utils::tempdir() . '/redirector.conf';
append_to_file($config, "# tests\ntrusted-proxies = 127.0.0.0/8\nmisses-per-minute = 20\n");
my $redirector = Redirector->start($node, '--config', $config);

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub hits { return sql("SELECT coalesce(string_agg(class, '' ORDER BY at), '') FROM smstrack.hit"); }

sub fresh_code { return (Redirector::codes($node, 1))[0]; }

# A body with a query and a fragment behind the link.
my $code = sql(q{SELECT substring(smstrack_rewrite('https://shop.example/a?b=1#c', '1') FROM '[^/]*$')});
my $answer = $redirector->get("/$code", 'X-Forwarded-Proto' => 'https');
like($answer, qr{^HTTP/1\.1 302 }, 'a click is redirected');
my ($token) = $answer =~ m{\r\nLocation: https://shop\.example/a\?b=1&smstrack=([\w-]{40})#c\r\n};
ok($token, 'with the token behind the query and before the fragment');
like($answer, qr{\r\nSet-Cookie: smstrack=\Q$token\E; Max-Age=\d+; Path=/; Domain=example\.com; HttpOnly; SameSite=Lax; Secure\r\n},
    'and as a cookie of the link domain');
for my $header ('Cache-Control: private, no-store', 'Referrer-Policy: no-referrer', 'X-Robots-Tag: noindex, nofollow',
    'X-Content-Type-Options: nosniff') {
    like($answer, qr{\r\n\Q$header\E\r\n}, $header);
}
like($redirector->get("/$code", 'X-Forwarded-Proto' => $_), qr/; Secure\r\n/, "Secure behind proxies that say $_") for 'https, http', 'HTTPS,https';
unlike($redirector->get("/$code", 'X-Forwarded-Proto' => $_), qr/; Secure/, "but not where they say $_") for 'http, https', 'httpsx';
unlike($redirector->get("/$code"), qr/; Secure/, 'no Secure where the scheme is http');

for my $case (['an Apple preview', 'v', 'User-Agent' => $apple], ['a Google preview', 'v', 'User-Agent' => $google],
    ['a prefetch', 'v', 'Sec-Purpose' => 'prefetch;prerender'], ['a scanner', 'b', 'User-Agent' => 'Mozilla/5.0'],
    ['no user agent', 'b', 'User-Agent' => undef], ['HEAD', 'b', method => 'HEAD']) {
    my ($name, $class, %headers) = @$case;
    my $before = hits();
    $answer = $redirector->get('/' . fresh_code(), %headers);
    like($answer, qr{^HTTP/1\.1 302 .*\r\nLocation: https://shop\.example/1\r\n}s, "$name is redirected, without a token");
    unlike($answer, qr/Set-Cookie/, "$name gets no cookie");
    is(hits(), $before . $class, "$name is class $class");
    like($answer, qr/\r\n\r\n$/, 'HEAD has no body') if $name eq 'HEAD';
}
like($redirector->get("/SENDER/$code"), qr{^HTTP/1\.1 302 }, 'a prefix before the code');
like($redirector->get("/$code."), qr{^HTTP/1\.1 302 }, 'what phones append is not part of the code');
like($redirector->get("/$code/"), qr{^HTTP/1\.1 302 }, 'a slash behind the code');
like($redirector->get("/$code", Host => "go.example.com:$_->[0]", 'X-Forwarded-Proto' => $_->[1]), qr{^HTTP/1\.1 302 }, "the port of $_->[1]")
    for [80, 'http'], [443, 'https'];
like($redirector->get("/$code", Host => 'go.example.com:8080'), qr{^HTTP/1\.1 404 }, 'another port is another host');
like($redirector->raw("GET http://go.example.com/$code HTTP/1.1\r\nHost: other.example\r\nUser-Agent: $Redirector::phone\r\nConnection: close\r\n\r\n"),
    qr{^HTTP/1\.1 302 }, 'absolute form: its host counts');

# Texts of strangers that no database may refuse.
my $strange = sql('SELECT count(*) FROM smstrack.hit');
for my $bytes ("\xff\xfe\x80", "a\xc3", "\xed\xa0\x80", 'x' x 4000, "\xf0\x9f\x98\x80") {
    like($redirector->get("/$code", 'User-Agent' => "Chrome $bytes", Referer => "http://$bytes"), qr{^HTTP/1\.1 302 },
        'a user agent of ' . length($bytes) . ' odd bytes');
}
is(sql('SELECT count(*) FROM smstrack.hit'), $strange + 5, 'and all of them are recorded');

# What leaves a connection the least memory: a long head of many parts, and a long answer.
my $long = sql(q{SELECT substring(smstrack_rewrite('https://shop.example/?' || repeat('ä', 1000), '1') FROM '[^/]*$')});
for my $case ([60, 7500], [100, 7500], [180, 4300]) {
    my ($number, $size) = @$case;
    my $cookies = join '; ', map { sprintf 'cookie%03d=%s', $_, 'v' x ($size / $number - 12) } 1 .. $number;
    like($redirector->get("/$long", Cookie => $cookies), qr{^HTTP/1\.1 302 .*\r\n\r\n$}s, "a long target, for a browser with $number cookies");
}

# The client's address.
$redirector->get('/' . fresh_code(), 'X-Forwarded-For' => '203.0.113.77, 127.0.0.9');
is(sql("SELECT address FROM smstrack.hit ORDER BY at DESC LIMIT 1"), '203.0.113.0/24', 'the last address that is no proxy of ours');
$redirector->get('/' . fresh_code(), 'X-Forwarded-For' => '203.0.113.1, 198.51.100.7');
is(sql("SELECT address FROM smstrack.hit ORDER BY at DESC LIMIT 1"), '198.51.100.0/24', 'what stands left of a stranger is not believed');
$redirector->get('/' . fresh_code(), 'X-Forwarded-For' => '2001:db8:1:2::3');
is(sql("SELECT address FROM smstrack.hit ORDER BY at DESC LIMIT 1"), '2001:db8:1::/48', 'an IPv6 address');

# Unknown, expired, erased: one page.
my %headers = ('X-Forwarded-For' => '192.0.2.1');
sub page { my $text = shift; $text =~ s/\r\nDate: [^\r]*//; return $text; }
my $missing = page($redirector->get('/Zzzzzzzz', %headers));
like($missing, qr{^HTTP/1\.1 404 }, 'an unknown code is not found');
is(page($redirector->get('/', %headers)), $missing, 'no code: the same page');
is(page($redirector->get('/wp-login.php', %headers)), $missing, 'a probe: the same page');
is(page($redirector->get("/$code", Host => 'unknown.example', %headers)), $missing, 'an unknown host: the same page');
sql("SELECT smstrack_domain('go.example.com', expiry => '1 microsecond')");
is(page($redirector->get("/$code", %headers)), $missing, 'an expired code: the same page');
sql("UPDATE smstrack.link_domain SET expiry = NULL, fallback_url = 'https://brand.example/'");
like($redirector->get('/Zzzzzzzz', %headers), qr{^HTTP/1\.1 302 .*\r\nLocation: https://brand\.example/\r\n}s, 'or the fallback URL');

# Misses are limited, hits are not.
$redirector->get('/Zzzzzzz' . $_ % 10, 'X-Forwarded-For' => '192.0.2.2') for 1 .. 20;
like($redirector->get('/Zzzzzzz1', 'X-Forwarded-For' => '192.0.2.99'), qr{^HTTP/1\.1 429 .*\r\nRetry-After: 60\r\n}s, 'too many misses of a /24');
like($redirector->get("/$code", 'X-Forwarded-For' => '192.0.2.99'), qr{^HTTP/1\.1 302 }, 'a hit is never too many');
like($redirector->get('/Zzzzzzz1', 'X-Forwarded-For' => '192.0.3.1'), qr{^HTTP/1\.1 302 }, 'the next /24 has its own share');

# Vanity and imported links.
is(sql("SELECT smstrack_import_links('go.example.com', '{summer,Old123}', '{https://shop.example/summer?a=1,https://shop.example/old}')"),
    2, 'links are imported');
like($redirector->get('/summer'), qr{^HTTP/1\.1 302 .*\r\nLocation: https://shop\.example/summer\?a=1\r\n}s, 'a vanity link');
like($redirector->get('/Old123.'), qr{\r\nLocation: https://shop\.example/old\r\n}, 'an imported link');
like($redirector->get('/SUMMER', 'X-Forwarded-For' => '192.0.4.1'), qr{\r\nLocation: https://brand}, 'codes have upper and lower case');

# Under /-/.
sub conversions { return sql('SELECT count(*) FROM smstrack.conversion'); }
$answer = $redirector->get('/-/conversion', method => 'POST', Origin => 'https://shop.example',
    body => "token=$token&goal=order&order_id=A%2D1&value=12.50&currency=EUR");
like($answer, qr{^HTTP/1\.1 204 }, 'a beacon is taken');
like($answer, qr{\r\nAccess-Control-Allow-Origin: https://shop\.example\r\n}, 'from another site');
is(sql("SELECT order_id, value, currency FROM smstrack.conversion"), 'A-1|12.50|EUR', 'and recorded');
my $good = page($answer);
is(page($redirector->get('/-/conversion', method => 'POST', Origin => 'https://shop.example',
    body => "token=$token&goal=order&order_id=A-1&value=12.50&currency=EUR")), $good, 'again: the same answer');
for my $body ('', 'x', 'token=AAAA&goal=order', "token=$token", "token=$token&goal=", "token=$token&goal=%00", "token=$token&goal=%zz",
    "token=$token&goal=%ff%fe", "token=$token&goal=g&value=x&currency=EUR", "token=$token&token=$token&goal=g",
    "token=$token&goal=" . 'g' x 300) {
    is(page($redirector->get('/-/conversion', method => 'POST', Origin => 'https://shop.example', body => $body)), $good,
        'the same answer to ' . substr($body, 0, 60));
}
is(conversions(), 1, 'and nothing written');
$answer = $redirector->get("/-/conversion?token=$token&goal=visit");
like($answer, qr{^HTTP/1\.1 200 .*\r\nContent-Type: image/gif\r\n.*\r\n\r\nGIF89a}s, 'the pixel');
like($redirector->get('/-/conversion?goal=signup', Cookie => "a=b; smstrack=$token"), qr{^HTTP/1\.1 200 }, 'the cookie instead of a token');
is(conversions(), 3, 'both recorded');
for my $others ('a=5"', 'a="b', 'a=b, smstrack=c', 'smstrack=', 'x', 'smstrack2=a', 'a="b;') {
    my $before = conversions();
    $redirector->get("/-/conversion?goal=beside$before", Cookie => "$others; smstrack=$token; c=d");
    is(conversions(), $before + 1, "the cookie behind $others");
}
like($redirector->get('/-/conversion', method => 'OPTIONS', Origin => 'https://shop.example'), qr{^HTTP/1\.1 204 .*Allow-Origin}s, 'a preflight');
like($redirector->get('/-/smstrack.js'), qr{^HTTP/1\.1 200 .*text/javascript.*sendBeacon}s, 'the tracking code');
my ($script) = $redirector->get('/-/smstrack.js') =~ m{\r\n\r\n(.*)}s;
gzip(\$script => \my $compressed) or die $GzipError;
cmp_ok(length $compressed, '<', 1024, 'has less than 1 kB, compressed');
# An opt-out link leads to a form, and only its POST counts.
my $body = sql(<<'SQL');
SET client_min_messages = error;
CREATE TABLE audience AS SELECT '+4915112345678'::text AS recipient;
SELECT FROM smstrack_campaign('spring', 'See https://a.example/ Stop: {{opt_out}}');
SELECT FROM smstrack_launch('spring', 'audience');
SELECT body FROM smstrack_take('spring');
SQL
my ($opt_out) = $body =~ m{Stop: \S+/(\w+)$};
like($redirector->get("/$opt_out"), qr{^HTTP/1\.1 302 .*\r\nLocation: /-/opt-out/\Q$opt_out\E\r\n}s, 'an opt-out link leads to its form');
like($redirector->get("/-/opt-out/$opt_out"), qr{^HTTP/1\.1 200 .*<form method="post">}s, 'which is shown');
is(sql('SELECT count(*) FROM smstrack.opt_out'), 0, 'and alone does nothing');
like($redirector->get("/-/opt-out/$code", method => 'POST'), qr{^HTTP/1\.1 404 }, 'a code that is no opt-out link');
like($redirector->get("/-/opt-out/$opt_out", method => 'POST', body => 'a=b'), qr{^HTTP/1\.1 200 .*Done}s, 'the form confirms');
is(sql('SELECT count(*) FROM smstrack.opt_out'), 1, 'and the opt-out is recorded');
like($redirector->get('/-/other'), qr{^HTTP/1\.1 404 }, 'nothing else under /-/');
like($redirector->get('/robots.txt'), qr{^HTTP/1\.1 200 .*User-agent}s, 'robots.txt');
like($redirector->get('/favicon.ico'), qr{^HTTP/1\.1 204 }, 'favicon.ico');
like($redirector->get('/.well-known/x'), qr{^HTTP/1\.1 404 }, '.well-known');
like($redirector->get("/$code", method => 'DELETE'), qr{^HTTP/1\.1 405 .*\r\nAllow: GET, HEAD\r\n}s, 'a method that is none here');
for my $case (['/-/conversion', 'HEAD', 'GET, POST, OPTIONS'], ['/-/postback', 'GET', 'POST'], ['/-/opt-out/x', 'PUT', 'GET, HEAD, POST']) {
    my ($path, $method, $allowed) = @$case;
    like($redirector->get($path, method => $method), qr{^HTTP/1\.1 405 .*\r\nAllow: \Q$allowed\E\r\n}s, "$method $path: the methods that it has");
}

# The admin port.
like($redirector->admin('/healthz'), qr{^HTTP/1\.1 200 .*ok}s, 'healthz');
like($redirector->admin('/host?domain=go.example.com'), qr{^HTTP/1\.1 204 }, 'a host of ours');
like($redirector->admin('/host?domain=other.example'), qr{^HTTP/1\.1 404 }, 'a host of others');
my $metrics = $redirector->admin('/metrics');
like($metrics, qr/^smstrack_requests_total\{class="click",status="302"\} \d+$/m, 'clicks are counted');
like($metrics, qr/^smstrack_batch_size_count \d+$/m, 'and batches');
like($metrics, qr/^smstrack_database_up\{connection="hits"\} 1$/m, 'and the database seen');
my $document = slurp_file('doc/redirector.md');
is(join(' ', grep { $document !~ /`$_`/ } $metrics =~ /^# TYPE (\w+)/mg), '', 'every metric is in the document');

# A role without its rights.
my $may = sql(q{SELECT format('EXECUTE ON FUNCTION %s', oid::regprocedure) FROM pg_proc WHERE proname = 'smstrack_hit_batch'});
sql("REVOKE $may FROM redirector; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'redirector'");
my $missing = qr/ statement-missing connection=hits statement=hits sqlstate=42501$/m;
for (1 .. 100) { last if slurp_file($redirector->{log}) =~ $missing; usleep(50_000); }
like(slurp_file($redirector->{log}), $missing, 'a right that is missing is in the log');
ok($redirector->wait_for_health(503), 'and the redirector is not well');
sql("GRANT $may TO redirector");
ok($redirector->wait_for_health(200), 'until the right is there');

# Reload and stop.
append_to_file($config, "cookie-name = renamed\n");
$redirector->signal('HUP');
for (1 .. 100) { last if slurp_file($redirector->{log}) =~ /reloaded/; usleep(50_000); }
like($redirector->get("/$code"), qr/Set-Cookie: renamed=/, 'SIGHUP reads the file again');
append_to_file($config, "idle-timeout = 77\n");
for my $times (1, 2) {
    $redirector->signal('HUP');
    for (1 .. 100) { last if (() = slurp_file($redirector->{log}) =~ / reloaded /g) > $times; usleep(50_000); }
}
is(scalar(() = slurp_file($redirector->{log}) =~ / reload-partial /g), 2, 'what takes a restart is said at each SIGHUP');
append_to_file($config, "nonsense\n");
$redirector->signal('HUP');
for (1 .. 100) { last if slurp_file($redirector->{log}) =~ /reload-refused/; usleep(50_000); }
like($redirector->get("/$code"), qr/Set-Cookie: renamed=/, 'what is wrong changes nothing');

# A request that waits for the database when the redirector is told to stop.
my $blocker = $node->background_psql('postgres');
$blocker->query_safe('BEGIN; LOCK TABLE smstrack.hit IN ACCESS EXCLUSIVE MODE');
my $socket = $redirector->connect;
syswrite $socket, "GET /$code HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent: $Redirector::phone\r\n\r\n";
usleep(300_000);
my $before = sql('SELECT count(*) FROM smstrack.message');
$redirector->signal('TERM');
usleep(300_000);
ok(!$redirector->connect, 'a stopping redirector accepts nobody');
$blocker->query_safe('COMMIT');
$blocker->quit;
like(Redirector::read_all($socket, 5), qr{^HTTP/1\.1 302 .*\r\nConnection: close\r\n}s, 'but answers who waits');
is($redirector->wait, 0, 'and ends well');
unlike(slurp_file($redirector->{log}), qr/\Q$code\E|192\.0|203\.0|Mozilla/, 'the log names nobody');
is((grep { !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [a-z-]+ \S/ && !/redirector\.conf, line/ } split /\n/, slurp_file($redirector->{log})), 0,
    'and has one line an event');

# The command line.
my $program = Redirector::program();
my %wrong = (
    'unknown option' => ['--nonsense', '1'], 'a value is missing' => ['--listen'], 'invalid batch-size' => ['--batch-size', '0'],
    'invalid trusted-proxies' => ['--trusted-proxies', '10.0.0.0/33'], 'could not open' => ['--config', '/does/not/exist'],
    'invalid scheme' => ['--scheme', 'ftp']);
for my $message (sort keys %wrong) {
    my ($out, $err) = ('', '');
    ok(!IPC::Run::run([$program, '--check', @{ $wrong{$message} }], '>', \$out, '2>', \$err), "refused: @{ $wrong{$message} }");
    like($err, qr/\Q$message\E/, "because: $message");
}
command_ok([$program, '--check', '--batch-size=10', '--trusted-proxies', '10.0.0.0/8, ::1'], 'good options');
command_like([$program, '--help'], qr/\Q${\ ($document =~ m{^```\n(  --help.*?)^```$}ms)[0]}\E/, '--help says what the document does');
command_like([$program, '--version'], qr/^smstrack-redirector \d/, '--version');

$node->stop;
done_testing();
