# Requests that two readers could frame differently, and other malformed ones: the right
# status, one answer, no crash (the program is built with sanitizers). And slow senders.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IO::Select;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;
use Time::HiRes qw(usleep time);

my $node = new_node('main');
Redirector::prepare_node($node);
my $redirector = Redirector->start($node, '--header-timeout', '1500', '--idle-timeout', '3', '--connections-per-address', '400');
my $code = (Redirector::codes($node, 1))[0];
my $host = "Host: go.example.com\r\n";
my $ua = "User-Agent: $Redirector::phone\r\n";
my $close = "Connection: close\r\n";
my $smuggled = "GET /$code HTTP/1.1\r\n$host$ua\r\n";

# Each case: name, expected status, bytes. What follows a refused request must never be
# answered: there is exactly one answer, and then the end.
my @cases;
sub case { push @cases, [@_]; return; }

# Two lengths, or a length and a coding.
for my $pair (['CL.CL equal', "Content-Length: 5\r\nContent-Length: 5\r\n"], ['CL.CL different', "Content-Length: 5\r\nContent-Length: 6\r\n"],
    ['CL.CL zero', "Content-Length: 0\r\nContent-Length: 44\r\n"], ['CL case', "Content-Length: 5\r\ncontent-LENGTH: 5\r\n"],
    ['CL list', "Content-Length: 5, 5\r\n"], ['CL list of two', "Content-Length: 5, 6\r\n"],
    ['CL plus', "Content-Length: +5\r\n"], ['CL minus', "Content-Length: -5\r\n"], ['CL hex', "Content-Length: 0x5\r\n"],
    ['CL empty', "Content-Length: \r\n"], ['CL blank', "Content-Length:\t \r\n"], ['CL space inside', "Content-Length: 1 0\r\n"],
    ['CL decimal', "Content-Length: 5.0\r\n"], ['CL exponent', "Content-Length: 1e1\r\n"], ['CL quoted', "Content-Length: \"5\"\r\n"],
    ['CL word', "Content-Length: five\r\n"], ['CL underscore', "Content-Length: 1_0\r\n"], ['CL semicolon', "Content-Length: 5;a=b\r\n"],
    ['CL then TE', "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"], ['TE then CL', "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"],
    ['CL 0 then TE', "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"],
    ['TE twice', "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"],
    ['TE twice, odd', "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"],
    ['TE unknown', "Transfer-Encoding: xchunked\r\n"], ['TE list', "Transfer-Encoding: gzip, chunked\r\n"],
    ['TE identity', "Transfer-Encoding: identity\r\n"], ['TE empty', "Transfer-Encoding: \r\n"],
    ['TE quoted', "Transfer-Encoding: \"chunked\"\r\n"], ['TE comma', "Transfer-Encoding: ,chunked\r\n"],
    ['TE semicolon', "Transfer-Encoding: chunked;q=1\r\n"], ['TE space before colon', "Transfer-Encoding : chunked\r\n"],
    ['TE tab before colon', "Transfer-Encoding\t: chunked\r\n"], ['TE vertical tab', "Transfer-Encoding: \x0bchunked\r\n"],
    ['TE form feed', "Transfer-Encoding: \x0cchunked\r\n"], ['TE NUL', "Transfer-Encoding: chunked\0\r\n"],
    ['TE folded', "Transfer-Encoding:\r\n chunked\r\n"], ['TE folded by tab', "Transfer-Encoding:\r\n\tchunked\r\n"],
    ['TE folded name', "Transfer-\r\n Encoding: chunked\r\n"], ['TE bare LF', "X: y\nTransfer-Encoding: chunked\r\n"],
    ['TE bare CR', "X: y\rTransfer-Encoding: chunked\r\n"], ['CL space before colon', "Content-Length : 5\r\n"],
    ['CL folded', "Content-Length:\r\n 5\r\n"], ['CL NUL', "Content-Length: 5\0\r\n"]) {
    my ($name, $headers) = @$pair;
    for my $target (["GET /$code", 'GET'], ['POST /-/conversion', 'POST']) {
        case("$name, $target->[1]", 400, "$target->[0] HTTP/1.1\r\n$host$ua${headers}\r\n5\r\nhello\r\n0\r\n\r\n$smuggled");
    }
}
case('chunked GET', 400, "GET /$code HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n$smuggled");
case('chunked POST', 411, "POST /-/conversion HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n$smuggled");
case('chunked POST, capitals', 411, "POST /-/conversion HTTP/1.1\r\n${host}Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n$smuggled");
case('POST without length', 411, "POST /-/conversion HTTP/1.1\r\n$host\r\n$smuggled");
case('CL of a GET', 400, "GET /$code HTTP/1.1\r\n${host}Content-Length: " . length($smuggled) . "\r\n\r\n$smuggled");
case('CL of a HEAD', 400, "HEAD /$code HTTP/1.1\r\n${host}Content-Length: 1\r\n\r\nx");
case('CL of a DELETE', 400, "DELETE /$code HTTP/1.1\r\n${host}Content-Length: 1\r\n\r\nx");
case('CL too large', 413, "POST /-/conversion HTTP/1.1\r\n${host}Content-Length: 4097\r\n\r\nx");
case('CL 20 digits', 413, "POST /-/conversion HTTP/1.1\r\n${host}Content-Length: 18446744073709551617\r\n\r\nx");
case('CL 60 digits', 413, "POST /-/conversion HTTP/1.1\r\n${host}Content-Length: " . '9' x 60 . "\r\n\r\nx");
case('body where none belongs', 400, "POST /$code HTTP/1.1\r\n${host}Content-Length: 5\r\n${close}\r\nhello");
case('empty body where none belongs', 400, "POST /$code HTTP/1.1\r\n${host}Content-Length: 0\r\n${close}\r\n");
case('body on robots.txt', 400, "POST /robots.txt HTTP/1.1\r\n${host}Content-Length: 5\r\n${close}\r\nhello");

