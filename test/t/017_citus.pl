# Messages, outbox and hits on a Citus cluster of three nodes: whatever is called does there what
# it does on one server, sums equal a recount, and reports equal those of a restored dump.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

chomp(my $share = `$ENV{PG_CONFIG} --sharedir`);
chomp(my $libraries = `$ENV{PG_CONFIG} --pkglibdir`);
plan skip_all => 'Citus is not installed on this server' unless -e "$share/extension/citus.control" && -e "$libraries/citus.so";

# A node that others reach, with Citus loaded.
sub citus_node {
    my ($name) = @_;
    my $node = PostgreSQL::Test::Cluster->new($name);
    $node->init;
    $node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'citus'
listen_addresses = '127.0.0.1'
max_prepared_transactions = 50
citus.node_conninfo = 'sslmode=disable'
citus.enable_statistics_collection = off
client_min_messages = error
autovacuum = off
CONF
    $node->start;
    return $node;
}

sub error_of {
    my ($node, $query) = @_;
    my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$query");
    return $err;
}

my $plain = new_node('plain');
my $coordinator = citus_node('coordinator');
my @workers = map { citus_node("worker_$_") } 1, 2;

# Citus comes to where smstrack has data already.
$coordinator->safe_psql('postgres', 'CREATE EXTENSION smstrack');
like(error_of($coordinator, 'SELECT smstrack_distribute()'), qr/42704: extension "citus" is not installed.*HINT:.*CREATE EXTENSION citus/s,
    'without Citus: a clear error');

my $phone = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36';
my $preview = 'WhatsApp/2.23.20.0';

# Hits of the messages that a condition names, each from a place of its own.
sub batch {
    my ($where, $agent, $run) = @_;
    return <<"SQL";
WITH m AS MATERIALIZED (SELECT message_id, row_number() OVER (ORDER BY message_id) AS n FROM smstrack.message WHERE $where),
a AS MATERIALIZED (SELECT array_agg(smstrack_code(message_id) ORDER BY n) AS codes,
    array_agg(('10.' || message_id % 200 || '.' || message_id % 250 || '.7')::inet ORDER BY n) AS addresses,
    array_agg('$agent'::text ORDER BY n) AS agents,
    array_agg(('00000000-0000-4000-8000-' || lpad('$run' || lpad(message_id::text, 8, '0'), 12, '0'))::uuid ORDER BY n) AS ids FROM m)
SELECT h.status, h.class, count(*), count(h.token) FROM a, smstrack_hit_batch(a.codes, addresses => a.addresses,
    user_agents => a.agents, request_ids => a.ids) AS h GROUP BY 1, 2 ORDER BY 1, 2
SQL
}

