# pg_upgrade --link: codes, counts, rights and reports are those of before, codes go on without
# a repetition, and the result can be dumped.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $old = new_node('old');
$old->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
SELECT smstrack_rewrite('https://a.example/' || n, '+4915112' || 345000 + n) FROM generate_series(1, 1000) AS n;
SELECT smstrack_hit(smstrack_code(message_id), address => '192.0.2.1',
    user_agent => 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36')
FROM smstrack.message WHERE message_id % 3 = 0;
UPDATE smstrack.message SET created_at = '2020-01-01' WHERE message_id = 1;
SELECT smstrack_hit(smstrack_code(1), '2020-01-01');
CREATE ROLE regress_reader;
SELECT smstrack_grant('regress_reader', 'reader');
CREATE TABLE code AS SELECT message_id, smstrack_code(message_id) AS code FROM smstrack.message;
SQL

my $state = <<'SQL';
SELECT 'codes', count(*), md5(string_agg(r.message_id || r.target_url || m.recipient, ',' ORDER BY r.message_id))
FROM code AS c, smstrack_resolve(c.code) AS r JOIN smstrack.message AS m USING (message_id) WHERE r.message_id = c.message_id;
SELECT 'clicks', sum(clicks), sum(views), sum(bots) FROM smstrack.click_report;
SELECT 'hits', count(*), max(at) FROM smstrack.hit;
SELECT 'partitions', string_agg(inhrelid::regclass::text, ',' ORDER BY inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'smstrack.hit'::regclass;
SELECT 'tally differs', count(*) FROM smstrack.tally_difference;
SELECT 'message_report', md5(string_agg(r::text, ',' ORDER BY message_id)) FROM smstrack.message_report AS r;
SELECT 'reader', has_table_privilege('regress_reader', 'smstrack.message_report', 'SELECT'), has_table_privilege('regress_reader', 'smstrack.secret', 'SELECT');
SELECT 'members', count(*) FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'smstrack' AND d.deptype = 'e';
SELECT 'version', extversion FROM pg_extension WHERE extname = 'smstrack';
SQL
my $before = $old->safe_psql('postgres', $state);
like($before, qr/^codes\|1000\|/m, 'every code resolves before');
$old->stop;

my $new = new_node('new', without_extension => 1);
$new->stop;
my $bin = `$ENV{PG_CONFIG} --bindir` =~ s/\n//r;
chdir PostgreSQL::Test::Utils::tempdir();
command_ok(
    ['pg_upgrade', '--link', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bin, '-B', $bin,
        '-s', $new->host, '-p', $old->port, '-P', $new->port],
    'pg_upgrade --link');
$new->start;
is($new->safe_psql('postgres', $state), $before, 'the same answers afterwards');

$new->safe_psql('postgres', <<'SQL');
CREATE TABLE later AS SELECT substring(smstrack_rewrite('https://b.example/', '1') FROM '[^/]*$') AS code FROM generate_series(1, 2000);
SQL
is($new->safe_psql('postgres', 'SELECT count(DISTINCT code) FROM (SELECT code FROM code UNION ALL SELECT code FROM later) AS c'), '3000',
    'codes go on without a repetition');
is($new->safe_psql('postgres', "SELECT status FROM smstrack_hit((SELECT code FROM code LIMIT 1))"), 'found', 'and clicks are recorded');
$new->safe_psql('postgres', 'CALL smstrack_maintain()');
$new->command_ok(['pg_dump', '-f', '/dev/null', '-d', $new->connstr('postgres')], 'it can be dumped');
$new->stop;
done_testing();
