# What stands in front of the redirector: the systemd unit is verified; the examples of
# doc/redirector.md, run as they stand there but for ports and paths, let nginx and Caddy end
# TLS. What is not installed is left out.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Redirector;
use Smstrack;
use Test::More;
use POSIX ();
use Time::HiRes qw(usleep);

my $directory = PostgreSQL::Test::Utils::tempdir();
my $doc = slurp_file("$FindBin::RealBin/../../doc/redirector.md");
my $node = new_node('main');
Redirector::prepare_node($node);
my @codes = Redirector::codes($node, 2);
my $redirector = Redirector->start($node, '--trusted-proxies', '127.0.0.1');

# Gives the example in a language, with ports and paths of this test.
sub example {
    my ($language, %replace) = @_;
    my ($text) = $doc =~ /^```$language\n(.*?)^```$/ms or die "no example in $language";
    for my $what (sort keys %replace) {
        index($text, $what) >= 0 or die "nothing to replace: $what";
        $text =~ s/\Q$what\E/$replace{$what}/g;
    }
    return $text;
}

sub write_file {
    my ($name, $text) = @_;
    append_to_file("$directory/$name", $text);
    return "$directory/$name";
}

sub find_program {
    my ($name) = @_;
    for my $path (split(/:/, $ENV{PATH}), '/usr/sbin', '/sbin') {
        return "$path/$name" if -x "$path/$name";
    }
    return;
}

# Starts a proxy, clicks through it, and looks at what the redirector made of it.
sub click_through {
    my ($name, $port, $code, @command) = @_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        open STDOUT, '>', "$directory/$name.log";
        open STDERR, '>&', \*STDOUT;
        $ENV{HOME} = $ENV{XDG_DATA_HOME} = $directory;
        exec @command or POSIX::_exit(127);
    }
    my ($out, $err) = ('', '');
    for (1 .. 100) {
        last if IPC::Run::run(['curl', '-sik', '--noproxy', '*', '--max-time', '10', '--connect-to', "go.example.com:443:127.0.0.1:$port", '-A', $Redirector::phone,
            "https://go.example.com/$code"], '>', \$out, '2>', \$err) && $out =~ m{^HTTP/\S+ 302};
        usleep(100_000);
    }
    like($out, qr{^HTTP/\S+ 302}, "$name: a click is answered") or diag($err, slurp_file("$directory/$name.log"));
    like($out, qr{^location: https://shop\.example/\d+\?smstrack=}mi, "$name: with its target");
    like($out, qr{^set-cookie: smstrack=[^;]+;.*; Secure\r}mi, "$name: the cookie is for TLS alone");
    is($node->safe_psql('postgres', "SELECT count(*), min(host(h.address)) FROM smstrack.hit AS h, smstrack_resolve('$code') AS r WHERE h.message_id = r.message_id AND h.class = 'c'"),
        '1|127.0.0.0', "$name: it is recorded once, with the client's address");
    if ($name eq 'caddy') {
        my $stranger = IPC::Run::run(['curl', '-sik', '--noproxy', '*', '--max-time', '10', '--connect-to', "stranger.example:443:127.0.0.1:$port", 'https://stranger.example/'],
            '>', \$out, '2>', \$err);
        ok(!$stranger, "$name: a host that is not ours gets no certificate");
    }
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

SKIP: {
    find_program('systemd-analyze') or skip 'systemd is not installed', 1;
    my $conf = write_file('redirector.conf', "listen = 127.0.0.1:1\n");
    my $text = slurp_file("$FindBin::RealBin/../../debian/smstrack-redirector.service");
    $text =~ s{/usr/bin/smstrack-redirector}{Redirector::program()}ge;
    $text =~ s{/etc/smstrack/redirector.conf}{$conf}g;
    my $unit = write_file('smstrack-redirector.service', $text);
    my ($out, $err) = ('', '');
    my $good = IPC::Run::run(['systemd-analyze', 'verify', '--man=no', $unit], '>', \$out, '2>', \$err);
    my @about = grep { /smstrack-redirector/ } split /\n/, $err;
    ok($good && !@about, 'the systemd unit is valid') or diag($err);
}

SKIP: {
    my $nginx = find_program('nginx');
    $nginx && find_program('openssl') or skip 'nginx is not installed', 4;
    my $port = PostgreSQL::Test::Cluster::get_free_port();
    system_or_bail('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=go.example.com', '-days', '2',
        '-keyout', "$directory/key.pem", '-out', "$directory/cert.pem");
    my $server = example('nginx', '127.0.0.1:8080' => "127.0.0.1:$redirector->{port}", 'listen 443 ssl' => "listen 127.0.0.1:$port ssl",
        '/etc/ssl/go.example.com.pem' => "$directory/cert.pem", '/etc/ssl/go.example.com.key' => "$directory/key.pem");
    my $paths = join '', map { "${_}_temp_path $directory; " } qw(client_body proxy fastcgi uwsgi scgi);
    my $conf = write_file('nginx.conf', "daemon off; pid $directory/nginx.pid; error_log stderr;\nevents {}\nhttp {\n$paths\n$server}\n");
    click_through('nginx', $port, $codes[0], $nginx, '-e', 'stderr', '-c', $conf);
}

SKIP: {
    my $caddy = find_program('caddy') or skip 'Caddy is not installed', 5;
    my $port = PostgreSQL::Test::Cluster::get_free_port();
    my $http = PostgreSQL::Test::Cluster::get_free_port();
    my $conf = write_file('Caddyfile', example('caddyfile', '127.0.0.1:8080' => "127.0.0.1:$redirector->{port}",
        'http://127.0.0.1:8081/host' => "http://127.0.0.1:$redirector->{admin}/host",
        '    on_demand_tls {' => "    local_certs\n    skip_install_trust\n    admin off\n    https_port $port\n    http_port $http\n    on_demand_tls {"));
    click_through('caddy', $port, $codes[1], $caddy, 'run', '--config', $conf, '--adapter', 'caddyfile');
}

is($redirector->stop, 0, 'no sanitizer has complained');
$node->stop;
done_testing();
