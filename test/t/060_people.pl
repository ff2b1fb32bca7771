# Erasing people: whatever names them is gone from every table, and from a dump; what is
# summed up stays as it was; their links are links of nobody; nothing is prepared for them
# any more; other accounts and other people keep what they have.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('people');
my $iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

sub query { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# Gives the SQLSTATE of a failing statement, or its output.
sub outcome {
    my ($sql) = @_;
    my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$sql", on_error_stop => 1);
    return $status == 0 ? $out : $err =~ /ERROR:\s+(\w{5})/ ? $1 : $err;
}

# +4915199900001 is to be forgotten, +4915199900002 is somebody else.
$node->append_conf('postgresql.conf', "smstrack.hit_address = full\n");
$node->reload;
query(<<"SQL");
SELECT smstrack_domain('go.example.com');
SELECT smstrack_domain('b.example.com', fallback_url => 'https://fallback.example/');
CREATE TABLE audience (recipient text, name text, customer text);
INSERT INTO audience VALUES ('+4915199900001', 'Erna Forgotten', 'cust-erna'), ('+49 151 9990 0002', 'Otto', 'cust-otto'),
    ('0049 151 99900001', 'twice', 'twice'), ('+4915199900003', 'Third', 'cust-third');
SELECT smstrack_campaign('full', 'Hi {{name}} https://shop.example/{{customer}} https://shop.example/all {{opt_out}}', keep_body => true);
SELECT smstrack_campaign('quiet', 'Hi https://shop.example/q', tracking => 'anonymous');
SELECT smstrack_campaign('needed', 'Your parcel https://shop.example/p', purpose => 'transactional');
SELECT smstrack_opt_out('+4915199900003');
SELECT smstrack_launch('full', 'audience');
SELECT smstrack_launch('quiet', 'audience');
SELECT smstrack_launch('needed', 'audience');
SELECT smstrack_prepare('Dear Erna, https://shop.example/erna-secret', '+4915199900001', 'key-erna-4915199900001', 'label-erna', keep_body => true);
SELECT smstrack_prepare('Dear Otto, https://shop.example/otto', '+4915199900002', 'key-otto', 'label-otto', keep_body => true);
-- before a calling code was set, a national number was kept as it was given
SELECT smstrack_rewrite('National https://shop.example/n', '0151 999 00001');
SET smstrack.account = 'other';
SELECT smstrack_domain('other.example.com');
SELECT smstrack_prepare('Other https://shop.example/o', '+4915199900001', 'other-erna');
RESET smstrack.account;
-- every link of everybody is viewed and clicked
SELECT count(h.class) FROM smstrack.message AS m JOIN smstrack.link_domain AS d ON d.id = m.link_domain AND d.account = 'default',
    generate_series(0, m.links - 1) AS p,
    smstrack_hit(smstrack_code(m.message_id, p), now(), ('198.51.100.' || m.message_id)::inet, '$iphone rare-agent-' || m.message_id,
                 'https://mail.example/inbox-of-' || m.message_id, host => d.host, fetch_mode => 'navigate', fetch_dest => 'document') AS h;
CREATE TABLE click AS SELECT m.message_id, h.token FROM smstrack.message AS m JOIN smstrack.link_domain AS d ON d.id = m.link_domain AND d.account = 'default',
    smstrack_hit(smstrack_code(m.message_id), now(), '198.51.100.77', '$iphone', host => d.host) AS h WHERE m.links > 0;
SELECT smstrack_convert(token, 'order', 'order-' || message_id, 10, 'EUR') FROM click;
SELECT smstrack_convert(token, 'registration') FROM click;
-- who is not to be forgotten reports orders by names that those of others may get
SELECT count(smstrack_convert_click(token, 'order', 'forgotten ' || n)) FROM click JOIN smstrack.message AS m USING (message_id), generate_series(1, 100) AS n
WHERE m.label = 'label-otto';
SELECT smstrack_report(array_agg(message_id), array_agg('failed'::text), errors => array_agg('no route to ' || recipient))
FROM smstrack.message WHERE recipient LIKE '+4915199900001';
ANALYZE;
SQL

my $sums = q{SELECT string_agg(t.x, E'\n' ORDER BY t.x) FROM (
    SELECT tally::text AS x FROM smstrack.tally
    UNION ALL SELECT message_tally::text FROM smstrack.message_tally
    UNION ALL SELECT conversion_tally::text FROM smstrack.conversion_tally
    UNION ALL SELECT 'report ' || count(*) || ' ' || sum(links) || ' ' || count(first_click_at) || ' ' || count(first_conversion_at)
        || ' ' || sum(segments_after) FROM smstrack.message
    UNION ALL SELECT concat('conversions ', account, goal, count(*), sum(value)) FROM smstrack.conversion GROUP BY account, goal
    UNION ALL SELECT concat('skips ', launch, reason, count(*)) FROM smstrack.launch_skip GROUP BY launch, reason) AS t};
my $others = q{SELECT md5(string_agg(t.x, E'\n' ORDER BY t.x)) FROM (
    SELECT m::text AS x FROM smstrack.message AS m WHERE recipient NOT IN ('+4915199900001', '0151 999 00001')
        OR link_domain = (SELECT id FROM smstrack.link_domain WHERE host = 'other.example.com')
    UNION ALL SELECT o::text FROM smstrack.outbox AS o WHERE recipient <> '+4915199900001') AS t};
my $before = query($sums);
my $others_before = query($others);
is(query('SELECT count(*) FROM smstrack.tally_difference'), '0', 'the tallies equal a recount');

# What is stored on somebody is given out in full.
my $export = query(q{SET smstrack.calling_code = '49'; SELECT source, count(*) FROM smstrack_export_person('0151 99900001') GROUP BY 1 ORDER BY 1});
is($export, "smstrack.campaign_recipient|1\nsmstrack.clicker|4\nsmstrack.conversion|8\nsmstrack.conversion_candidate|26\nsmstrack.hit|9\nsmstrack.idempotency|1\nsmstrack.launch_skip|2\nsmstrack.message|4\nsmstrack.outbox|1",
    'an export has rows of every table, for a number in any form');
my $export_text = query(q{SET smstrack.calling_code = '49'; SELECT source, at, stored FROM smstrack_export_person('+4915199900001')});
like($export_text, qr/\Q$_\E/, "it has $_") for 'Dear Erna', 'shop.example/cust-erna', 'rare-agent-', 'mail.example/inbox-of', '198.51.100.', 'order-', 'label-erna',
    'key-erna', '"campaign_name": "full"', '"class_name": "click"', '"rule_name"', 'no route to', '0151 999 00001';
unlike($export_text, qr/Otto|other\.example|other-erna/, 'and nothing of others');
is(query(q{SELECT source, stored->>'source' FROM smstrack_export_person('+4915199900003')}) =~ /smstrack.opt_out\|request/, 1, 'an opt-out is given out');
is(query(q{SELECT count(*) FROM smstrack_export_person('+4915100000000')}), '0', 'of a stranger there is nothing');

my @links = split /\n/, query(q{SELECT smstrack_code(m.message_id, p) FROM smstrack.message AS m, generate_series(0, m.links - 1) AS p
    WHERE m.recipient IN ('+4915199900001', '0151 999 00001') AND m.link_domain = 1});
cmp_ok(scalar(@links), '>', 3, 'he has links');
my $opt_out_code = query(q{SELECT smstrack_code(message_id, 15) FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign
    WHERE c.name = 'full' AND recipient = '+4915199900001'});
is(query("SELECT status FROM smstrack_hit('$opt_out_code')"), 'opt out', 'and an opt-out link');
my $token = query(q{SELECT token FROM click JOIN smstrack.message USING (message_id) WHERE recipient = '+4915199900001' AND label = 'label-erna'});

is(query(q{SET smstrack.calling_code = '49'; SELECT * FROM smstrack_forget('0151 999-00001')}), '1|4|9|8|1',
    'he is forgotten, whatever form his number had');

# Nothing names him, in the tables or in a dump.
$node->safe_psql('postgres', 'DROP TABLE audience, click');
my ($dump) = run_command(['pg_dump', '-p', $node->port, '-h', $node->host, '--inserts', 'postgres']);
# a dump of version 18 has them
$dump .= query(q{SELECT a::text FROM pg_stats AS a WHERE schemaname = 'smstrack'});
cmp_ok(length($dump), '>', 10_000, 'there is a dump');
my @mine = $dump =~ /^.*99900001.*$/mg;
is(scalar(@mine), 1, 'his number stands in the other account\'s message alone') or diag(join "\n", @mine);
ok($dump !~ /$_/, "no trace of $_")
    for '0151 ?999', 'Erna', 'erna-secret', 'label-erna', 'key-erna', 'cust-erna', 'no route to \+4915199900001';
my %own = map { $_ => 1 } split /\n/, query(q{SELECT message_id FROM smstrack.message WHERE code_length = 0});
is(scalar(keys %own), 4, 'his messages are there');
is(query(q{SELECT count(*) FROM smstrack.hit AS h JOIN smstrack.message AS m USING (message_id) WHERE m.code_length = 0
    AND (h.address IS NOT NULL OR h.referrer IS NOT NULL OR h.source IS NOT NULL OR h.request_id IS NOT NULL OR h.user_agent_id <> 0)}), '0',
    'his hits have no address, referrer, source, request or user agent');
is(query(q{SELECT count(*) FROM smstrack.conversion AS c JOIN smstrack.message AS m USING (message_id) WHERE m.code_length = 0 AND order_id LIKE 'order%'}), '0', 'his conversions have no order id');
is(query(q{SELECT count(*) FROM smstrack.idempotency}), '2', 'the keys of others stay');
is(query(q{SET smstrack.calling_code = '49'; SELECT source, stored->>'source', stored->>'forgotten' FROM smstrack_export_person('+4915199900001')}),
    'smstrack.opt_out|forgotten|true', 'all that is left is the hash that keeps him from being written to');

# Sums are as they were, now and when hits are judged again.
is(query($sums), $before, 'all sums are as they were');
is(query('SELECT count(*) FROM smstrack.tally_difference'), '0', 'the tallies equal a recount');
query("SELECT smstrack_reclassify('-infinity')");
is(query($sums), $before, 'judging all hits again changes none');
is(query($others), $others_before, 'others are as they were');

# His links are links of nobody.
is(join(' ', map { query("SELECT * FROM smstrack_resolve('$_')") } @links), join(' ', map { query("SELECT * FROM smstrack_resolve('00000000')") } @links), 'his links do not resolve');
is(join(' ', map { query("SELECT * FROM smstrack_hit('$_')") } @links), join(' ', map { query("SELECT * FROM smstrack_hit('00000000')") } @links), 'a request for one is answered as one for an unknown code');
is(query("SELECT status FROM smstrack_hit('$opt_out_code')"), 'not found', 'his opt-out link too');
is(query("SELECT smstrack_opt_out_link('$opt_out_code')"), 'f', 'nobody opts out by it');
is(query($sums), $before, 'nothing of that is counted');
is(outcome("SELECT smstrack_convert('$token', 'order', 'late')"), '42704', 'his click token is used up');
is(outcome('SELECT smstrack_code(' . (keys %own)[0] . ')'), '42704', 'his codes cannot be computed');

# A late report is taken, but not its text.
query(q{SELECT smstrack_report(array_agg(message_id), array_agg('delivered'::text), errors => array_agg('to +4915199900001'::text)) FROM smstrack.message WHERE code_length = 0});
is(query(q{SELECT count(*), count(error) FROM smstrack.message WHERE code_length = 0 AND status = 'd'}), '4|0', 'a late report is entered without its text');
is(query('SELECT count(*) FROM smstrack.message_tally_difference'), '0', 'and counted');

# Nothing is prepared for him, not even what is not marketing.
is(outcome(q{SELECT smstrack_rewrite('Hi', '+49 151 99900001')}), '55000', 'no single message is prepared for him');
is(outcome(q{SELECT smstrack_prepare('Hi', '+49 151 99900001', 'key-erna-4915199900001')}), '55000', 'by an old key neither');
query(q{CREATE TABLE audience AS SELECT '+4915199900001' AS recipient FROM generate_series(1, 2) UNION ALL SELECT '+4915199900002'});
query(sprintf q{SELECT smstrack_campaign('%1$s', 'Again https://shop.example/', purpose => '%2$s', tracking => '%3$s')}, @$_)
    for ['again m', 'marketing', 'full'], ['again t', 'transactional', 'full'], ['again a', 'transactional', 'anonymous'];
is(query("SELECT prepared, opted_out FROM smstrack_launch('$_', 'audience')"), '1|1', "the campaign \"$_\" leaves him out") for 'again m', 'again t', 'again a';
is(query(q{SELECT count(*) FROM smstrack.launch_skip WHERE recipient = '+4915199900001'}), '0', 'and does not name him');
query(q{SET smstrack.account = 'other'; SELECT smstrack_rewrite('Hi', '+4915199900001')});
is(query(q{SELECT smstrack_opt_in('+4915199900001')}), 't', 'he may opt in again');
is(outcome(q{SELECT smstrack_rewrite('Hi', '+49 151 99900001')}), 'Hi', 'and is written to');

# Many at once; arguments that are none.
query(q{SELECT count(smstrack_rewrite('Hi https://a.example/', '+49151888' || n)) FROM generate_series(10000, 10999) AS n});
is(query(q{SELECT * FROM smstrack_forget_many(ARRAY(SELECT '+49151888' || n FROM generate_series(10000, 10499) AS n) || '{NULL,+4915188810000}')}), '500|500|0|0|0', 'many are forgotten at once, each counted once');
is(query(q{SELECT count(*) FROM smstrack.message WHERE recipient LIKE '+49151888%'}), '500', 'the others stay');
is(query(q{SELECT * FROM smstrack_forget_many('{}')}), '0|0|0|0|0', 'nobody is nobody');
is(query(q{SELECT * FROM smstrack_forget('+4915188810000')}), '1|0|0|0|0', 'a second time there is nothing left');
is(outcome("SELECT smstrack_forget($_->[0])"), $_->[1], "smstrack_forget($_->[0]) fails with $_->[1]") for ['NULL', '22004'], [q{''}, '22023'], [q{repeat('x', 257)}, '22023'];
is(outcome('SELECT smstrack_forget_many(NULL)'), '22004', 'no array is no request');
is(outcome(q{SELECT smstrack_export_person(NULL)}), '22004', 'an export is of somebody');
is(outcome(q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT smstrack_forget('+4915188810001')}), '55000', 'an old snapshot is refused');

