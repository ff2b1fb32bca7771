# Where Citus is installed, tables may be empty shells of rows on other nodes: nothing is read
# or written straight in the heap. An extension of that name, which does nothing, shows that
# the plans do the same.
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
append_to_file("$share/extension/citus--1.sql", "SELECT 1;\n");
END { unlink $control, "$share/extension/citus--1.sql" if $control && $share && -e "$share/extension/citus--1.sql" }

my $node = new_node('distributed');
$node->safe_psql('postgres', 'CREATE EXTENSION citus');
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
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
$node->safe_psql('postgres', 'CALL smstrack_maintain()');
$node->stop;
done_testing();
