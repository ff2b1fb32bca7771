# The clock of the server moves a year ahead and back while it runs, with sessions open, and
# once over a restart: nothing is lost or counted twice, no code stands for two messages,
# hits that are then older than their message are marked so, reports refresh, and what was
# put off to next year is seen.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my ($faketime) = glob '/usr/lib/*/faketime/libfaketime.so.1 /usr/lib*/faketime/libfaketime.so.1';
plan skip_all => 'faketime is not installed' unless $faketime;

my $iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
my $clock = PostgreSQL::Test::Utils::tempdir() . '/clock';

# Moves the server's clock by some days from what it is in truth.
sub set_clock {
    my ($days) = @_;
    open my $out, '>', "$clock.new" or die "$clock.new: $!";
    printf $out "%+dd\n", $days;
    close $out;
    chmod 0644, "$clock.new";
    rename "$clock.new", $clock or die "$clock: $!";
    return;
}

my $node = new_node('clock', without_extension => 1);

sub start_with_clock {
    $node->stop;
    local $ENV{LD_PRELOAD} = $faketime;
    local $ENV{FAKETIME_TIMESTAMP_FILE} = $clock;
    local $ENV{FAKETIME_NO_CACHE} = 1;
    # what waits for some time is not to wait for a year
    local $ENV{FAKETIME_DONT_FAKE_MONOTONIC} = 1;
    $node->start;
    return;
}

