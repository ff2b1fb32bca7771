# Hits that are judged again by new rules give the same verdicts and counts as hits recorded
# with these rules from the start; bursts among them. SMSTRACK_RECLASSIFY_HITS sets how many
# (20,000 unless set).
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;
use Time::HiRes qw(time);

my $hits = $ENV{SMSTRACK_RECLASSIFY_HITS} // 20_000;
my $messages = $hits / 5;

my $node = new_node('reclassify');
$node->append_conf('postgresql.conf', "shared_buffers = 512MB\nmax_wal_size = 8GB\nwal_writer_delay = 200ms\n");
$node->restart;

# Every 20th request is a scanner's, which comes back 40 times within 2 seconds; the others
# are spread over addresses, user agents, links, and 10 hours.
$node->safe_psql('postgres', <<"SQL");
SELECT smstrack_domain('go.example.com');
SELECT count(smstrack_rewrite('https://a.example/' || n || ' https://b.example/', '+49151' || n)) FROM generate_series(1, $messages) AS n;
UPDATE smstrack.message SET created_at = date_trunc('month', now());
SELECT smstrack_campaign('campaign ' || n, 'https://a.example/' || n || ' https://b.example/') FROM generate_series(1, 3) AS n;
UPDATE smstrack.message AS m SET campaign = v.campaign, variant = v.id FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM smstrack.variant) AS v WHERE v.n = 1 + m.message_id % 4;
UPDATE smstrack.message SET test = message_id % 50 = 0;
CREATE TABLE agent AS SELECT * FROM unnest(ARRAY[
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
    'WhatsApp/2.23.20.0 A', 'curl/8.0', 'Mozilla/5.0 (compatible; SomeBot/1.0)', NULL]) WITH ORDINALITY AS a (agent, n);
CREATE TABLE request AS
SELECT g.n, smstrack_code(g.message_id, g.n % 2) AS code, g.at,
       CASE WHEN g.scanner IS NULL THEN format('10.%s.%s.%s', g.r % 4, g.r / 7 % 5, g.r / 13 % 50) ELSE format('192.0.2.%s', g.scanner % 200) END::inet AS address,
       a.agent,
       CASE WHEN g.r % 3 = 0 AND a.n IN (3, 4) AND g.scanner IS NULL THEN 'navigate' END AS mode,
       CASE WHEN g.r % 3 = 0 AND a.n IN (3, 4) AND g.scanner IS NULL THEN 'document' END AS dest,
       CASE WHEN g.r % 97 = 0 THEN 'prefetch' END AS purpose,
       CASE WHEN g.r % 89 = 0 THEN 'https://urldefense.com/v3/' END AS referrer
FROM (
    SELECT n, scanner, abs(hashint4(n)::bigint) AS r,
           -- a scanner's are of one campaign: only there are many messages at once a burst
           CASE WHEN scanner IS NULL THEN 1 + abs(hashint4(n + 1)::bigint) % $messages
                ELSE 4 + 4 * (abs(hashint4(n + 1)::bigint) % ($messages / 4 - 1)) END AS message_id,
           date_trunc('month', now()) + interval '1 hour' + n * 36000000.0 / $hits * interval '1 ms' AS at
    FROM (SELECT n, CASE WHEN n % 20 = 0 THEN n / 800 END AS scanner FROM generate_series(1, $hits) AS n) AS s
) AS g JOIN agent AS a ON a.n = CASE WHEN g.scanner IS NULL THEN 1 + g.r / 3 % 8 ELSE 3 END;
UPDATE request SET at = date_trunc('month', now()) + interval '1 hour' + (n / 800 * 800) * 36000000.0 / $hits * interval '1 ms' + n % 800 * interval '2 ms' WHERE n % 20 = 0;
CREATE TABLE batch AS
SELECT row_number() OVER (ORDER BY min(at)) AS id, array_agg(code ORDER BY n) AS codes, array_agg(at ORDER BY n) AS at, array_agg(address ORDER BY n) AS addresses,
       array_agg(agent ORDER BY n) AS agents, array_agg(mode ORDER BY n) AS modes, array_agg(dest ORDER BY n) AS dests,
       array_agg(purpose ORDER BY n) AS purposes, array_agg(referrer ORDER BY n) AS referrers