# The request line.
for my $line ("GET  /$code HTTP/1.1", "GET /$code  HTTP/1.1", " GET /$code HTTP/1.1", "GET\t/$code HTTP/1.1", "GET /$code\tHTTP/1.1",
    "GET /$code", "GET /$code ", "GET", "GET ", "/$code HTTP/1.1", "GET /$code HTTP/1.1 ", "GET /$code HTTP/1.1 x", "GET /$code http/1.1",
    "GET /$code HTTP/1.2", "GET /$code HTTP/1.", "GET /$code HTTP/11", "GET /$code HTTP/1.10", "GET /$code HTTP /1.1", "GET /$code HTTPS/1.1",
    "GET /$code XTTP/1.1", "GET /a b HTTP/1.1", "GET /$code\0 HTTP/1.1", "GET /$code\x7f HTTP/1.1", "GET /$code\x01 HTTP/1.1",
    "GET\0 /$code HTTP/1.1", "G\xc9T /$code HTTP/1.1", "GET(x) /$code HTTP/1.1", "GET: /$code HTTP/1.1", "{GET} /$code HTTP/1.1",
    "GET $code HTTP/1.1", "GET * HTTP/1.1", "GET go.example.com:80 HTTP/1.1", "GET ftp://go.example.com/$code HTTP/1.1", "GET ?x HTTP/1.1", "\0GET /$code HTTP/1.1", "\x16\x03\x01\x02\x00\x01",
    "PRI * HTTP/2.0x") {
    (my $name = $line) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    case("line $name", 400, "$line\r\n$host$ua$close\r\n$smuggled");
}
case('HTTP/2', 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
case('HTTP/0.9', 505, "GET /$code HTTP/0.9\r\n$host\r\n$smuggled");
case('HTTP/9.9', 505, "GET /$code HTTP/9.9\r\n$host\r\n$smuggled");
case('method of 30 characters', 501, 'A' x 30 . " /$code HTTP/1.1\r\n$host\r\n$smuggled");
case("$_ is no method here", 405, "$_ /$code HTTP/1.1\r\n$host$close\r\n") for qw(PUT DELETE PATCH TRACE OPTIONS get PURGE DEBUG);
case('CONNECT', 400, "CONNECT go.example.com:443 HTTP/1.1\r\n$host$close\r\n");
case('two empty lines before', 400, "\r\n\r\nGET /$code HTTP/1.1\r\n$host\r\n");
case('an empty line before', 302, "\r\nGET /$code HTTP/1.1\r\n$host$close\r\n");

# Line ends.
case('bare LF after the request line', 400, "GET /$code HTTP/1.1\n$host\r\n$smuggled");
case('bare LF after a header', 400, "GET /$code HTTP/1.1\r\nHost: go.example.com\n\r\n$smuggled");
case('bare LF at the end', 400, "GET /$code HTTP/1.1\r\n$host\n$smuggled");
case('bare LF everywhere', 400, "GET /$code HTTP/1.1\nHost: go.example.com\n\n$smuggled");
case('LF CR', 400, "GET /$code HTTP/1.1\n\rHost: go.example.com\n\r\n\r");
case('CR CR LF', 400, "GET /$code HTTP/1.1\r\r\n$host\r\n$smuggled");
case('bare CR in a value', 400, "GET /$code HTTP/1.1\r\n${host}X: a\rb\r\n\r\n$smuggled");
case('bare CR in a name', 400, "GET /$code HTTP/1.1\r\n${host}X\r: a\r\n\r\n$smuggled");
case('CR at the end', 400, "GET /$code HTTP/1.1\r\n${host}\r\r\n$smuggled");

# Headers.
for my $line (' X: y', "\tX: y", ': y', 'X', 'X y', 'X : y', "X\t: y", "X\0: y", "X: y\0", "X: a\0b", "X\xc3\xa4: y", 'X(): y', 'X/Y: y', 'X=Y: z',
    'X@: y', "X: \x01", "X: \x7f", "X: \x0b", "X: \x1b[0m", "X: y\r\n z", "X: y\r\n\tz", "X: y\r\n ", '"X": y', 'X,Y: z', 'X;Y: z', 'X[1]: y', "X\x7f: y",
    'Host: other.example', 'Host: go.example.com', 'host: x', 'hOsT:') {
    (my $name = $line) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    case("header $name", 400, "GET /$code HTTP/1.1\r\n$host$line\r\n\r\n$smuggled");
}
for my $value ('', ' ', 'a b', 'a,b', 'a/b', 'a@b', 'a?b', 'a#b', "a\tb", "a\0b", "\xff", 'http://a', 'a\\b', '<a>', "'a'") {
    (my $name = $value) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    case("host $name", 400, "GET /$code HTTP/1.1\r\nHost: $value\r\n\r\n$smuggled");
}
case('no host', 400, "GET /$code HTTP/1.1\r\n$ua\r\n$smuggled");
case('no host in HTTP/1.0', 302, "GET /$code HTTP/1.0\r\n$ua\r\n");
case('host of 300 characters', 400, "GET /$code HTTP/1.1\r\nHost: " . 'a' x 300 . "\r\n${close}\r\n");
case('path of 9000 characters', 414, 'GET /' . 'a' x 9000 . " HTTP/1.1\r\n$host\r\n$smuggled");
case('header of 9000 characters', 431, "GET /$code HTTP/1.1\r\n${host}X: " . 'a' x 9000 . "\r\n\r\n$smuggled");
case('name of 9000 characters', 431, "GET /$code HTTP/1.1\r\n$host" . 'a' x 9000 . ": b\r\n\r\n$smuggled");
case('101 headers', 431, "GET /$code HTTP/1.1\r\n$host" . join('', map { "X$_: y\r\n" } 1 .. 101) . "\r\n$smuggled");
case('90 headers', 302, "GET /$code HTTP/1.1\r\n$host$close" . join('', map { "X$_: y\r\n" } 1 .. 90) . "\r\n");
case('high bytes in a value', 302, "GET /$code HTTP/1.1\r\n$host${close}X: \xff\xfe\r\n\r\n");
case('high bytes in a path', 404, "GET /\xff\xfe HTTP/1.1\r\n$host$close\r\n");
case('NUL escaped in a path', 404, "GET /Zz%00zzzz HTTP/1.1\r\n$host$close\r\n");
case('path of 8000 characters', 404, 'GET /' . 'a' x 8000 . " HTTP/1.1\r\n$host$close\r\n");

# Good requests, one behind the other: the first is answered, and the connection closed.
case('pipelined', 302, "GET /$code HTTP/1.1\r\n$host\r\n$smuggled");
case('pipelined garbage', 302, "GET /$code HTTP/1.1\r\n$host\r\n\0\0\0\n\n");
case('pipelined behind a body', 204, "POST /-/conversion HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello$smuggled");

cmp_ok(scalar(@cases), '>=', 150, scalar(@cases) . ' requests');
for my $case (@cases) {
    my ($name, $status, $bytes) = @$case;
    my $answer = $redirector->raw($bytes, 5) // '';
    my $answers = () = $answer =~ m{^HTTP/1\.[01] \d}mg;
    my ($got) = $answer =~ m{^HTTP/1\.[01] (\d+)};
    is(($got // 'none') . ", $answers answer", "$status, 1 answer", $name);
}

# The same bytes, one by one: where a read ends changes nothing.
my @sample = grep { length $_->[2] < 300 } @cases;
my $wrong = 0;
for my $case (@sample[map { $_ * 6 } 0 .. int(@sample / 6) - 1]) {
    my ($name, $status, $bytes) = @$case;
    my $socket = $redirector->connect;
    local $SIG{PIPE} = 'IGNORE';
    setsockopt $socket, 6, 1, 1;
    for my $byte (split //, $bytes) {
        syswrite $socket, $byte or last;
    }
    my $answer = Redirector::read_all($socket, 3);
    $wrong++, diag("$name: " . substr($answer, 0, 20)) if $answer !~ m{^HTTP/1\.[01] $status};
}
is($wrong, 0, 'byte by byte, the same status');

# Keep-alive: a good request, then another on the same connection, then a bad one.
my $socket = $redirector->connect;
for my $n (1 .. 3) {
    syswrite $socket, $smuggled;
    sysread $socket, my $part, 65536;
    like($part, qr{^HTTP/1\.1 302 }, "request $n of a connection");
}
syswrite $socket, "GET /$code HTTP/1.1\n\n";
like(Redirector::read_all($socket, 3), qr{^HTTP/1\.1 400 }, 'the fourth is malformed');

# A second request that comes while the first one waits is read behind its answer.
my $blocker = $node->background_psql('postgres');
$blocker->query_safe('BEGIN; LOCK TABLE smstrack.hit IN ACCESS EXCLUSIVE MODE');
$socket = $redirector->connect;
for my $part ($smuggled, $smuggled =~ s/\r\n\r\n/\r\n$close\r\n/r) {
    syswrite $socket, $part;
    usleep(200_000);
}
$blocker->query_safe('COMMIT');
$blocker->quit;
is(scalar(() = Redirector::read_all($socket, 3) =~ m{^HTTP/1\.1 302 }mg), 2, 'a request that comes before the answer of another');

# Slow senders: beside 1,000 good requests a second they keep nobody from an answer, and are
# cut. What they cost is shown, not judged: other programs of the machine disturb it.
sub good_requests {
    my ($meanwhile) = @_;
    my ($answered, @times) = (0);
    my @sockets = map { $redirector->connect } 1 .. 8;
    my $start = time;
    for my $n (0 .. 2999) {
        my $due = $start + $n / 1000;
        my $now = time;
        usleep(($due - $now) * 1e6) if $due > $now;
        my $socket = $sockets[$n % 8];
        my $sent = time;
        syswrite $socket, $smuggled;
        sysread $socket, my $part, 65536;
        $answered++ if ($part // '') =~ m{^HTTP/1\.1 302 };
        push @times, time - $sent;
        $meanwhile->() if $meanwhile && $n % 100 == 0;
    }
    my @sorted = sort { $a <=> $b } @times;
    return ($answered, $sorted[int(@sorted * 0.99)] * 1000, 3000 / (time - $start));
}

local $SIG{PIPE} = 'IGNORE';
my ($answered_alone, @alone) = good_requests();
my @slow = map { $redirector->connect } 1 .. 300;
my $trickle = 0;
syswrite $_, "GET /$code HT" for @slow;
my ($answered_beside, @beside) = good_requests(sub {
    my $byte = substr("TP/1.1\r\nX-Slow: " . 'a' x 100, $trickle++, 1);
    syswrite $_, $byte for @slow;
});
diag(sprintf 'measured: p99 alone %.2f ms at %d requests a second, beside 300 slow senders %.2f ms at %d', @alone, @beside);
is($answered_alone, 3000, 'good requests are answered');
is($answered_beside, 3000, 'beside 300 slow senders too');
my $select = IO::Select->new(@slow);
my $open = 0;
for my $socket (@slow) {
    my $rest = Redirector::read_all($socket, 0.5);
    $open++ if $select->can_read(0) == 0;
    $open++ if $rest !~ /^(HTTP\/1\.1 408 .*)?$/s;
}
is($open, 0, 'and all of them are cut');
like($redirector->admin('/metrics'), qr/^smstrack_slow_requests_cut_total 30\d$/m, 'as the metrics say');
my $idle = $redirector->connect;
my $since = time;
Redirector::read_all($idle, 10);
cmp_ok(time - $since, '<', 9, 'who says nothing is cut too');

# Connections of one address: those beyond the limit are turned away, the others served.
my $narrow = Redirector->start($node, '--connections-per-address', '5', '--header-timeout', '5000');
my @held = map { $narrow->connect } 1 .. 5;
usleep(200_000);
is($narrow->raw($smuggled, 2) // '', '', 'one connection too many of an address');
my $first = shift @held;
syswrite $first, $smuggled;
sysread $first, my $served, 65536;
like($served, qr{^HTTP/1\.1 302 }, 'those before it are served');
close $first;
usleep(200_000);
like($narrow->get("/$code"), qr{^HTTP/1\.1 302 }, 'and their place is free again');
like($narrow->admin('/metrics'), qr/^smstrack_connections_turned_away_total 1$/m, 'as the metrics say');
is($narrow->stop, 0, 'and it ends well');

is($redirector->stop, 0, 'no sanitizer has complained');
unlike(slurp_file($redirector->{log}), qr/ERROR|runtime error/, 'in the log neither');
$node->stop;
done_testing();
