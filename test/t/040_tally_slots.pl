# Sums that are written with each hit and conversion: a long transaction costs as much at
# its end as at its begin, whatever statistics say, and a prepared one does not stop the
# session that it is of.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('slots');
$node->append_conf('postgresql.conf', "max_prepared_transactions = 4\n");
$node->restart;
my $phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

sub sql { return $node->safe_psql('postgres', $_[0]); }

sql(<<"SQL");
SELECT smstrack_domain('go.example.com');
CREATE TABLE prepared AS SELECT n, m.message_id
FROM generate_series(1, 4000) AS n, smstrack_prepare('https://shop.example/', '+49151' || lpad(n::text, 7, '0')) AS m;
CREATE TABLE sent AS SELECT n, smstrack_code(message_id, 0) AS code FROM prepared;
CREATE TABLE click (n integer, token text);
-- what a statement touches in the buffers, those of the functions that it calls too
CREATE FUNCTION touched(query text) RETURNS bigint LANGUAGE plpgsql AS \$\$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || query INTO plan;
    RETURN plan->0->'Plan'->>'Shared Hit Blocks';
END
\$\$;
CREATE FUNCTION hits(first integer) RETURNS bigint LANGUAGE sql AS
    \$\$SELECT touched(format(\$q\$INSERT INTO click SELECT n, h.token FROM sent, smstrack_hit(code, user_agent => '$phone') AS h WHERE n > %s AND n <= %s\$q\$, first, first + 500))\$\$;
CREATE FUNCTION conversions(first integer) RETURNS bigint LANGUAGE sql AS
    \$\$SELECT touched(format(\$q\$SELECT smstrack_convert(token, 'order', n::text, 1, 'EUR') FROM click WHERE n > %s AND n <= %s\$q\$, first, first + 500))\$\$;
SQL

# In one transaction each: 500 by 500, the first of which also read into caches.
for my $what ('hits', 'conversions') {
    my ($first, @rest) = split /\n/, sql("BEGIN; SELECT $what(500 * i) FROM generate_series(0, 7) AS i; COMMIT");
    cmp_ok($rest[-1], '<', 2 * $first, "the last of 4,000 $what in one transaction cost no more than the first: $first, @rest buffers");
}
is(sql('SELECT sum(clicks) FROM smstrack.position_tally'), 4000, 'all are counted');
is(sql('SELECT sum(conversions), count(*) FROM smstrack.conversion_position_tally'), '4000|1', 'in one row of the view');
is(sql(<<'SQL'), "0\n0", 'sums of conversions equal a recount inside a transaction too');
BEGIN;
SELECT count(*) FROM smstrack.conversion_tally_difference WHERE (SELECT bool_and(smstrack_reverse('order', n::text)) FROM sent WHERE n <= 200);
SELECT count(*) FROM smstrack.conversion_tally_difference;
COMMIT;
SQL
sql('CALL smstrack_maintain()');
is(sql('SELECT count(*) FROM smstrack.tally WHERE slot <> 0 UNION ALL SELECT count(*) FROM smstrack.conversion_tally WHERE slot <> 0'), "0\n0", 'upkeep folds what they were spread over');

# As after a launch that was undone: statistics say that there is no message.
my ($first) = split /\n/, sql(q{BEGIN; SELECT touched($$SELECT smstrack_convert(token, 'known statistics') FROM click WHERE n <= 500$$); ROLLBACK});
sql("UPDATE pg_class SET reltuples = 0, relpages = pg_relation_size(oid) / 8192 WHERE oid IN ('smstrack.message'::regclass, 'smstrack.message_pkey'::regclass)");
my ($misled) = split /\n/, sql(q{SELECT touched($$SELECT smstrack_convert(token, 'no statistics') FROM click WHERE n <= 500$$)});
cmp_ok($misled, '<', 2 * $first, "wrong statistics do not lead to reading all messages for each conversion: $first, $misled buffers");

# Prepared transactions of one session. Orders share 256 locks by a hash: these have names,
# and with them always the same ones, for without one the hash is of the click's time.
my $prepare = sub {
    my ($n) = @_;
    return "BEGIN; SELECT count(*) FROM smstrack_hit((SELECT code FROM sent WHERE n = $n), user_agent => '$phone'); "
        . "SELECT smstrack_convert(token, 'visit', 'p$n') FROM click WHERE n = $n; PREPARE TRANSACTION 'p$n'; ";
};
is(sql("SET statement_timeout = '10s'; " . join('', map { $prepare->($_) } 1 .. 3)), "1\nt\n1\nt\n1\nt", 'a session goes on while its transactions are prepared');
sql("COMMIT PREPARED 'p$_'") for (2, 1, 3);
is(sql("SELECT sum(conversions) FROM smstrack.conversion_position_tally WHERE goal = 'visit'"), 3, 'which are counted when they commit');
is(sql('SELECT count(*) FROM smstrack.conversion_tally_difference'), 0, 'exactly');

$node->stop;
done_testing();