FROM request GROUP BY n / 200;
ALTER TABLE batch ADD PRIMARY KEY (id);
VACUUM ANALYZE;
CREATE VIEW state AS
SELECT md5(string_agg(format('%s %s %s %s %s', message_id, at, class, rule, confidence), ',' ORDER BY message_id, "position", at, user_agent_id, address)) AS text FROM smstrack.hit
UNION ALL SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM (
    SELECT link_domain, campaign, variant, grain, part, sum(views), sum(clicks), sum(bots), sum(viewers), sum(clickers) FROM smstrack.tally
    GROUP BY 1, 2, 3, 4, 5 HAVING (sum(views), sum(clicks), sum(bots), sum(viewers), sum(clickers)) <> (0, 0, 0, 0, 0)) AS t
UNION ALL SELECT md5(string_agg(format('%s %s %s %s %s', message_id, viewed_links, clicked_links, first_view_at, first_click_at), ',' ORDER BY message_id)) FROM smstrack.message;
SQL
# A transaction for each batch, as a redirector does.
my $record = <<'SQL';
SELECT format('SELECT count(h.class) FROM batch AS b, smstrack_hit_batch(b.codes, NULL, b.at, b.addresses, b.agents, b.referrers, NULL, b.purposes, b.modes, b.dests) AS h WHERE b.id = %s', id)
FROM batch ORDER BY id \gexec
SQL
my $rules = <<'SQL';
INSERT INTO smstrack.agent_rule (pattern, network, class)
VALUES ('android 10', NULL, 'bot'), ('whatsapp', NULL, 'click'), (NULL, '10.1.0.0/16', 'bot'), ('macintosh', NULL, 'view'), ('curl', NULL, 'click');
SQL
my $classes = 'SELECT class, smstrack.rule_name(rule), count(*) FROM smstrack.hit GROUP BY 1, 2 ORDER BY 1, 2';

sub seconds_of {
    my ($sql) = @_;
    my $start = time();
    my $out = $node->safe_psql('postgres', $sql);
    return ($out, time() - $start);
}

my ($recorded, $record_seconds) = seconds_of($record);
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.hit'), $hits, 'all requests are recorded');
my $before = $node->safe_psql('postgres', "SET timezone = 'UTC'; SELECT * FROM state");
like($node->safe_psql('postgres', $classes), qr/^b\|burst\|[1-9]/m, 'there are bursts among the hits');
is($node->safe_psql('postgres', "SELECT smstrack_reclassify('-infinity')"), '0', 'by the same rules nothing changes');
$node->safe_psql('postgres', $rules);
my ($changed, $seconds) = seconds_of("SELECT smstrack_reclassify('-infinity')");
cmp_ok($changed, '>', $hits / 5, "new rules change verdicts: $changed");
note(sprintf '%d hits recorded in %.1f s, judged again in %.1f s', $hits, $record_seconds, $seconds);
is($node->safe_psql('postgres', 'SELECT count(*) FROM smstrack.tally_difference'), '0', 'the tallies equal a recount');
my $after = $node->safe_psql('postgres', "SET timezone = 'UTC'; SELECT * FROM state");
isnt($after, $before, 'the state is another');
$node->safe_psql('postgres', 'DELETE FROM smstrack.agent_rule');
$node->safe_psql('postgres', "SELECT smstrack_reclassify('-infinity')");
is($node->safe_psql('postgres', "SET timezone = 'UTC'; SELECT * FROM state"), $before, 'without the rules it is as before');

$node->safe_psql('postgres', 'TRUNCATE smstrack.hit, smstrack.tally');
$node->safe_psql('postgres',
    'UPDATE smstrack.message SET viewed_links = 0, clicked_links = 0, first_view_at = NULL, first_click_at = NULL');
$node->safe_psql('postgres', $rules);
$node->safe_psql('postgres', $record);
is($node->safe_psql('postgres', "SET timezone = 'UTC'; SELECT * FROM state"), $after,
    'recorded with the new rules from the start it is the same');
$node->stop;
done_testing();