# A retention: messages of before a time are rows of nobody, and nobody is suppressed.
query(q{UPDATE smstrack.message SET created_at = now() - interval '3 years' WHERE recipient IN ('+4915188810600', '+4915188810601')});
my $old_sums = query($sums);
is(query(q{SELECT * FROM smstrack_forget_before(now() - interval '2 years')}), '0|2|0|0|0', 'old messages are forgotten');
is(query(q{SELECT count(*) FROM smstrack.message WHERE recipient LIKE '+49151888%'}), '498', 'the others stay');
is(query($sums), $old_sums, 'and so do the sums');
is(query(q{SELECT smstrack_rewrite('Hi', '+4915188810600')}), 'Hi', 'they may be written to');
is(query(q{SELECT * FROM smstrack_forget_before(now() - interval '2 years')}), '0|0|0|0|0', 'a second time there is nothing left');
is(outcome("SELECT smstrack_forget_before($_->[0])"), $_->[1], "smstrack_forget_before($_->[0]) fails with $_->[1]") for ['NULL', '22004'], ['now()', '22023'], [q{'infinity'}, '22023'];

# Of a message that keeps no recipient it is not kept what the provider says. By the key that
# it was prepared under it is found when he is forgotten.
my $quiet = '+4915177700001';
query(q{SELECT smstrack_domain('quiet.example.com', tracking => 'anonymous'); SELECT smstrack_campaign('quiet again', 'Hi https://shop.example/q', tracking => 'anonymous', purpose => 'transactional')});
query("SELECT smstrack_prepare(NULL, '$quiet', 'first key of $quiet', campaign => 'quiet again')");
query("SELECT smstrack_prepare('Hi https://shop.example/?of=$quiet', '0049151 77700001', 'second key of $quiet', 'label of $quiet', link_domain => 'quiet.example.com')");
query("SELECT smstrack_prepare(NULL, '+4915177700002', 'key of another', campaign => 'quiet again')");
my $nobody = q{FROM smstrack.message WHERE recipient IS NULL AND code_length > 0 AND status <> 'l'};
query("SELECT smstrack_report(array_agg(message_id), array_agg('failed'::text), errors => array_agg('no route to $quiet'::text)) $nobody");
is(query("SELECT count(*) > 2, count(error) $nobody AND status = 'f'"), 't|0', 'what the provider said of it is not kept');
is(query("SELECT source, count(*) FROM smstrack_export_person('$quiet') WHERE source <> 'smstrack.campaign_recipient' GROUP BY 1 ORDER BY 1"), "smstrack.idempotency|2\nsmstrack.message|2", 'it is given out, with its key');
is(query("SELECT * FROM smstrack_forget('$quiet')"), '1|2|0|0|0', 'and found when he is forgotten');
is(query("SELECT source FROM smstrack_export_person('$quiet')"), 'smstrack.opt_out', 'nothing else is left');
($dump) = run_command(['pg_dump', '-p', $node->port, '-h', $node->host, '--inserts', 'postgres']);
@mine = $dump =~ /^.*77700001.*$/mg;
is(scalar(@mine), 0, 'no trace of him is in a dump') or diag(join "\n", @mine);
is(query(q{SELECT count(*) FROM smstrack.idempotency WHERE key = 'key of another'}), '1', 'the keys of others stay');
is(query('SELECT count(*) FROM smstrack.message_tally_difference'), '0', 'the sums equal a recount');

