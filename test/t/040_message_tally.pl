# The sums over messages equal a recount whatever a transaction does: savepoints and
# exceptions, procedures that commit, transactions that are prepared and outlive their
# session, crashes, many writers at once; and a transaction writes each sum once.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('sums');
$node->append_conf('postgresql.conf', "max_prepared_transactions = 4\n");
$node->restart;
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
INSERT INTO smstrack.price (prefix, segment_price, currency) VALUES ('+49', 0.075, 'EUR'), ('+1', 0.0079, 'USD');
SELECT smstrack_campaign('spring', 'Hi {{name}} https://a.example/ {{opt_out}}');
SELECT smstrack_campaign('quiet', 'Hi https://a.example/', tracking => 'anonymous');
CREATE TABLE audience AS
SELECT (ARRAY['+49151', '+1202555', '+44770090'])[n % 3 + 1] || lpad(n::text, 4, '0') AS recipient, 'N' || n AS name FROM generate_series(1, 300) AS n;
SQL

sub psql { return $node->safe_psql('postgres', $_[0]); }
# Keys whose sums differ from a recount, and messages that the logbook would not find.
sub differences {
    return psql(<<'EOS');
SELECT (SELECT count(*) FROM smstrack.message_tally_difference)
     + (SELECT count(*) FROM smstrack.message AS m
        WHERE NOT m.test AND m.status <> 'l' AND NOT m.message_id <@ smstrack.message_ranges(coalesce(m.campaign, 0), m.created_at, m.created_at))
EOS
}
sub prepared { return psql('SELECT coalesce(sum(prepared), 0) FROM smstrack.message_tally'); }
my $prepare = "SELECT smstrack_rewrite('Hi https://a.example/', '+4915112345678');";

psql(<<"SQL");
BEGIN;
$prepare
SAVEPOINT a;
$prepare
SAVEPOINT b;
$prepare $prepare
RELEASE b;
ROLLBACK TO a;
$prepare
SAVEPOINT c;
$prepare
RELEASE c;
RELEASE a;
SET TRANSACTION READ ONLY;
COMMIT;
SQL
is(prepared(), 3, 'what was rolled back to a savepoint does not count, though a subtransaction of it was released');
is(differences(), 0, 'the sums equal a recount');

psql("BEGIN; $prepare ROLLBACK;");
$node->psql('postgres', "BEGIN; $prepare SELECT 1 / 0; COMMIT;");
is(prepared(), 3, 'nor what was rolled back whole');

psql(<<"SQL");
DO \$\$
BEGIN
    FOR i IN 1 .. 20 LOOP
        PERFORM smstrack_rewrite('Hi', '+4915112345678');
        BEGIN
            PERFORM smstrack_rewrite('Hi', '+12025550147');
            IF i % 2 = 0 THEN
                RAISE 'not this one';
            END IF;
        EXCEPTION WHEN raise_exception THEN
            PERFORM smstrack_rewrite('Hi', '+447700900123');
        END;
        IF i % 5 = 0 THEN
            COMMIT;
        ELSIF i % 7 = 0 THEN
            ROLLBACK;
        END IF;
    END LOOP;
END
\$\$;
SQL
is(differences(), 0, 'procedures that commit, and blocks that catch errors');
cmp_ok(prepared(), '>', 20, 'both counted');

# A prepared transaction holds its rows; the session that prepared it goes on.
$node->safe_psql('postgres', "SET statement_timeout = '60s'; BEGIN; $prepare $prepare PREPARE TRANSACTION 'one'; $prepare BEGIN; $prepare PREPARE TRANSACTION 'two'; $prepare");
is(differences(), 0, 'prepared transactions are not seen');
my $before = prepared();
psql("COMMIT PREPARED 'one'; ROLLBACK PREPARED 'two';");
is(prepared(), $before + 2, 'once committed, they count');
is(differences(), 0, 'as a recount does');

is(psql("SELECT prepared FROM smstrack_launch('spring', 'audience')"), 300, 'a launch');
psql("SELECT smstrack_launch('quiet', 'audience'); SELECT smstrack_launch('spring', 'audience', test => true); SELECT smstrack_prepare('x', '+491', test => true);");
is(psql("SELECT sum(prepared), count(DISTINCT country) FROM smstrack.message_tally WHERE campaign = 2"), '300|3',
    'an anonymous campaign counts its recipients, by country, and not the carrier of its codes');
is(differences(), 0, 'tests do not count');

