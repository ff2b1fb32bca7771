# Dump and restore: plain, custom and directory in parallel, data only, always into a database
# of another name; every code leads to the same recipient's target, counts and rights are equal.
# SMSTRACK_MESSAGES=1000000 repeats it with that many messages, and prints what it takes.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;
use Time::HiRes qw(time);

my $messages = $ENV{SMSTRACK_MESSAGES} // 500;
# some hits, however many messages
my $share = int($messages / 500);
my $node = new_node('dumped');
$node->safe_psql('postgres', <<"SQL");
SELECT smstrack_domain('go.example.com', alias_hosts => '{go2.example.com}');
SELECT smstrack_domain('x.example', path_prefix => 'HDR', code_length => 10);
SELECT smstrack_rewrite('Hi ' || n || ': https://a.example/' || n || ' or https://b.example/?n=' || n, '+4915' || n,
                        CASE n % 2 WHEN 0 THEN 'go.example.com' ELSE 'x.example' END)
FROM generate_series(1, $messages) AS n;
SELECT smstrack_prepare('https://k.example/', '+49', idempotency_key => 'once');
SELECT h.*
FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id, 0), now(), '192.0.2.1',
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
    host => CASE m.link_domain WHEN 1 THEN 'go.example.com' ELSE 'x.example' END) AS h
WHERE m.message_id % (3 * $share) = 0;
UPDATE smstrack.message SET created_at = '2020-01-01' WHERE message_id % (50 * $share) = 0;
SELECT smstrack_hit(smstrack_code(m.message_id, 1), '2020-01-01', host => 'go.example.com')
FROM smstrack.message AS m WHERE m.message_id % (50 * $share) = 0;
SELECT smstrack_convert(h.token, 'order', 'o' || m.message_id, m.message_id, 'EUR')
FROM smstrack.message AS m, smstrack_hit(smstrack_code(m.message_id, 1), now(), NULL,
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    host => CASE m.link_domain WHEN 1 THEN 'go.example.com' ELSE 'x.example' END) AS h
WHERE m.message_id % (7 * $share) = 0;
CREATE ROLE regress_reader;
SELECT smstrack_grant('regress_reader', 'reader');
CREATE TABLE public.code AS
SELECT m.message_id, n AS position, d.host, smstrack_code(m.message_id, n) AS code
FROM smstrack.message AS m JOIN smstrack.link_domain AS d ON d.id = m.link_domain,
     generate_series(0, m.links - 1) AS n;
SQL