sub hit {
    my ($id, %more) = @_;
    my $at = $more{at} // 'NULL';
    my $address = $more{address} // '192.0.2.1';
    return "SELECT status, class, target_url IS NOT NULL, token IS NOT NULL FROM smstrack_hit(smstrack_code($id), at => $at, "
        . "address => '$address', user_agent => '" . ($more{agent} // $phone) . "')";
}

# Steps with what they print; the same on both servers.
my @before = (
    ['link domain', "SELECT smstrack_domain('go.example.com')"],
    ['campaign', "SELECT smstrack_campaign('spring', 'Hi {{name}}: https://shop.example.com/ or https://other.example.com/{{name}}')"],
    ['second variant', "INSERT INTO smstrack.variant (campaign, name, body) VALUES (1, 'B', 'Dear {{name}}: https://shop.example.com/b')"],
    ['prices', "INSERT INTO smstrack.price (account, prefix, segment_price, currency, valid_from) VALUES ('default', '+49', 0.07, 'EUR', '2020-01-01')"],
    ['goal', "INSERT INTO smstrack.goal (account, name) VALUES ('default', 'order')"],
    ['audience', "CREATE TABLE customer AS SELECT '+4915112' || 345000 + n AS recipient, 'n' || n AS name FROM generate_series(1, 400) AS n"],
    ['launch', "SELECT prepared, opted_out, duplicate, segments_before, segments_after FROM smstrack_launch('spring', 'customer')"],
    ['hits', batch('message_id % 5 = 0', $phone, 1)],
    ['conversion', "SELECT smstrack_convert_recipient('+4915112345005', 'order', 'A-1', 10, 'EUR')"],
    ['taken', "SELECT count(*) FROM smstrack_take('spring', 20)"],
);
my @after = (
    ['messages are there', 'SELECT count(*), count(recipient), min(message_id), max(message_id), sum(segments_after) FROM smstrack.message'],
    ['hits are there', 'SELECT count(*), sum(message_id) FROM smstrack.hit'],
    ['a code resolves', 'SELECT status, target_url FROM smstrack_resolve(smstrack_code(7))'],
    ['a code of nobody does not', q{SELECT status FROM smstrack_resolve(smstrack_code(70000000, 0, 'go.example.com'))}],
    # launch
    ['more customers', "CREATE TABLE more AS SELECT '+4915112' || 345000 + n AS recipient, 'n' || n AS name FROM generate_series(301, 900) AS n"],
    ['launch again', "SELECT prepared, already_prepared, segments_after FROM smstrack_launch('spring', 'more')"],
    ['and again', "SELECT prepared, already_prepared FROM smstrack_launch('spring', 'more')"],
    ['test launch', "SELECT prepared FROM smstrack_launch('spring', 'customer', max_recipients => 3, test => true)"],
    ['anonymous campaign', "SELECT smstrack_campaign('secret', 'Hello https://shop.example.com/a', tracking => 'anonymous')"],
    ['anonymous launch', "SELECT prepared FROM smstrack_launch('secret', 'customer')"],
    ['estimate', "SELECT * FROM smstrack_estimate('spring', 'customer')"],
    # single messages
    ['rewrite', "SELECT smstrack_rewrite('See https://a.example/x', '+4915112347001') ~ 'go.example.com'"],
    ['prepare', "SELECT links, segments_after, cost FROM smstrack_prepare('See https://a.example/x', '+4915112347002', idempotency_key => 'k1')"],
    ['prepare again', "SELECT count(DISTINCT p.message_id) FROM (SELECT message_id FROM smstrack_prepare('See https://a.example/x', '+4915112347002', idempotency_key => 'k1') UNION ALL SELECT message_id FROM smstrack_prepare('See https://a.example/x', '+4915112347002', idempotency_key => 'k1')) AS p"],
    ['of a campaign', "SELECT smstrack_rewrite(NULL, '+4915112347003', campaign => 'spring', fields => '{\"name\": \"x\"}') IS NOT NULL"],
    ['of a campaign, twice', "SELECT smstrack_rewrite(NULL, '+4915112345300', campaign => 'spring', fields => '{\"name\": \"x\"}', skip => true) IS NULL"],
    ['of a campaign, to the last one', "SELECT smstrack_rewrite(NULL, '+4915112345900', campaign => 'spring', fields => '{\"name\": \"x\"}', skip => true) IS NULL"],
    ['of a campaign, single twice', "SELECT smstrack_rewrite(NULL, '+4915112347003', campaign => 'spring', fields => '{\"name\": \"x\"}', skip => true) IS NULL"],
    ['many at once', "SELECT count(smstrack_rewrite('See https://a.example/' || n, '+49151123480' || lpad(n::text, 2, '0'))) FROM generate_series(0, 40) AS n"],
    ['target arrays', "SELECT count(*), count(target_urls), md5(string_agg(target_urls::text, ',' ORDER BY message_id)) FROM smstrack.message"],
    # hand-over
    ['take', "SELECT count(*), count(DISTINCT message_id), count(recipient), count(body), sum(segments), max(takes), bool_or(test) FROM smstrack_take('spring', 100)"],
    ['take others', "SELECT count(*), count(DISTINCT message_id), max(takes) FROM smstrack_take('spring', 200, '1 ms')"],
    ['take again', "SELECT pg_sleep(0.01), count(*), count(DISTINCT message_id) FROM smstrack_take(NULL, 5000)"],
    ['nothing is left', 'SELECT count(*) FROM smstrack_take(NULL, 10)'],
    ['report', "SELECT smstrack_report(array_agg(message_id), array_agg('sent'::text)) FROM smstrack.message WHERE message_id % 2 = 0"],
    ['report again', "SELECT smstrack_report(array_agg(message_id), array_agg('sent'::text), at => array_agg('2030-01-01'::timestamptz)) FROM smstrack.message WHERE message_id % 2 = 0"],
    ['delivered', "SELECT smstrack_report(array_agg(message_id), array_agg(CASE WHEN message_id % 3 = 0 THEN 'failed' ELSE 'delivered' END), errors => array_agg(CASE WHEN message_id % 3 = 0 THEN 'absent' END), charged => array_agg(0.05), currency => 'EUR') FROM smstrack.message WHERE message_id % 4 = 0"],
    ['outbox', 'SELECT count(*), sum(message_id), sum(takes) FROM smstrack.outbox'],
    ['states', 'SELECT status, count(*), sum(charged_cost), count(error), count(sent_at) FROM smstrack.message GROUP BY status ORDER BY status'],
    # hits
    ['a hit', hit(11)],
    ['the same', hit(11, address => '192.0.2.9')],
    ['a preview', hit(12, agent => $preview)],
    ['a batch', batch('message_id % 3 = 0 AND message_id < 700', $phone, 2)],
    ['a batch again', batch('message_id % 3 = 0 AND message_id < 700', $phone, 2)],
    # a second later: clicks in one second are one to conversions
    ['one request twice in a batch', "SELECT pg_sleep(1); SELECT count(*) FROM smstrack_hit_batch(ARRAY[smstrack_code(21), smstrack_code(21), smstrack_code(22)], request_ids => ARRAY['10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', NULL]::uuid[], user_agents => array_fill('$phone'::text, ARRAY[3]))"],
    ['previews', batch('message_id % 7 = 0 AND message_id < 900', $preview, 3)],
    ['a burst', "SELECT class, count(*) FROM (SELECT (smstrack_hit_batch(ARRAY(SELECT smstrack_code(n) FROM generate_series(100, 130) AS n), addresses => array_fill('198.51.100.9'::inet, ARRAY[31]), user_agents => array_fill('$phone'::text, ARRAY[31]))).class) AS b GROUP BY 1"],
    ['it goes on', "SELECT count(*) FROM (SELECT (smstrack_hit_batch(ARRAY(SELECT smstrack_code(n) FROM generate_series(131, 160) AS n), addresses => array_fill('198.51.100.9'::inet, ARRAY[30]), user_agents => array_fill('$phone'::text, ARRAY[30]))).class) AS b"],
    ['imported links', "SELECT smstrack_import_links('go.example.com', ARRAY['sale'], ARRAY['https://shop.example.com/sale'])"],
    ['a hit of one', "SELECT status, class FROM smstrack_hit('sale', host => 'go.example.com', address => '192.0.2.77', user_agent => '$phone')"],
    ['a stray hit', hit(13, at => "now() - interval '20 hours'")],
    ['classes', 'SELECT class, rule, count(*), sum(message_id) FROM smstrack.hit GROUP BY 1, 2 ORDER BY 1, 2'],
    ['marks', 'SELECT count(first_view_at), count(first_click_at), sum(clicked_links), sum(viewed_links) FROM smstrack.message'],
    ['clickers', 'SELECT count(*), sum(message_id) FROM smstrack.clicker'],
    # conversions
    ['by token', "SELECT smstrack_convert(token, 'order', 'A-2', 20, 'EUR') FROM smstrack_hit(smstrack_code(41), address => '192.0.2.41', user_agent => '$phone')"],
    ['the same order', "SELECT smstrack_convert(token, 'order', 'A-2', 20, 'EUR') FROM smstrack_hit(smstrack_code(41), at => now() + interval '10 s', address => '192.0.2.41', user_agent => '$phone')"],
    ['by recipient', "SELECT smstrack_convert_recipient('+4915112345' || lpad(n::text, 3, '0'), 'order', 'B-' || n, n, 'EUR') FROM generate_series(3, 60, 3) AS n"],
    ['in a batch', "SELECT ordinal, status FROM smstrack_convert_batch((SELECT jsonb_agg(jsonb_build_object('recipient', '+4915112345' || lpad(n::text, 3, '0'), 'goal', 'order', 'order_id', 'C-' || n, 'value', n, 'currency', 'EUR')) FROM generate_series(60, 120, 5) AS n)) ORDER BY 1"],
    ['reversed', "SELECT smstrack_reverse('order', 'B-6')"],
    ['in part', "SELECT smstrack_reverse('order', 'B-9', value => 4)"],
    ['credited', 'SELECT order_id, message_id, "position", value, reversed_value FROM smstrack.conversion ORDER BY order_id'],
    ['candidates', 'SELECT count(*), sum(message_id) FROM smstrack.conversion_candidate'],
    ['first conversions', 'SELECT count(*), sum(message_id) FROM smstrack.message WHERE first_conversion_at IS NOT NULL'],
    ['by the first click', "UPDATE smstrack.campaign SET attribution = 'first_click' WHERE name = 'spring'; SELECT smstrack_attribute('-infinity')"],
    ['credited again', "UPDATE smstrack.campaign SET attribution = 'last_click' WHERE name = 'spring'; SELECT smstrack_attribute('-infinity')"],
    ['as before', 'SELECT order_id, message_id, "position" FROM smstrack.conversion ORDER BY order_id'],
    # judged again
    ['a rule of one\'s own', "INSERT INTO smstrack.agent_rule (pattern, class) VALUES ('pixel', 'bot'); SELECT smstrack_reclassify('-infinity')"],
    ['all are bots', 'SELECT class, rule, count(*) FROM smstrack.hit GROUP BY 1, 2 ORDER BY 1, 2'],
    ['messages follow', 'SELECT count(first_view_at), count(first_click_at), sum(clicked_links) FROM smstrack.message'],
    ['judged back', "DELETE FROM smstrack.agent_rule; SELECT smstrack_reclassify('-infinity')"],
    ['as it was', 'SELECT class, rule, count(*), sum(message_id) FROM smstrack.hit GROUP BY 1, 2 ORDER BY 1, 2'],
    ['marks as they were', 'SELECT count(first_view_at), count(first_click_at), sum(clicked_links) FROM smstrack.message'],
    # people
    ['opt-out', "SELECT smstrack_opt_out('+4915112345500')"],
    ['export', "SELECT source, count(*) FROM smstrack_export_person('+4915112345015') GROUP BY 1 ORDER BY 1"],
    ['forget', "SELECT * FROM smstrack_forget('+4915112345015')"],
    ['nothing is left of him', "SELECT source, count(*) FROM smstrack_export_person('+4915112345015') GROUP BY 1 ORDER BY 1"],
    ['forget many', "SELECT * FROM smstrack_forget_many(ARRAY(SELECT '+4915112345' || lpad(n::text, 3, '0') FROM generate_series(200, 260, 3) AS n))"],
    ['his code resolves no more', q{SELECT count(*) FROM smstrack_resolve(smstrack_code(15, 0, 'go.example.com')) WHERE status = 'found'}],
    ['judged after that', "SELECT smstrack_reclassify('-infinity')"],
    ['forget before', "SELECT messages, unsent FROM smstrack_forget_before(now() - interval '1 day')"],
    # decisions and opt-out links
    ['campaign with an opt-out link', "SELECT smstrack_campaign('stop', 'Hi https://shop.example.com/s out: {{opt_out}}')"],
    ['launched', "SELECT prepared FROM smstrack_launch('stop', 'customer', max_recipients => 20)"],
    ['opted out by the link', "WITH m AS MATERIALIZED (SELECT max(message_id) AS id FROM smstrack.message) SELECT smstrack_opt_out_link(smstrack_code(m.id, 15)) FROM m"],
    ['counted', "SELECT sum(opt_outs) FROM smstrack.message_tally"],
    ['retargeted', "SELECT smstrack_retarget('stop', 0, 'https://shop.example.com/new')"],
    ['resolves there', "WITH m AS MATERIALIZED (SELECT max(message_id) AS id FROM smstrack.message) SELECT r.target_url FROM m, smstrack_resolve(smstrack_code(m.id)) AS r"],
    ['disabled', "SELECT smstrack_disable('stop')"],
    ['decided by hand', "SELECT kind, winner FROM smstrack_decide('spring', 'B')"],
    ['split test', "SELECT variant, recipients, delivered, successes, value_per_message FROM smstrack_ab_report('spring') ORDER BY 1"],
    # reports
    ['refresh', 'SELECT count(*) FROM smstrack_refresh()'],
    ['logbook', "SELECT message_id, recipient, status, clicked, conversions, value FROM smstrack_logbook(page_size => 30)"],
    ['clicks in the logbook', "SELECT message_id, recipient FROM smstrack_logbook(campaign => 'spring', clicked => true, page_size => 50)"],
    ['a recipient in the logbook', "SELECT message_id, status FROM smstrack_logbook(recipient => '+4915112345003')"],
    ['timeline', "SELECT sum(total_clicks), sum(preview_requests), sum(conversions) FROM smstrack_timeline('spring', 'hour', 'UTC')"],
    ['odds of a guess', 'SELECT smstrack_guess_odds()'],
    ['check', 'SELECT name, ok, detail FROM smstrack_check() ORDER BY name'],
);

sub run_on_both {
    for my $step (@_) {
        my ($name, $query) = @$step;
        my @answers = map { my ($status, $out, $err) = $_->psql('postgres', $query); $status ? "failed: $err" : $out } $plain, $coordinator;
        is($answers[1], $answers[0], $name);
        unlike($answers[1], qr/^failed/, "$name: no error");
    }
}

run_on_both(@before);

$coordinator->safe_psql('postgres', 'CREATE EXTENSION citus');
like(error_of($coordinator, 'SELECT smstrack_distribute()'), qr/55000: the Citus cluster has no worker node.*HINT:.*citus_add_node/s, 'no worker: a clear error');
$_->safe_psql('postgres', 'CREATE EXTENSION citus') for @workers;
$coordinator->safe_psql('postgres', "SELECT citus_set_coordinator_host('127.0.0.1', " . $coordinator->port . ')');
$coordinator->safe_psql('postgres', "SELECT citus_add_node('127.0.0.1', " . $_->port . ')') for @workers;
is($coordinator->safe_psql('postgres', 'SELECT status FROM smstrack_resolve(smstrack_code(7))'), 'found', 'Citus beside it changes nothing');
like(error_of($coordinator, 'SELECT smstrack_distribute(0)'), qr/22023: invalid number of shards 0/, 'a number of shards that cannot be');
is($coordinator->safe_psql('postgres', 'SELECT smstrack_distribute(8)'), '8', 'distributed');
like(error_of($coordinator, 'SELECT smstrack_distribute(8)'), qr/55000: messages are distributed already/, 'once');
is($coordinator->safe_psql('postgres', "SELECT count(*), count(DISTINCT colocationid) FROM pg_dist_partition WHERE logicalrelid IN ('smstrack.message', 'smstrack.outbox', 'smstrack.hit')"),
    '3|1', 'messages, outbox and hits lie beside each other');
# What link domains, campaigns and variants are called, on all nodes.
my @named = (['link_domain', 'host, account'], ['campaign', 'name, account'], ['variant', 'campaign, name']);

sub names_are_everywhere {
    my ($when) = @_;
    for (@named) {
        my ($table, $columns) = @$_;
        my $rows = $coordinator->safe_psql('postgres', "SELECT id, $columns FROM smstrack.$table ORDER BY id");
        isnt($rows, '', "there is a $table");
        is($_->safe_psql('postgres', "SELECT id, $columns FROM smstrack.${table}_name ORDER BY id"), $rows, "$when: each ${table}'s name is on " . $_->name)
            for $coordinator, @workers;
    }
    return;
}
is($coordinator->safe_psql('postgres', q{SELECT count(*) FROM pg_dist_partition WHERE partmethod = 'n' AND repmodel = 't' AND logicalrelid::text LIKE 'smstrack.%\_name'}),
    '3', 'reference tables have the names');
names_are_everywhere('at once');
for my $worker (@workers) {
    is($coordinator->safe_psql('postgres', "SELECT count(*) FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid)
        WHERE logicalrelid = 'smstrack.message'::regclass AND nodeport = " . $worker->port),
        '4', 'each worker has half of the shards');
    like(error_of($worker, "SELECT smstrack_rewrite('https://a.example/', '+4915112345001')"), qr/55000: smstrack cannot be used on a worker node.*HINT:.*coordinator/s,
        'a worker says that the coordinator is to be called');
}
is($coordinator->safe_psql('postgres', "SELECT sum(pg_relation_size(r)) FROM unnest('{smstrack.message, smstrack.outbox, smstrack.hit_default}'::regclass[]) AS r"),
    '0', 'the coordinator keeps none of their rows');

run_on_both(@after);

# Names follow, be it that another role gives them; a transaction that fails takes its own back.
$coordinator->safe_psql('postgres', <<'SQL');
CREATE ROLE namer;
SELECT smstrack_grant('namer', 'composer');
SET ROLE namer;
SELECT smstrack_campaign('named', 'Hi https://a.example/');
INSERT INTO smstrack.variant (campaign, name, body) SELECT id, 'other', 'Ho https://a.example/' FROM smstrack.campaign WHERE name = 'named';
SQL
$coordinator->psql('postgres', q{BEGIN; SELECT smstrack_campaign('never', 'Hi https://a.example/'); ROLLBACK});
$coordinator->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('second.example.com');
UPDATE smstrack.campaign SET name = 'renamed' WHERE name = 'named';
UPDATE smstrack.variant SET name = 'another' WHERE name = 'other';
SQL
names_are_everywhere('later');
is($workers[0]->safe_psql('postgres', q{SELECT c.name, v.name FROM smstrack.variant_name AS v JOIN smstrack.campaign_name AS c ON c.id = v.campaign WHERE c.name = 'renamed' ORDER BY 2}),
    "renamed|A\nrenamed|another", 'a campaign that was renamed');
$coordinator->safe_psql('postgres', q{DELETE FROM smstrack.variant WHERE name = 'another'; DELETE FROM smstrack.variant WHERE campaign = (SELECT id FROM smstrack.campaign WHERE name = 'renamed'); DELETE FROM smstrack.campaign WHERE name = 'renamed'});
names_are_everywhere('after some were deleted');

# Upkeep: partitions for strays, and old months.
my $old = "now() - interval '3 months'";
$_->safe_psql('postgres', "INSERT INTO smstrack.hit (message_id, at, position, rule, confidence, signs, os, device, class, country) SELECT n, $old, 0, 1, 1, 0, 0, 0, 'b', 0 FROM generate_series(1, 20) AS n") for $plain, $coordinator;
run_on_both(
    ['maintain makes a partition of strays', "CALL smstrack_maintain(); SELECT count(*) FROM smstrack.hit_default"],
    ['which has them', "SELECT count(*) FROM smstrack.hit WHERE at < now() - interval '2 months'"],
    ['old months go', "LOAD 'smstrack'; SET smstrack.hit_retention = 1; CALL smstrack_maintain(); SELECT count(*) FROM smstrack.hit WHERE at < now() - interval '2 months'"],
    ['user agents stay', 'SELECT count(*) FROM smstrack.user_agent'],
    ['a hit after that', hit(14)],
);
is($coordinator->safe_psql('postgres', "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid::text ~ 'hit_[0-9]{4}_[0-9]{2}'"),
    $coordinator->safe_psql('postgres', "SELECT count(*) FROM pg_inherits WHERE inhparent = 'smstrack.hit'::regclass AND inhrelid <> 'smstrack.hit_default'::regclass"),
    'every partition is distributed');

# Many sessions at once, on the same messages.
my $load = $coordinator->basedir . '/load.sql';
append_to_file($load, <<"SQL");
\\set a random(1, 60)
SELECT count(*) FROM smstrack_hit_batch(ARRAY(SELECT smstrack_code(n, 0, 'go.example.com') FROM generate_series(:a, :a + 9) AS n), addresses => ARRAY(SELECT '10.0.0.0'::inet + n * 65536 + (random() * 200)::integer * 256 FROM generate_series(:a, :a + 9) AS n), user_agents => array_fill('$phone'::text, ARRAY[10]));
SELECT smstrack_report(ARRAY(SELECT n::bigint FROM generate_series(:a, :a + 9) AS n), array_fill('delivered'::text, ARRAY[10]));
SQL
command_ok(['pgbench', '-n', '-c', '4', '-t', '25', '-f', $load, '-h', $coordinator->host, '-p', $coordinator->port, 'postgres'], 'sessions that record at once');
for my $view (qw(tally_difference message_tally_difference conversion_tally_difference)) {
    is($coordinator->safe_psql('postgres', "SELECT count(*) FROM smstrack.$view WHERE (SELECT count(*) FROM smstrack.hit) > 1000"), '0', "$view is empty");
}
is($coordinator->safe_psql('postgres', 'SELECT string_agg(name || detail, E\'\n\') FROM smstrack_check() WHERE NOT ok'), '', 'every invariant holds');

# One transaction on all nodes: what is written to one worker alone is prepared there too.
$coordinator->safe_psql('postgres', 'SELECT recover_prepared_transactions()');
is($coordinator->safe_psql('postgres', 'SELECT count(*) FROM pg_dist_transaction'), '0', 'nothing is in doubt');
$coordinator->safe_psql('postgres', hit(30, address => '203.0.113.30'));
is($coordinator->safe_psql('postgres', 'SELECT count(*) FROM pg_dist_transaction'), '1', 'a single hit is prepared on its one worker');
$coordinator->psql('postgres', 'BEGIN; ' . hit(31, address => '203.0.113.31') . '; ROLLBACK');
is($coordinator->safe_psql('postgres', "SELECT count(*) FROM smstrack.hit WHERE message_id = 31 AND at > now() - interval '1 minute' AND address <<= '203.0.113.0/24'"), '0', 'a rollback is one on all nodes');

# Other roles: their functions act as the owner on the nodes too; what reads messages as the
# caller is the owner's.
$coordinator->safe_psql('postgres', <<'SQL');
CREATE ROLE shop LOGIN;
CREATE ROLE sender LOGIN;
CREATE ROLE web LOGIN;
CREATE ROLE metabase LOGIN;
SELECT smstrack_grant('shop', 'composer');
SELECT smstrack_grant('sender', 'dispatcher');
SELECT smstrack_grant('web', 'redirector');
SELECT smstrack_grant('metabase', 'reader');
SQL
my $code = $coordinator->safe_psql('postgres', 'SELECT smstrack_code(40)');
is($coordinator->safe_psql('postgres', "SET ROLE shop; SELECT smstrack_rewrite('https://a.example/', '+4915112349001') ~ 'go.example'"), 't', 'a composer prepares');
is($coordinator->safe_psql('postgres', "SET ROLE web; SELECT status FROM smstrack_hit('$code', address => '203.0.113.40', user_agent => '$phone')"), 'found', 'a redirector records');
is($coordinator->safe_psql('postgres', "SET ROLE sender; SELECT count(*) FROM smstrack_take(NULL, 10); SELECT smstrack_report('{40}', '{delivered}')"), "0\n0", 'a dispatcher takes and reports');
is($coordinator->safe_psql('postgres', "SET ROLE metabase; SELECT prepared > 800 FROM smstrack.campaign_report WHERE campaign = 'spring'"), 't', 'a reader reads the cumulative reports');
like(error_of($coordinator, 'SET ROLE metabase; SELECT count(*) FROM smstrack.message_report'), qr/42501: permission denied for table/, 'and no single messages');
like(error_of($coordinator, 'SELECT smstrack_code(message_id) FROM smstrack.message'), qr/55000: smstrack cannot be used on a worker node.*HINT:.*materialized/s,
    'a function that Citus calls on the workers says what to do');

# The example of doc/scale-out.md: the workers join and group.
my $doc = slurp_file("$FindBin::RealBin/../../doc/scale-out.md");
my ($own_query) = $doc =~ /^```sql syntax\n(SELECT [^`]*smstrack\.variant_name.*?)^```$/ms or die 'no query over the names';
unlike($coordinator->safe_psql('postgres', "EXPLAIN $own_query"), qr/Distributed Subplan/, 'a query of the owner is carried out on the workers');
$own_query =~ s/;\s*\z//;
is($coordinator->safe_psql('postgres', "SELECT count(*) FROM ($own_query) AS o LEFT JOIN smstrack.variant_live AS r ON r.campaign = o.campaign AND r.variant = o.variant WHERE o.campaign <> 'secret' AND r.prepared IS DISTINCT FROM o.messages"),
    '0', 'and agrees with the report, but for messages of nobody');

# The way out, and the comparison: a dump of the coordinator, restored where there is no Citus.
my $copy = new_node('copy', without_extension => 1);
$copy->safe_psql('postgres', 'CREATE ROLE shop; CREATE ROLE sender; CREATE ROLE web; CREATE ROLE metabase; CREATE ROLE namer');
my $dump = $coordinator->basedir . '/dump.sql';
command_ok(['pg_dump', '-h', $coordinator->host, '-p', $coordinator->port, '-e', 'smstrack', '-f', $dump, 'postgres'], 'dumped');
command_ok(['psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-h', $copy->host, '-p', $copy->port, '-f', $dump, 'postgres'], 'restored');
is($copy->safe_psql('postgres', 'SELECT count(*) FROM smstrack.campaign_name'), '0', 'names for nodes stay behind');
$_->safe_psql('postgres', 'SELECT smstrack_refresh()') for $coordinator, $copy;
for my $report (qw(message_report click_report recipient_report alias_report campaign_report variant_report link_report timeline_report
    device_report country_report conversion_report cost_report funnel_report position_tally quarter_tally device_tally country_tally recount message_recount)) {
    my $query = "SELECT count(*), md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM smstrack.$report AS r";
    my $there = $copy->safe_psql('postgres', $query);
    is($coordinator->safe_psql('postgres', $query), $there, "$report is the same");
    unlike($there, qr/^0\|/, "$report has rows");
}
$coordinator->stop;
$_->stop for @workers, $plain, $copy;
done_testing();
