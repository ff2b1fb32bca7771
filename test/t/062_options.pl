# Settings that a superuser gives a role stay, whatever the role's own connection asks for
# before the library is loaded: the account above all, which rows are judged by.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('options');
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE tenant LOGIN;
CREATE ROLE chooser LOGIN;
ALTER ROLE tenant SET smstrack.account = 'tenant';
ALTER ROLE chooser SET smstrack.account = 'tenant';
GRANT SET ON PARAMETER smstrack.account TO chooser;
ALTER DATABASE postgres SET smstrack.hit_address = 'none';
SELECT smstrack_grant(r, 'admin') FROM unnest('{tenant,chooser}'::regrole[]) AS r;
SELECT smstrack_domain('go.example.com');
SELECT smstrack_campaign('of the default account', 'Hi https://a.example/');
SET smstrack.account = 'tenant';
SELECT smstrack_campaign('of the tenant', 'Hi https://a.example/');
SQL

# Gives what a role sees that connects with these options: names of campaigns.
sub seen {
    my ($role, $options, $sql) = @_;
    my $connection = $node->connstr('postgres') . " user=$role" . ($options ? " options='$options'" : '');
    my ($status, $out, $err) = $node->psql('postgres', $sql // 'SELECT name FROM smstrack.campaign ORDER BY 1', connstr => $connection);
    return $out eq '' ? $err : $out;
}

my $refused = qr/FATAL: +permission denied to set parameter "smstrack\.(account|hit_address)"/;
is(seen('tenant'), 'of the tenant', 'a role sees what its account has');
like(seen('tenant', "-c smstrack.account=$_"), $refused, "asked for as an option, the account \"$_\" is refused") for 'default', 'other';
unlike(seen('tenant', "-c smstrack.account=default", 'SELECT 1; SELECT name FROM smstrack.campaign'), qr/of the default/, 'whenever the library is loaded');
is(seen('tenant', undef, q{SET smstrack.account = 'default'; SELECT name FROM smstrack.campaign}), 'of the tenant', 'a SET from before the library is loaded does nothing');
like(seen('tenant', '-c smstrack.account='), $refused, 'an empty account is refused');
like(seen('tenant', "-c smstrack.hit_address=$_", 'SELECT smstrack.current_account()'), $refused, "smstrack.hit_address=$_ is refused too") for 'full', 'truncated';
is(seen('tenant', '-c smstrack.calling_code=49', q{SELECT smstrack_e164('0151 23456789')}), '+4915123456789', 'what anybody may set can be asked for');
is(seen('chooser', '-c smstrack.account=default'), 'of the default account', 'so can the account by whom it was granted to');
is(seen(scalar getpwuid($<), '-c smstrack.account=tenant', 'SELECT smstrack.current_account()'), 'tenant', 'and by a superuser');

$node->stop;
done_testing();
