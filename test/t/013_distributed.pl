# Tables that Citus has distributed are empty shells of rows on other nodes: nothing is read
# or written straight in the heap. An extension of that name, which notes tables as Citus does
# and moves nothing, shows that the plans do the same. 017_citus.pl is on a real cluster.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

chomp(my $share = `$ENV{PG_CONFIG} --sharedir`);
my $control = "$share/extension/citus.control";
plan skip_all => 'Citus is installed, or cannot be played' if -e $control || !-w "$share/extension";
append_to_file($control, "default_version = '1'\nrelocatable = true\n");
append_to_file("$share/extension/citus--1.sql", <<'SQL');
CREATE TABLE pg_dist_partition (logicalrelid regclass);
ALTER TABLE pg_dist_partition SET SCHEMA pg_catalog;
CREATE TABLE pg_dist_local_group (groupid integer);
ALTER TABLE pg_dist_local_group SET SCHEMA pg_catalog;
CREATE FUNCTION pg_catalog.get_shard_id_for_distribution_column(relation regclass, value anyelement)
RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 5 - value::bigint % 4';
CREATE FUNCTION pg_catalog.run_command_on_shards(relation regclass, command text)
RETURNS TABLE (shardid bigint, success boolean, result text) LANGUAGE plpgsql AS
'BEGIN EXECUTE format(command, relation) INTO result; shardid := 1; success := true; RETURN NEXT; END';
CREATE FUNCTION note_truncate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SQL
END { unlink $control, "$share/extension/citus--1.sql" if $control && $share && -e "$share/extension/citus--1.sql" }

my $node = new_node('distributed');
$node->safe_psql('postgres', 'CREATE EXTENSION citus');
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
INSERT INTO pg_dist_partition SELECT 'smstrack.message'::regclass UNION SELECT 'smstrack.outbox' UNION SELECT relid FROM pg_partition_tree('smstrack.hit');
SELECT format('CREATE TRIGGER truncate_trigger AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION note_truncate()', logicalrelid) FROM pg_dist_partition \gexec
SELECT smstrack_rewrite('https://a.example/ https://b.example/', '+4915112345' || n) FROM generate_series(100, 199) AS n;
SQL
my $phone = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36';
my $hits = sub {
    my ($where) = @_;
    return $node->safe_psql('postgres', <<"SQL");
SELECT status, class, count(*) FROM smstrack_hit_batch(
    ARRAY(SELECT smstrack_code(message_id) FROM smstrack.message WHERE $where ORDER BY message_id),
    user_agents => ARRAY(SELECT '$phone'::text FROM smstrack.message WHERE $where),
    request_ids => ARRAY(SELECT ('00000000-0000-4000-8000-' || lpad(message_id::text, 12, '0'))::uuid FROM smstrack.message WHERE $where ORDER BY message_id))
GROUP BY 1, 2
SQL
};
is($hits->('true'), 'found|click|100', 'a batch is recorded');
is($hits->('true'), 'found|click|100', 'and answered when it comes again');
my $state = q{SELECT (SELECT count(*) FROM smstrack.hit WHERE class = 'c'), (SELECT count(*) FROM smstrack.message WHERE first_click_at IS NOT NULL AND clicked_links = 1), (SELECT count(*) FROM smstrack.tally_difference)};
is($node->safe_psql('postgres', $state), '100|100|0', 'once, with marks and tallies');
$node->safe_psql('postgres', q{INSERT INTO smstrack.agent_rule (pattern, class) VALUES ('pixel', 'bot'); SELECT smstrack_reclassify('-infinity')});
is($node->safe_psql('postgres', $state), '0|0|0', 'judged again, marks and tallies follow');
$node->safe_psql('postgres', q{DELETE FROM smstrack.agent_rule; SELECT smstrack_reclassify('-infinity')});
is($node->safe_psql('postgres', $state), '100|100|0', 'and back');
is($node->safe_psql('postgres', q{SELECT count(*) FROM smstrack_resolve(smstrack_code(5)) WHERE status = 'found'}), '1', 'codes resolve');
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_campaign('spring', 'Hi {{name}}: https://shop.example.com/');
CREATE TABLE customer AS SELECT '+49151124' || n AS recipient, 'n' || n AS name FROM generate_series(10000, 12999) AS n;
SQL
is($node->safe_psql('postgres', q{SELECT prepared FROM smstrack_launch('spring', 'customer')}), '3000', 'a campaign is launched');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT message_id) FROM smstrack_take('spring', 1000)}), '1000|1000', 'taken');
is($node->safe_psql('postgres', q{SELECT smstrack_report(array_agg(message_id), array_agg('delivered'::text)) FROM smstrack.outbox WHERE takes = 1}), '1000', 'reported');
is($node->safe_psql('postgres', q{SELECT count(*), sum(takes) FROM smstrack.outbox}), '2000|0', 'and out of the outbox');
is($node->safe_psql('postgres', q{SELECT smstrack_rewrite(NULL, '+4915112412999', campaign => 'spring', fields => '{"name": "x"}', skip => true) IS NULL}), 't',
    'whom the launch wrote to gets no other message');
is($node->safe_psql('postgres', q{SELECT smstrack_convert_recipient('+4915112345100', 'order', 'A-1', 10, 'EUR')}), 't', 'a conversion finds its click');
is($node->safe_psql('postgres', q{SELECT smstrack_attribute('-infinity'), count(*) FROM smstrack.message WHERE first_conversion_at IS NOT NULL}), '0|1', 'and keeps it');
is($node->safe_psql('postgres', q{SELECT messages, hits FROM smstrack_forget('+4915112345101')}), '1|1', 'a recipient is forgotten');
$node->safe_psql('postgres', 'CALL smstrack_maintain()');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM smstrack.tally_difference), (SELECT count(*) FROM smstrack.message_tally_difference), (SELECT count(*) FROM smstrack.conversion_tally_difference)}),
    '0|0|0', 'sums equal a recount');
$node->stop;
done_testing();
