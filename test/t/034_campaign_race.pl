# Sessions that launch a campaign and sessions that write single messages of it, all at once:
# nobody gets two.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('campaign_race');
$node->safe_psql('postgres', <<'SQL');
SELECT smstrack_domain('go.example.com');
SELECT smstrack_campaign('spring', 'Hi {{name}}: https://shop.example/{{name}}');
INSERT INTO smstrack.variant (campaign, name, body) SELECT id, 'B', 'B {{name}}' FROM smstrack.campaign;
CREATE TABLE audience AS SELECT '+4915' || lpad(n::text, 8, '0') AS recipient, 'Name ' || n AS name FROM generate_series(1, 3000) AS n;
SQL

my $single = <<'SQL';
\set r random(1, 3000)
SELECT smstrack_rewrite(NULL, '+4915' || lpad(:r::text, 8, '0'), campaign => 'spring', fields => '{"name": "Ana"}', skip => true);
SQL
my $own = <<'SQL';
\set r random(1, 3000)
SELECT smstrack_rewrite('Own', '+4915' || lpad(:r::text, 8, '0'), campaign => 'spring', skip => true);
SQL
my $launch = q(SELECT prepared FROM smstrack_launch('spring', 'audience', max_recipients => 100););
$node->pgbench('--no-vacuum --client=6 --transactions=150', 0, [qr/processed: 900\/900/], [qr/^$/], 'no session fails',
    { 'single@20' => $single, 'own@10' => $own, 'launch@1' => $launch });

my ($messages, $recipients, $noted, $launched, $launches) = split /\|/, $node->safe_psql('postgres', <<'SQL');
SELECT count(*), count(DISTINCT recipient), (SELECT count(*) FROM smstrack.campaign_recipient),
       (SELECT sum(prepared) FROM smstrack.launch), (SELECT count(*) FROM smstrack.launch) FROM smstrack.message
SQL
cmp_ok($launches, '>', 5, "$launches launches");
cmp_ok($noted, '>', 100, "$noted messages by themselves");
is($messages, $noted + $launched, 'every message is one of either');
is($recipients, $messages, 'nobody has two');

$node->stop;
done_testing();
