# Campaigns that find out which variant is best: a test and the rest of the audience, by
# clicks, conversions and value; a bandit in batches and by single messages; who was
# forgotten; guardrails; a restored dump goes on where it was.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('decide');
my $phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';
my $preview = 'WhatsApp/2.23.20.0 A';
my $bot = 'curl/8.0';

sub sql { my ($query) = @_; return $node->safe_psql('postgres', $query); }

# What a query raises: its SQLSTATE and message.
sub error {
    my ($query) = @_;
    my ($status, $out, $err) = $node->psql('postgres', $query, extra_params => ['-v', 'VERBOSITY=verbose']);
    return $err =~ /ERROR:\s+(\S+): (.*)\n(?:DETAIL:\s+(.*))?/ ? "$1 $2" . ($3 ? " ($3)" : '') : "no error: $out";
}

# Says that all messages of a campaign were sent so long ago.
sub sent {
    my ($campaign, $ago) = @_;
    return sql("SELECT smstrack_report(array_agg(message_id), array_agg('sent'::text), array_agg(now() - interval '$ago'))
        FROM smstrack.message WHERE campaign = smstrack.campaign_id('$campaign') AND status = 'p' AND NOT test");
}

# Clicks the first link of messages so long after they were sent: every nth of a variant.
sub click {
    my ($campaign, $variant, $every, $after, $agent) = @_;
    $agent //= $phone;
    my $navigate = $agent eq $phone ? "'navigate'" : 'NULL';
    return sql("SELECT count(h.class) FROM (
            SELECT m.message_id, m.sent_at, row_number() OVER (ORDER BY m.message_id) AS n
            FROM smstrack.message AS m JOIN smstrack.variant AS v ON v.id = m.variant
            WHERE m.campaign = smstrack.campaign_id('$campaign') AND v.name = '$variant' AND m.sent_at IS NOT NULL) AS m,
        LATERAL smstrack_hit(smstrack_code(m.message_id), m.sent_at + interval '$after', user_agent => '$agent', fetch_mode => $navigate) AS h
        WHERE m.n % $every = 0");
}

sub add_variant {
    my ($campaign, $name, $body) = @_;
    sql("INSERT INTO smstrack.variant (campaign, name, body) VALUES (smstrack.campaign_id('$campaign'), '$name', '$body')");
    return;
}

# Keeps what previews show of some recipients of the audience; then, in how many of how many
# cases a launch has written another text.
sub foresee {
    my ($campaign, $recipients) = @_;
    return sql("DROP TABLE IF EXISTS foreseen; CREATE TABLE foreseen AS SELECT a.recipient, p.body, p.warnings
        FROM audience AS a, smstrack_preview(NULL, a.recipient, '$campaign') AS p WHERE a.recipient LIKE '$recipients'");
}
sub foreseen {
    my ($campaign) = @_;
    return sql("SELECT count(*) FILTER (WHERE f.body IS DISTINCT FROM regexp_replace(o.body, '(go.example.com/)\\w+', '\\100000000', 'g')) || ' of ' || count(*)
        FROM foreseen AS f JOIN smstrack.outbox AS o USING (recipient) WHERE o.campaign = smstrack.campaign_id('$campaign')
            AND NOT 'recipient has a message of the campaign already' = ANY (f.warnings)");
}

sql(<<'SQL');
SELECT smstrack_domain('go.example.com');
INSERT INTO smstrack.price (prefix, segment_price, currency) VALUES ('+49', 0.07, 'EUR'), ('+41', 0.05, 'CHF');
CREATE TABLE audience AS SELECT '+4917' || lpad(n::text, 8, '0') AS recipient FROM generate_series(1, 8000) AS n;
CREATE TABLE few AS SELECT * FROM audience LIMIT 1000;
CREATE TABLE buyers AS SELECT * FROM audience OFFSET 1000 LIMIT 1000;
SQL

# A share is tested, the winner goes to the rest.
sql(q(SELECT smstrack_campaign('spring', 'Hi: https://shop.example/a Stop: {{opt_out}}', allocation => 'test_and_roll')));
add_variant('spring', 'B', 'Hello: https://shop.example/b Stop: {{opt_out}}');
sql(q(SELECT smstrack_experiment('spring', test_share => 0.5)));
is(sql(q(SELECT prepared FROM smstrack_launch('spring', 'few', max_recipients => 10, test => true))), '10', 'a test launch');
is(sql(q(SELECT sum(recipients) FROM smstrack_ab_report('spring'))), '0', 'counts nobody');
my $tested = sql(q(SELECT prepared FROM smstrack_launch('spring', 'audience')));
cmp_ok($tested, '>', 3700, 'half of the audience is tested');
cmp_ok($tested, '<', 4300, 'and no more');
is(sql(q(SELECT kind, reason FROM smstrack_decide('spring'))), 'not yet|not yet: A has 0 mature recipients of 100', 'nobody is mature at once');
foresee('spring', '%17');
is(sql(q(SELECT bool_and((m.message_id IS NULL) = ('recipient waits until the test of the campaign is decided' = ANY (f.warnings))), count(m.message_id) BETWEEN 1 AND count(*) - 1
    FROM foreseen AS f LEFT JOIN smstrack.message AS m ON m.recipient = f.recipient AND m.campaign = smstrack.campaign_id('spring') AND NOT m.test)), 't|t', 'a preview says of whom that he waits');
is(error(q(SELECT smstrack_launch('spring', 'audience'))),
    '55000 campaign "spring" is still being tested (The verdict is "not yet: A has 0 mature recipients of 100"; of this audience nobody is left to test.)', 'so the rest waits');
is(sql("BEGIN; CREATE TABLE more AS SELECT '+4916' || lpad(n::text, 8, '0') AS recipient FROM generate_series(1, 100) AS n;
    SELECT prepared > 30 AND prepared < 70 AND prepared + not_in_share = 100 FROM smstrack_launch('spring', 'more'); ROLLBACK"), 't', 'others may join the test');
is(sent('spring', '23 hours'), $tested, 'sent a day ago but for an hour');
click('spring', 'B', 8, '1 hour');
is(sql(q(SELECT mature, successes FROM smstrack_ab_report('spring') WHERE variant = 'B')), '0|0', 'successes of the immature do not count');
sql(q(SELECT smstrack_report(array_agg(message_id), array_agg('sent'::text), array_agg(now() - interval '3 days')) FROM smstrack.message WHERE NOT test));
click('spring', 'B', 8, '2 hours');
click('spring', 'A', 25, '2 hours');
click('spring', 'A', 4, '30 hours');
click('spring', 'A', 3, '3 hours', $preview);
click('spring', 'A', 3, '3 hours', $bot);
my $a = sql(q(SELECT recipients, mature, successes FROM smstrack_ab_report('spring') WHERE variant = 'A'));
my ($recipients, $mature, $successes) = split /\|/, $a;
is($mature, $recipients, 'all are mature');
is($successes, int($recipients / 25), 'late clicks, previews and bots are no successes');
is(sql(q(SELECT sum(recipients) FROM smstrack_ab_report('spring'))), $tested, 'everybody is counted once');
like(error(q(SELECT smstrack_decide('spring', 'C'))), qr/^42704 campaign "spring" has no variant "C" to decide for/, 'a variant that there is not');
sql(q(CREATE TABLE rest AS SELECT recipient FROM audience EXCEPT SELECT recipient FROM smstrack.message WHERE campaign = smstrack.campaign_id('spring') AND NOT test));
is(sql(q(SELECT variant, recipients FROM smstrack_estimate('spring', 'rest') WHERE recipients > 0)), 'B|' . (8000 - $tested), 'a launch would give the rest B, says an estimate');
foresee('spring', '%17');
is(sql(q(SELECT count(*) FROM smstrack.decision)), '0', 'nothing is decided by that');
is(sql(q(SELECT kind, winner FROM smstrack_decide('spring'))), 'winner|B', 'B has won');
is(sql(q(SELECT kind, winner FROM smstrack_decide('spring'))), 'winner|B', 'and has it still');
is(sql(q(SELECT count(*), min(jsonb_array_length(figures)), min(figures->1->>'variant') FROM smstrack.decision)), '1|2|B', 'recorded once, with its figures');
is(sql(q(SELECT prepared + already_prepared FROM smstrack_launch('spring', 'audience'))), '8000', 'the rest is launched');
is(sql(q(SELECT v.name, count(*) FROM smstrack.launch AS l JOIN smstrack.message AS m ON m.message_id BETWEEN l.first_message_id AND l.last_message_id
    JOIN smstrack.variant AS v ON v.id = m.variant WHERE l.allotment = 'winner' GROUP BY v.name)), 'B|' . (8000 - $tested), 'and all of it gets B');
like(foreseen('spring'), qr/^0 of [1-9]/, 'as previews showed');
is(sql(q(SELECT sum(recipients) FROM smstrack_ab_report('spring'))), $tested, 'who got the winner afterwards is not compared');
is(sql(q(SELECT DISTINCT verdict LIKE 'B wins: %' FROM smstrack_ab_report('spring'))), 't', 'the report says who won');
is(error(q(UPDATE smstrack.experiment SET maturity = '2 days')),
    '55000 what the variants of a campaign are compared by cannot be changed any more (Messages of several variants were prepared: goal, currency, maturity window, confidence, planned recipients and seed stay.)',
    'the rule stays');
like(error(q(UPDATE smstrack.campaign SET metric = 'value')), qr/^55000 metric of campaign "spring" cannot be changed/, 'and the metric');

# Whoever is forgotten is still counted, and nobody can tell who he was.
sql(q(SELECT smstrack_forget('+491700000001')));
is(sql(q(SELECT sum(recipients), min(ratio_p) > 0.001 FROM smstrack_ab_report('spring'))), "$tested|t", 'sums stay when somebody is forgotten');

# Opt-outs: a guardrail.
sql(q(SELECT smstrack_campaign('guarded', 'Hi: https://shop.example/a Stop: {{opt_out}}')));
add_variant('guarded', 'B', 'Hello: https://shop.example/b Stop: {{opt_out}}');
sql(q(SELECT smstrack_experiment('guarded', max_opt_out_rate => 0.01, max_cost => 1)));
sql(q(SELECT smstrack_launch('guarded', 'audience')));
sent('guarded', '3 days');
click('guarded', 'A', 25, '2 hours');
click('guarded', 'B', 8, '2 hours');
sql(q(SELECT count(smstrack_opt_out_link(smstrack_code(m.message_id, 15))) FROM smstrack.message AS m JOIN smstrack.variant AS v ON v.id = m.variant
    WHERE v.name = 'B' AND m.campaign = smstrack.campaign_id('guarded') AND m.message_id % 20 = 0));
is(sql(q(SELECT variant, opt_out_rate > 0.03, best FROM smstrack_ab_report('guarded') WHERE variant = 'B')), 'B|t|0', 'twice as good, but people leave');
is(sql(q(SELECT kind, winner, reason FROM smstrack_decide('guarded'))), 'chosen|A|A wins: the others break guardrails', 'so A is chosen');
is(sql(q(SELECT kind, winner FROM smstrack_decide('guarded', 'B'))), 'by hand|B', 'unless somebody says otherwise');
is(sql(q(SELECT kind, winner FROM smstrack_decide('guarded'))), 'by hand|B', 'which stays');

# A broken split stops everything.
sql(q(SELECT smstrack_campaign('broken', 'Hi: https://shop.example/a', allocation => 'bandit')));
add_variant('broken', 'B', 'Hello: https://shop.example/b');
sql(q(SELECT smstrack_launch('broken', 'few')));
sql(q(UPDATE smstrack.message SET campaign = NULL WHERE variant = (SELECT max(id) FROM smstrack.variant) AND message_id % 3 > 0));
sent('broken', '3 days');
like(sql(q(SELECT kind, winner, reason FROM smstrack_decide('broken'))), qr/^stopped\|\|stopped: sample ratio, p = \S+e-\d+$/, 'stopped');
is(sql(q(SELECT warnings FROM smstrack_preview(NULL, '+4999900000000', 'broken'))), '{"campaign is stopped"}', 'a preview says so');
like(error(q(SELECT smstrack_launch('broken', 'audience'))), qr/^55000 campaign "broken" is stopped \(The verdict is "stopped: sample ratio/, 'nothing more is launched');
sql(q(SELECT smstrack_decide('broken', 'A')));
is(sql(q(SELECT prepared FROM smstrack_launch('broken', 'audience', max_recipients => 5))), '5', 'unless somebody decides');

# By conversions of one goal, through the click's token.
sql(q(SELECT smstrack_campaign('order', 'Hi: https://shop.example/a', allocation => 'test_and_roll', metric => 'conversion', goal => 'order')));
add_variant('order', 'B', 'Hello: https://shop.example/b');
sql(q(SELECT smstrack_experiment('order', test_share => 0.9, maturity => '2 days')));
sql(q(SELECT smstrack_launch('order', 'audience')));
sent('order', '5 days');
my $convert = <<'SQL';
SELECT count(*) FILTER (WHERE smstrack_convert(h.token, '%s', '%s ' || m.message_id, %s, m.sent_at + interval '%s')) FROM (
    SELECT m.message_id, m.sent_at, row_number() OVER (ORDER BY m.message_id) AS n
    FROM smstrack.message AS m JOIN smstrack.variant AS v ON v.id = m.variant
    WHERE m.campaign = smstrack.campaign_id('%s') AND v.name = '%s') AS m,
LATERAL smstrack_hit(smstrack_code(m.message_id), m.sent_at + interval '1 hour', user_agent => '%s', fetch_mode => 'navigate') AS h
WHERE m.n %% %d = 0
SQL
sub convert {
    my ($campaign, $variant, $every, $goal, $value, $after) = @_;
    return sql(sprintf($convert, $goal, $goal, $value, $after, $campaign, $variant, $phone, $every));
}
my $ordered = convert('order', 'A', 15, 'order', 'NULL, NULL', '3 hours');
cmp_ok($ordered, '>', 200, 'orders of A');
cmp_ok(convert('order', 'B', 3, 'registration', 'NULL, NULL', '3 hours'), '>', 1000, 'registrations of B');
cmp_ok(convert('order', 'B', 4, 'order', 'NULL, NULL', '3 days'), '>', 800, 'and orders of B that come too late');
is(sql(q(SELECT successes FROM smstrack_ab_report('order') ORDER BY variant)), "$ordered\n0", 'orders within the window count');
is(sql(q(SELECT count(*) FILTER (WHERE smstrack_reverse('order', order_id)) FROM (SELECT order_id FROM smstrack.conversion
    WHERE goal = 'order' AND at < now() - interval '4 days' ORDER BY conversion_id LIMIT 5) AS c)), '5', 'five orders are taken back');
is(sql(q(SELECT successes FROM smstrack_ab_report('order') ORDER BY variant)), ($ordered - 5) . "\n0", 'and are no successes');
is(sql(q(SELECT kind, winner FROM smstrack_decide('order'))), 'winner|A', 'A wins');

# By value less cost.
sql(q(SELECT smstrack_campaign('money', 'Hi: https://shop.example/a', metric => 'value', currency => 'EUR')));
add_variant('money', 'B', 'Hello: https://shop.example/b');
sql(q(SELECT smstrack_launch('money', 'audience')));
sent('money', '5 days');
is(sql(q(SELECT kind, reason FROM smstrack_decide('money'))), 'not yet|not yet: nothing was bought', 'nobody bought anything');
convert('money', 'A', 20, 'order', q('40', 'EUR'), '3 hours');
convert('money', 'B', 40, 'order', q('200', 'EUR'), '3 hours');
sql(q(SELECT smstrack_reverse('order', (SELECT order_id FROM smstrack.conversion WHERE value = 200 LIMIT 1), 150)));
is(sql(q(SELECT variant, successes > 0, round(value_per_message, 1), cost_per_message, currency, round(mean::numeric, 1) FROM smstrack_ab_report('money'))),
    "A|t|2.0|0.07|EUR|1.9\nB|t|4.9|0.07|EUR|4.9", 'value and cost a message');
is(sql(q(SELECT kind, winner FROM smstrack_decide('money'))), 'winner|B', 'fewer orders, more value');
sql(q(SELECT smstrack_campaign('mixed', 'Hi: https://shop.example/a', metric => 'value', currency => 'EUR')));
add_variant('mixed', 'B', 'Hello: https://shop.example/b');
sql(q(CREATE TABLE abroad AS SELECT * FROM few UNION ALL SELECT '+4179' || lpad(n::text, 7, '0') FROM generate_series(1, 500) AS n));
sql(q(SELECT smstrack_launch('mixed', 'abroad')));
sent('mixed', '5 days');
convert('mixed', 'B', 5, 'order', q('200', 'EUR'), '3 hours');
is(sql(q(SELECT kind, reason FROM smstrack_decide('mixed'))), 'not yet|not yet: 500 values or costs are in another currency than EUR', 'currencies are not mixed');

# A bandit: the outcome of earlier batches steers the next; the same seed gives the same.
sub bandit {
    my ($name, $seed) = @_;
    sql("SELECT smstrack_campaign('$name', 'Hi: https://shop.example/a', allocation => 'bandit')");
    add_variant($name, $_, "$_: https://shop.example/$_") for ('B', 'C');
    sql("INSERT INTO smstrack.experiment (campaign, seed) VALUES (smstrack.campaign_id('$name'), $seed) ON CONFLICT (campaign) DO UPDATE SET seed = excluded.seed");
    for my $share (0.1, 0.2, 0.3) {
        foresee($name, '%23');
        sql("SELECT smstrack_launch('$name', 'audience', share => $share)");
        like(foreseen($name), qr/^0 of [1-9]/, 'previews show what a batch writes');
        sent($name, '3 days');
        click($name, 'A', 30, '2 hours');
        click($name, 'B', 14, '2 hours');
        click($name, 'C', 25, '2 hours');
    }
    return sql("SELECT md5(string_agg(m.recipient || v.name, ',' ORDER BY m.recipient)) FROM smstrack.message AS m
        JOIN smstrack.variant AS v ON v.id = m.variant WHERE m.campaign = smstrack.campaign_id('$name') AND m.recipient IS NOT NULL");
}
my $one = bandit('bandit', 7);
is(sql(q(SELECT string_agg(allotment, ' ' ORDER BY id) FROM smstrack.launch WHERE campaign = smstrack.campaign_id('bandit'))), 'bandit bandit bandit', 'three batches');
my @weights = split /\n/, sql(q(SELECT weights[2]::float8 / 1000000 FROM smstrack.launch WHERE campaign = smstrack.campaign_id('bandit') ORDER BY id));
ok(abs($weights[0] - 1 / 3) < 0.001, 'at first all are alike');
cmp_ok($weights[2], '>', 0.6, 'then the best gets most');
is(sql(q(SELECT bool_and(w >= 10000) FROM smstrack.launch, unnest(weights) AS w WHERE campaign = smstrack.campaign_id('bandit'))), 't', 'and each at least the floor');
is(sql(q(SELECT min(ratio_p) > 0.001 FROM smstrack_ab_report('bandit'))), 't', 'the split is what was meant');
isnt(bandit('other', 8), $one, 'another seed allots others');

# Single messages: who has a variant keeps it.
sql(q(SELECT smstrack_campaign('shipped', 'Shipped: https://shop.example/a', purpose => 'transactional', allocation => 'bandit')));
add_variant('shipped', 'B', 'On its way: https://shop.example/b');
my $rewrite = q(SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'shipped')) FROM buyers);
is(sql($rewrite), '1000', 'messages one by one');
sent('shipped', '3 days');
click('shipped', 'B', 3, '1 hour');
is(sql("SET smstrack.bandit_interval = 0; $rewrite"), '1000', 'the same recipients again');
is(sql(q(SELECT max(n), sum(n) FROM (SELECT count(DISTINCT variant) AS n FROM smstrack.message WHERE campaign = smstrack.campaign_id('shipped') GROUP BY recipient) AS r)),
    '1|1000', 'each keeps his variant, though others are given now');
is(sql(q(SELECT string_agg(kind, ' ') FROM smstrack.allotment)), 'bandit bandit', 'weights are recorded when they are counted anew');
cmp_ok(sql(q(SELECT weights[2] FROM smstrack.allotment ORDER BY id DESC LIMIT 1)), '>', 980000, 'and follow the outcome');
is(sql(q(SELECT sum(recipients), min(ratio_p) > 0.001 FROM smstrack_ab_report('shipped'))), '1000|t', 'recipients count, not messages');
sql(q(SELECT smstrack_forget('+491700001002')));
is(sql(q(SELECT sum(recipients) FROM smstrack_ab_report('shipped'))), '1000', 'who was forgotten counts still, as nobody');
is(sql(q(SELECT kind, winner FROM smstrack_decide('shipped'))), 'winner|B', 'decided');
is(sql("SELECT count(smstrack_rewrite(NULL, '+4918' || lpad(n::text, 8, '0'), campaign => 'shipped')) FROM generate_series(1, 100) AS n"), '100', 'more messages');
is(sql(q(SELECT count(*), count(*) FILTER (WHERE v.name = 'B') FROM smstrack.message AS m JOIN smstrack.variant AS v ON v.id = m.variant WHERE m.recipient LIKE '+4918%')),
    '100|100', 'get the winner');

# Who breaks a guardrail gets nobody, and that is not counted anew with each message.
sql(q(SELECT smstrack_campaign('dear', 'A: https://shop.example/a', purpose => 'transactional', allocation => 'bandit')));
add_variant('dear', 'B', 'B: https://shop.example/b ' . 'and more' x 25);
sql(q(SELECT smstrack_experiment('dear', max_cost => 0.07)));
sql(q(SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'dear', skip => true)) FROM buyers));
sql("SET smstrack.bandit_interval = 0; SELECT smstrack_rewrite(NULL, '+4917000009', campaign => 'dear')");
sql("SELECT smstrack_rewrite(NULL, '+491700001$_', campaign => 'dear')") for (1 .. 5);
is(sql(q(SELECT string_agg(cardinality(variants)::text, ' ' ORDER BY id) FROM smstrack.allotment WHERE campaign = smstrack.campaign_id('dear'))), '2 1',
    'who breaks a guardrail gets nobody more');

# What only reads works where nothing can be written.
my $read_only = 'SET default_transaction_read_only = on;';
is(sql("$read_only SELECT count(*) FROM smstrack_ab_report('shipped')"), '2', 'a comparison writes nothing');
like(error("$read_only SELECT smstrack_decide('shipped')"), qr/^25006 /, 'a decision does');

# A dump holds it all.
my $directory = PostgreSQL::Test::Utils::tempdir();
my $state = q(SELECT md5(string_agg(r::text, ',' ORDER BY c, r.variant)) FROM unnest('{spring,guarded,order,money,bandit,shipped}'::text[]) AS c, smstrack_ab_report(c) AS r);
my $before = sql($state);
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok(['pg_dump', '-Fc', '-f', "$directory/dump", '-d', $node->connstr('postgres')], 'dumped');
$node->command_ok(['pg_restore', '-j2', '--exit-on-error', '-d', $node->connstr('copy'), "$directory/dump"], 'restored');
is($node->safe_psql('copy', $state), $before, 'the same reports');
is($node->safe_psql('copy', q(SELECT kind, winner FROM smstrack_decide('spring'))), 'winner|B', 'and decisions');

# A test that is proposed has enough of the variant that few get, too.
sql(q(SELECT smstrack_campaign('uneven', 'Hi: https://shop.example/a', allocation => 'test_and_roll')));
add_variant('uneven', 'B', 'Hello: https://shop.example/b');
sql(q(UPDATE smstrack.variant SET weight = 4 WHERE campaign = smstrack.campaign_id('uneven') AND name = 'A'));
is(sql(q(SELECT prepared < 1000 FROM smstrack_launch('uneven', 'few'))), 't', 'a test of unequal weights is a part of the audience');
is(sent('uneven', '3 days') > 500, 1, 'all of it was sent');
is(sql(q(SELECT min(mature) >= 100 FROM smstrack_ab_report('uneven'))), 't', 'and each variant has enough recipients to be decided');
is(sql(q(SELECT prepared > 0 FROM smstrack_launch('uneven', 'few'))), 't', 'so that the rest gets the winner');

# A variant that was withdrawn gets nobody, however good it is; the others go by their own outcome.
sql(q(CREATE TABLE others AS SELECT '+4919' || lpad(n::text, 8, '0') AS recipient FROM generate_series(1, 1000) AS n));
sql(q(SELECT smstrack_campaign('withdrawn', 'Hi: https://shop.example/a', purpose => 'transactional', allocation => 'bandit')));
add_variant('withdrawn', 'B', 'Hello: https://shop.example/b');
add_variant('withdrawn', 'C', 'Dear: https://shop.example/c');
sql(q(SELECT smstrack_launch('withdrawn', 'few')));
sent('withdrawn', '3 days');
click('withdrawn', 'B', 4, '1 hour');
click('withdrawn', 'C', 1, '1 hour');
sql(q(UPDATE smstrack.variant SET weight = 0 WHERE campaign = smstrack.campaign_id('withdrawn') AND name = 'C'));
is(sql(q(SELECT variant, round(best::numeric, 2), round(next_share::numeric, 2) FROM smstrack_ab_report('withdrawn'))), "A|0.00|0.01\nB|0.00|0.99\nC|1.00|0.00",
    'the report says so');
sql(q(SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'withdrawn')) FROM others));
is(sql(q(SELECT count(*), count(*) FILTER (WHERE v.name = 'C'), count(*) FILTER (WHERE v.name = 'B') > 950 FROM smstrack.trial AS t
    JOIN smstrack.variant AS v ON v.id = t.variant WHERE t.campaign = smstrack.campaign_id('withdrawn'))), '1000|0|t', 'so it is with single messages');

# Whom a launch has written to keeps his variant in single messages, and counts once.
sql(q(CREATE TABLE newer AS SELECT '+4914' || lpad(n::text, 8, '0') AS recipient FROM generate_series(1, 1000) AS n));
sql(q(SELECT smstrack_campaign('again', 'Hi: https://shop.example/a', purpose => 'transactional')));
add_variant('again', 'B', 'Hello: https://shop.example/b');
is(sql(q(SELECT prepared FROM smstrack_launch('again', 'others'))), '1000', 'launched');
sql(q(UPDATE smstrack.variant SET weight = 9 WHERE campaign = smstrack.campaign_id('again') AND name = 'B'));
is(sql(q(SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'again')) FROM others)), '1000', 'written to again, by other weights');
is(sql(q(SELECT max(n), sum(m) FROM (SELECT count(DISTINCT variant) AS n, count(*) AS m FROM smstrack.message WHERE campaign = smstrack.campaign_id('again') GROUP BY recipient) AS r)),
    '1|2000', 'each gets what he was given');
is(sql(q(SELECT sum(recipients) FROM smstrack_ab_report('again'))), '1000', 'and is one recipient');
is(sql(q(SELECT count(smstrack_rewrite(NULL, recipient, campaign => 'again')) FROM newer)), '1000', 'others');
is(sql(q(SELECT sum(recipients), min(ratio_p) > 0.001 FROM smstrack_ab_report('again'))), '2000|t', 'count as well');

$node->stop;
done_testing();