sub query { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

sub days_ahead {
    return query(q{SELECT round(extract(epoch FROM clock_timestamp()) / 86400)::integer}) - int(time / 86400 + 0.5);
}

set_clock(0);
start_with_clock();
query('CREATE EXTENSION smstrack');
query(<<'SQL');
SELECT smstrack_domain('go.example.com');
SELECT smstrack_campaign('spring', 'Hi {{name}} https://a.example/{{name}} https://b.example/');
CREATE TABLE audience AS SELECT '+49151' || (10000000 + n) AS recipient, 'n' || n AS name FROM generate_series(1, 1000) AS n;
CREATE TABLE seen (code text, message_id bigint);
CREATE TABLE clicked (n serial, message_id bigint, status text, class text, token text);
SQL

# Does a bit of everything, with new recipients and some of before: launches, clicks each of
# the newest 100 messages of the session's own and 50 of the oldest, converts, reports,
# keeps up, refreshes.
sub live {
    my ($name) = @_;
    query("INSERT INTO audience SELECT '+49152' || (10000000 + n + 1000 * count) AS recipient, 'n' FROM generate_series(1, 500) AS n, (SELECT count(*) AS count FROM audience) AS a");
    query(q{SELECT smstrack_launch('spring', 'audience')});
    query(q{SELECT count(smstrack_rewrite('Hi https://c.example/' || n, '+491701000' || n)) FROM generate_series(100, 119) AS n});
    query('INSERT INTO seen SELECT smstrack_code(message_id, p), message_id FROM smstrack.message, generate_series(0, links - 1) AS p WHERE message_id NOT IN (SELECT message_id FROM seen)');
    query(<<"SQL");
INSERT INTO clicked (message_id, status, class, token)
SELECT m.message_id, h.status, h.class, h.token
FROM (SELECT message_id FROM (SELECT message_id FROM smstrack.message ORDER BY message_id DESC LIMIT 100) AS newest
      UNION ALL SELECT message_id FROM (SELECT message_id FROM smstrack.message ORDER BY message_id LIMIT 50) AS oldest) AS m,
     smstrack_hit(smstrack_code(m.message_id), address => ('10.1.' || m.message_id % 250 || '.' || m.message_id % 199)::inet, user_agent => '$iphone',
                  fetch_mode => 'navigate', fetch_dest => 'document') AS h;
SELECT count(smstrack_convert(token, 'order', '$name-' || n, 5, 'EUR')) FROM (SELECT token, n FROM clicked WHERE token IS NOT NULL ORDER BY n DESC LIMIT 40) AS c;
SQL
    query('CALL smstrack_maintain()');
    query('SELECT count(*) FROM smstrack_refresh()');
    return;
}

# Everything that was acknowledged is there once, and adds up.
sub check_all {
    my ($name, $accepted) = @_;
    is(query('SELECT count(*) FROM (SELECT message_id FROM clicked EXCEPT SELECT message_id FROM smstrack.hit) AS lost'), '0', "$name: no message lost all its hits");
    is(query('SELECT (SELECT count(*) FROM clicked) - (SELECT count(*) FROM smstrack.hit)'), '0', "$name: each hit is stored once");
    is(query(q{SELECT count(*) FROM clicked WHERE status <> 'found'}), '0', "$name: every click was answered");
    is(query(q{SELECT count(*) FROM seen AS s, smstrack_resolve(s.code) AS r WHERE r.message_id <> s.message_id OR r.status <> 'found'}), '0', "$name: codes stand for what they stood for");
    is(query('SELECT count(*) - count(DISTINCT code) FROM seen'), '0', "$name: no code was given twice");
    is(query('SELECT count(*) FROM audience AS a WHERE (SELECT count(*) FROM smstrack.message AS m WHERE m.recipient = a.recipient) <> 1'), '0', "$name: everybody has one message");
    is(query('SELECT count(*) FROM smstrack.conversion') >= $accepted, 1, "$name: conversions are kept");
    is(query('SELECT (SELECT count(*) FROM smstrack.tally_difference), (SELECT count(*) FROM smstrack.message_tally_difference), (SELECT count(*) FROM smstrack.conversion_tally_difference)'),
        '0|0|0', "$name: the sums equal a recount");
    is(query(q{SELECT count(*) FROM (TABLE smstrack.campaign_live EXCEPT TABLE smstrack.campaign_report) AS d}), '0', "$name: the reports say what is");
    is(query(q{SELECT string_agg(name || ': ' || detail, '; ') FROM smstrack_check() WHERE NOT ok}), '', "$name: all invariants hold");
    return;
}

live('today');
check_all('today', 40);
is(days_ahead(), 0, 'the clock is right');
my $hits = query('SELECT count(*) FROM smstrack.hit');

# A session that was there before keeps what it has in memory.
my $session = $node->background_psql('postgres');
my $talks = $session->can('query');
$session->query("SELECT smstrack_rewrite('Hi https://c.example/', '+49170200001')") if $talks;

set_clock(365);
cmp_ok(abs(days_ahead() - 365), '<=', 1, 'the clock is a year ahead');
$session->query("SELECT smstrack_rewrite('Hi https://c.example/', '+49170200002')") if $talks;
live('ahead');
check_all('a year ahead', 80);
is(query('SELECT count(*) > 0 FROM smstrack.hit WHERE at > now() - interval \'1 day\''), 't', 'new hits are of next year');
is(query(q{SELECT count(*) FROM smstrack.hit_default}), '0', 'and in months of their own');
is(query("SELECT count(*) FROM smstrack.hit WHERE at < now() - interval '300 days'"), $hits, 'those of before are kept: they are not as old as hits may be');
query(q{SELECT count(*) FROM smstrack_take('spring', 10, '1 hour')});
query(q{SELECT smstrack_report(array_agg(message_id), array_fill('sent'::text, ARRAY[30])) FROM (SELECT message_id FROM smstrack.outbox ORDER BY message_id LIMIT 30 OFFSET 300) AS o});

set_clock(0);
is(days_ahead(), 0, 'the clock is back');
$session->query("SELECT smstrack_rewrite('Hi https://c.example/', '+49170200003')") if $talks;
$session->quit;
is(query(q{SELECT string_agg(name, ', ' ORDER BY name) FROM smstrack_check() WHERE NOT ok}), 'leases, refresh', 'what is of next year is seen');
live('back');
is(query(q{SELECT string_agg(name, ', ' ORDER BY name) FROM smstrack_check() WHERE NOT ok}), 'leases', 'reports are refreshed');
is(query('SELECT count(*) FROM smstrack.refresh_log WHERE started_at > now()'), '0', 'and none of next year is in the log');
is(query("SELECT count(*) FROM smstrack.source_key WHERE day > current_date + 1"), '0', 'no key of sources is kept for a year');
query("UPDATE smstrack.outbox SET leased_until = '-infinity' WHERE leased_until > now() + interval '1 day'");
check_all('back', 120);
my $early = q{FROM smstrack.hit AS h JOIN smstrack.message AS m USING (message_id) WHERE h.at < m.sent_at};
is(query("SELECT count(*) $early"), '0', 'no message of next year was clicked yet');
query(<<"SQL");
INSERT INTO clicked (message_id, status, class, token)
SELECT m.message_id, h.status, h.class, h.token
FROM (SELECT message_id FROM smstrack.message WHERE sent_at > now() + interval '300 days') AS m,
     smstrack_hit(smstrack_code(m.message_id), address => ('10.2.0.' || m.message_id % 199)::inet, user_agent => '$iphone') AS h;
SELECT count(*) FROM smstrack_refresh();
SQL
is(query("SELECT smstrack.rule_name(h.rule), h.class, count(*) $early GROUP BY 1, 2"), 'before sent|b|30', 'clicks on messages that are sent next year are marked so');
check_all('clicks before their message', 120);
# Who knows that the clock was wrong corrects the messages, and has their hits judged again.
query("UPDATE smstrack.message SET sent_at = sent_at - interval '365 days' WHERE sent_at > now() + interval '300 days'; SELECT smstrack_reclassify('-infinity'); SELECT count(*) FROM smstrack_refresh();");
is(query("SELECT count(*) FILTER (WHERE class = 'b'), count(*) FILTER (WHERE class = 'c') FROM smstrack.hit WHERE message_id IN (SELECT message_id FROM smstrack.message WHERE sent_at IS NOT NULL)"), '0|30',
    'with the right time they are clicks');
check_all('corrected', 120);

# The same over a restart, as after a machine's battery has died; first back, then right.
set_clock(-365);
start_with_clock();
cmp_ok(abs(days_ahead() + 365), '<=', 1, 'the clock is a year behind');
is(query(q{SELECT string_agg(name, ', ' ORDER BY name) FROM smstrack_check() WHERE NOT ok AND name NOT IN ('partitions')}), 'refresh', 'that is seen');
live('behind');
check_all('a year behind', 120);
set_clock(0);
start_with_clock();
is(days_ahead(), 0, 'the clock is right again');
live('right');
check_all('right', 160);

$node->stop;
done_testing();