# A request that was resolved before he was forgotten leaves nothing behind.
my $code = query(q{SELECT smstrack_code(message_id) FROM smstrack.message WHERE recipient = '+4915188810700'});
my $eraser = $node->background_psql('postgres', on_error_stop => 0);
SKIP: {
    skip 'this server has no query of a background psql', 2 unless $eraser->can('query');
    $eraser->query(q{BEGIN; SELECT smstrack_forget('+4915188810700')});
    my $hit = $node->background_psql('postgres', on_error_stop => 0);
    $hit->query_until(qr/begun/, "\\echo begun\nSELECT status FROM smstrack_hit('$code', now(), '198.51.100.99', '$iphone');\n");
    $node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%smstrack_hit(%' AND pid <> pg_backend_pid()});
    $eraser->query('COMMIT');
    $hit->query('SELECT 1');
    is(query(q{SELECT count(*) FROM smstrack.hit WHERE address = '198.51.100.99'}), '0', 'a hit that waited for the erasure is not stored');
    is(query('SELECT count(*) FROM smstrack.tally_difference'), '0', 'nor counted');
    $hit->quit;
}
$eraser->quit;

# What an index would still tell of a number that is known goes at the next upkeep.
my $noted = q{SET enable_seqscan = off; EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT FROM smstrack.message WHERE recipient = '+4915188810701'};
query('CALL smstrack_maintain()');
like(query($noted), qr/Heap Blocks: lossy/, 'an index tells where a recipient may stand');
query(q{SELECT smstrack_forget('+4915188810701'); CALL smstrack_maintain()});
unlike(query($noted), qr/Heap Blocks: lossy/, 'and nothing of one who was forgotten');
query(q{UPDATE smstrack.forgotten_block SET forgotten_at = now() - interval '2 days'; CALL smstrack_maintain()});
is(query('SELECT count(*) FROM smstrack.forgotten_block'), '0', 'where he stood is thrown away');

$node->stop;
done_testing();