# Delivery reports, shuffled, repeated, with charges, of tests and of carriers too.
srand(1);
my @statuses = qw(accepted sent delivered failed expired);
for my $round (1 .. 8) {
    my $status = $statuses[rand @statuses];
    my $charged = $round % 2 ? ', charged => array_agg(CASE WHEN currency IS NOT NULL THEN 0.01 * (message_id % 7) END)' : '';
    psql("SELECT smstrack_report(array_agg(message_id), array_agg(CASE WHEN message_id % 5 = 0 THEN 'failed' ELSE (ARRAY['$status', 'sent', 'delivered'])[message_id % 3 + 1] END)$charged) FROM smstrack.message WHERE (message_id + $round) % 4 <> 0;");
    is(differences(), 0, "delivery reports, round $round");
}
psql("SELECT smstrack_report(array_agg(message_id), array_agg('sent'::text), charged => array_agg(0.02), currency => 'GBP') FROM smstrack.message WHERE currency IS NULL AND charged_cost IS NULL");
is(differences(), 0, 'a charge in a currency moves messages without a price to it');
cmp_ok(psql("SELECT sum(prepared) FROM smstrack.message_tally WHERE currency = 'GBP'"), '>', 0, 'some were moved');
is(psql("SELECT least(sum(sent), sum(delivered), sum(failed + expired), sum(charged), sum(charged_cost)) > 0 FROM smstrack.message_tally"), 't', 'every sum was moved');

# Where messages are is noted once a block of ids, not once a message; not where it was rolled back.
cmp_ok(psql('SELECT count(*) FROM smstrack.message_block'), '<', 60, 'few rows say where messages are');
psql("BEGIN; SAVEPOINT a; $prepare SELECT smstrack.write_message_tally(); ROLLBACK TO a; $prepare COMMIT; BEGIN; $prepare ROLLBACK; $prepare");
is(differences(), 0, 'every message is found, in a session that rolled some back');

# Opt-outs by link, once a recipient.
my $opt_out = q{SELECT smstrack_opt_out_link(smstrack_code(min(message_id), 15)) FROM smstrack.message WHERE campaign = 1};
psql("$opt_out AND NOT test; $opt_out AND NOT test; $opt_out AND test;");
is(psql('SELECT campaign, sum(opt_outs) FROM smstrack.message_tally WHERE opt_outs > 0 GROUP BY campaign'), '1|1', 'an opt-out by link counts once');

# Once a transaction, however many messages.
my $versions = q{SELECT n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relid = 'smstrack.message_tally'::regclass};
psql('SELECT pg_stat_force_next_flush()');
my $writes = psql($versions);
psql("SELECT count(smstrack_rewrite('Hi', '+4915112345678')) FROM generate_series(1, 2000) AS n; SELECT pg_stat_force_next_flush()");
$node->poll_query_until('postgres', "SELECT ($versions) > $writes") or BAIL_OUT('no statistics');
is(psql($versions) - $writes, 1, 'two thousand messages of one key write one row');

# Many at once.
my $script = PostgreSQL::Test::Utils::tempdir() . '/many.sql';
append_to_file($script, <<'SQL');
BEGIN;
SELECT smstrack_rewrite('Hi', (ARRAY['+4915112345678', '+12025550147', '+447700900123'])[1 + :client_id % 3]);
SAVEPOINT a;
SELECT smstrack_rewrite('Hi', '+33612345678');
ROLLBACK TO a;
SELECT smstrack_report(ARRAY[1 + (random() * 300)::bigint], ARRAY['delivered']);
SELECT smstrack_rewrite('Hi', '+4915112345678');
COMMIT;
SQL
my $total = prepared();
$node->command_ok(['pgbench', '-n', '-c', '6', '-t', '40', '-f', $script, 'postgres'], 'six writers at once');
is(prepared(), $total + 480, 'every message of theirs counts');
is(differences(), 0, 'and the sums equal a recount');

crash($node);
is(differences(), 0, 'after a crash too');
psql('CALL smstrack_maintain()');
is(differences(), 0, 'and after upkeep');
is(psql('SELECT count(*) FROM smstrack.message_tally WHERE slot <> 0'), 0, 'which folds the slots');
psql("$prepare DROP EXTENSION smstrack; CREATE EXTENSION smstrack; SELECT smstrack_domain('go.example.com'); $prepare");
is(differences(), 0, 'an extension made anew in the same session');
psql("BEGIN; $prepare DROP EXTENSION smstrack; COMMIT;");
is(psql("SELECT count(*) FROM pg_extension WHERE extname = 'smstrack'"), 0, 'the extension can go in a transaction that prepared messages');

$node->stop;
done_testing();