# Everything a user could see, as one text.
my $state = <<'SQL';
SELECT 'codes', md5(string_agg(c.code || r.status || coalesce(r.target_url, '-') || coalesce(m.recipient, '-'), ',' ORDER BY c.code))
FROM public.code AS c, smstrack_resolve(c.code, c.host) AS r LEFT JOIN smstrack.message AS m ON m.message_id = r.message_id;
SELECT 'not found', count(*) FROM public.code AS c, smstrack_resolve(c.code, c.host) AS r WHERE r.status <> 'found';
SELECT 'message_report', count(*), md5(string_agg(r::text, ',' ORDER BY message_id)) FROM smstrack.message_report AS r;
SELECT 'click_report', count(*), sum(clicks), sum(views), sum(bots), sum(conversions) FROM smstrack.click_report;
SELECT 'hits', count(*), min(at), max(at) FROM smstrack.hit;
SELECT 'far hits', count(*) FROM smstrack.hit_default;
SELECT 'user agents', count(*) FROM smstrack.user_agent;
SELECT 'tally', md5(string_agg(t::text, ',' ORDER BY t::text)) FROM smstrack.tally AS t;
SELECT 'tally differs', count(*) FROM smstrack.tally_difference;
SELECT 'conversions', count(*), sum(value) FROM smstrack.conversion;
SELECT 'sums of conversions', sum(conversions), sum(converters), sum(value) FROM smstrack.conversion_tally;
SELECT 'kept of conversions', (SELECT count(*) FROM smstrack.conversion_candidate), (SELECT count(*) FROM smstrack.clicker), (SELECT count(*) FROM smstrack.conversion_tally_difference);
SELECT 'keys', count(*) FROM smstrack.idempotency;
SELECT 'partitions', string_agg(inhrelid::regclass::text, ',' ORDER BY inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'smstrack.hit'::regclass;
SELECT 'rights', md5(string_agg(format('%s %s', o, a), ',' ORDER BY o, a::text))
FROM (SELECT c.oid::regclass::text, relacl FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass
          AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack')
      UNION ALL
      SELECT p.oid::regprocedure::text, proacl FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
          AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack')) AS r (o, acl),
     unnest(acl) AS a;
SELECT 'reader', has_table_privilege('regress_reader', 'smstrack.message_report', 'SELECT'), has_table_privilege('regress_reader', 'smstrack.secret', 'SELECT');
SELECT 'once', message_id FROM smstrack_prepare('https://k.example/', '+49', idempotency_key => 'once');
SQL

my $before = $node->safe_psql('postgres', $state);
like($before, qr/^not found\|0$/m, 'every code resolves before');
like($before, qr/^tally differs\|0$/m, 'the tallies equal a recount before');
like($before, qr/^far hits\|[1-9]/m, 'some hits lie outside the months');
my $directory = PostgreSQL::Test::Utils::tempdir();

my $size = $node->safe_psql('postgres', "SELECT pg_size_pretty(pg_database_size('postgres'))");

# Runs a command, and notes how long it took.
my @took;
sub timed { my ($name, @command) = @_; my $from = time; $node->command_ok([@command], $name); push @took, sprintf '%s %.1f s', $name, time - $from; return; }

sub same_answers { my ($database) = @_; return is($node->safe_psql($database, $state), $before, "$database: the same answers"); }

$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(plain parallel directory twice data_only);
timed('pg_dump', 'pg_dump', '-f', "$directory/plain.sql", '-d', $node->connstr('postgres'));
timed('psql', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/plain.sql", '-d', $node->connstr('plain'));
same_answers('plain');

timed('pg_dump -Fc', 'pg_dump', '-Fc', '-f', "$directory/custom", '-d', $node->connstr('postgres'));
timed('pg_restore -j2', 'pg_restore', '-j2', '--exit-on-error', '-d', $node->connstr('parallel'), "$directory/custom");
same_answers('parallel');

timed('pg_dump -Fd -j2', 'pg_dump', '-Fd', '-j2', '-f', "$directory/directory", '-d', $node->connstr('postgres'));
timed('pg_restore -j2 of a directory', 'pg_restore', '-j2', '--exit-on-error', '-d', $node->connstr('directory'), "$directory/directory");
same_answers('directory');

$node->command_ok(['pg_dump', '-Fc', '-f', "$directory/again", '-d', $node->connstr('parallel')], 'a copy can be dumped');
$node->command_ok(['pg_restore', '--exit-on-error', '-d', $node->connstr('twice'), "$directory/again"], 'and restored');
same_answers('twice');
is($node->safe_psql('twice', "SELECT count(*) FROM pg_extension WHERE extname = 'smstrack'"), '1', 'the extension is there');

# Data only, into an extension that was created and granted there.
$node->safe_psql('data_only', <<'SQL');
CREATE EXTENSION smstrack;
CALL smstrack_maintain(); -- makes the months
SELECT smstrack_grant('regress_reader', 'reader');
CREATE TABLE public.code (message_id bigint, position integer, host text, code text);
SQL
timed('pg_dump --data-only', 'pg_dump', '--data-only', '--load-via-partition-root', '-Fc', '-f', "$directory/data", '-d', $node->connstr('postgres'));
timed('pg_restore of data', 'pg_restore', '--exit-on-error', '-d', $node->connstr('data_only'), "$directory/data");
same_answers('data_only');
diag("measured: $messages messages, $size: " . join(', ', @took)) if $ENV{SMSTRACK_MESSAGES};

$node->stop;
done_testing();
