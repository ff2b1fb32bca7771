-- Invariants: what must hold in a healthy database, and what to do where it does not. A
-- function each, which gives what is wrong, or NULL.

CREATE FUNCTION smstrack.check_value(key bytea)
RETURNS bytea
AS 'MODULE_PATHNAME', 'smstrack_check_value'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.check_value(bytea) IS 'Gives the check value of a link domain''s secret.';
REVOKE EXECUTE ON FUNCTION smstrack.check_value(bytea) FROM PUBLIC;

CREATE FUNCTION smstrack.is_copy()
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_is_copy'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION smstrack.is_copy() IS
    'Tells whether this database is a copy of the one that gave the last message ids, and has given none itself.';
REVOKE EXECUTE ON FUNCTION smstrack.is_copy() FROM PUBLIC;

CREATE FUNCTION smstrack.check_secrets()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'Wrong or missing for ' || string_agg(w.name, ', ' ORDER BY w.name) || '.'
    FROM (
        SELECT d.host
        FROM smstrack.link_domain AS d
        LEFT JOIN smstrack.secret AS s ON s.link_domain = d.id AND s.version = 1
        WHERE s.key IS NULL OR s.check_value <> smstrack.check_value(s.key) OR d.key_check IS DISTINCT FROM s.check_value
        UNION ALL
        SELECT format('the account "%s"', a.account)
        FROM (SELECT d.account FROM smstrack.link_domain AS d UNION SELECT c.account FROM smstrack.campaign AS c) AS a
        WHERE EXISTS (SELECT FROM smstrack.opt_out AS o WHERE o.account = a.account)
            AND NOT EXISTS (SELECT FROM smstrack.account_secret AS k WHERE k.account = a.account)
    ) AS w (name);
END;
COMMENT ON FUNCTION smstrack.check_secrets() IS
    'Invariant: each link domain has the secret that its codes were made with, each account the key of its opt-outs.';
REVOKE EXECUTE ON FUNCTION smstrack.check_secrets() FROM PUBLIC;

CREATE FUNCTION smstrack.check_message_ids()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('The sequence is at %s, the highest message has %s.', s.last_value, m.highest)
    FROM smstrack.message_id_seq AS s, (SELECT max(message_id) AS highest FROM smstrack.message) AS m
    WHERE m.highest > s.last_value;
END;
COMMENT ON FUNCTION smstrack.check_message_ids() IS 'Invariant: no message has an id that the sequence is still to give.';
REVOKE EXECUTE ON FUNCTION smstrack.check_message_ids() FROM PUBLIC;

CREATE FUNCTION smstrack.check_sequences()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'Behind the greatest id in use: ' || string_agg(s.name, ', ' ORDER BY s.name) || '.'
    FROM (
        SELECT 'link_domain_id_seq', (SELECT last_value FROM smstrack.link_domain_id_seq), (SELECT max(id) FROM smstrack.link_domain)
        UNION ALL
        SELECT 'campaign_id_seq', (SELECT last_value FROM smstrack.campaign_id_seq), (SELECT max(id) FROM smstrack.campaign)
        UNION ALL
        SELECT 'variant_id_seq', (SELECT last_value FROM smstrack.variant_id_seq), (SELECT max(id) FROM smstrack.variant)
        UNION ALL
        SELECT 'launch_id_seq', (SELECT last_value FROM smstrack.launch_id_seq), (SELECT max(id) FROM smstrack.launch)
        UNION ALL
        SELECT 'agent_rule_rule_id_seq', (SELECT last_value FROM smstrack.agent_rule_rule_id_seq), (SELECT max(rule_id) FROM smstrack.agent_rule)
        UNION ALL
        SELECT 'conversion_conversion_id_seq', (SELECT last_value FROM smstrack.conversion_conversion_id_seq), (SELECT max(conversion_id) FROM smstrack.conversion)
        UNION ALL
        SELECT 'link_alias_alias_id_seq', (SELECT last_value FROM smstrack.link_alias_alias_id_seq), (SELECT max(alias_id) FROM smstrack.link_alias)
        UNION ALL
        SELECT 'allotment_id_seq', (SELECT last_value FROM smstrack.allotment_id_seq), (SELECT max(id) FROM smstrack.allotment)
        UNION ALL
        SELECT 'decision_id_seq', (SELECT last_value FROM smstrack.decision_id_seq), (SELECT max(id) FROM smstrack.decision)
    ) AS s (name, last_value, highest)
    WHERE s.highest > s.last_value;
END;
COMMENT ON FUNCTION smstrack.check_sequences() IS 'Invariant: nothing has an id that its sequence is still to give; messages are checked apart.';
REVOKE EXECUTE ON FUNCTION smstrack.check_sequences() FROM PUBLIC;

CREATE FUNCTION smstrack.check_epoch()
RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED
RETURN CASE WHEN smstrack.is_copy() THEN 'The database is a copy, and has prepared nothing yet.' END;
COMMENT ON FUNCTION smstrack.check_epoch() IS 'Invariant: this database has given the last message ids itself.';
REVOKE EXECUTE ON FUNCTION smstrack.check_epoch() FROM PUBLIC;

CREATE FUNCTION smstrack.check_codes()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('Message ids have used up %s %% of the codes of %s.',
                  round(max(s.last_value * 1600.0 / 62::numeric ^ d.code_length::numeric), 1), string_agg(d.host, ', ' ORDER BY d.host))
    FROM smstrack.message_id_seq AS s, smstrack.link_domain AS d
    WHERE d.status = 'active' AND s.last_value * 32.0 > 62::numeric ^ d.code_length::numeric
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION smstrack.check_codes() IS 'Invariant: no active link domain has used half of its codes.';
REVOKE EXECUTE ON FUNCTION smstrack.check_codes() FROM PUBLIC;

CREATE FUNCTION smstrack.check_partitions()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT nullif(concat_ws(' ',
        (SELECT 'There is no partition ' || string_agg(m.name, ', ' ORDER BY m.name) || ', or it is not attached.'
         FROM (SELECT to_char(date_trunc('month', now(), 'UTC') AT TIME ZONE 'UTC' + n * interval '1 month', '"hit_"YYYY_MM')
               FROM generate_series(0, 2) AS n) AS m (name)
         WHERE EXISTS (SELECT FROM smstrack.link_domain)
             AND NOT EXISTS (SELECT FROM pg_inherits AS i
                             WHERE i.inhrelid = to_regclass('smstrack.' || m.name) AND i.inhparent = 'smstrack.hit'::regclass)),
        (SELECT 'Without a unique index a request counts each time it comes in ' || string_agg(i.inhrelid::regclass::text, ', ' ORDER BY i.inhrelid) || '.'
         FROM pg_inherits AS i
         WHERE i.inhparent = 'smstrack.hit'::regclass
             AND NOT EXISTS (SELECT FROM pg_index AS x WHERE x.indrelid = i.inhrelid AND x.indisunique AND x.indisvalid))), '');
END;
COMMENT ON FUNCTION smstrack.check_partitions() IS
    'Invariant: smstrack.hit has partitions for this month and the next two, and each counts a request once.';
REVOKE EXECUTE ON FUNCTION smstrack.check_partitions() FROM PUBLIC;

CREATE FUNCTION smstrack.check_triggers()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'Switched off: ' || string_agg(format('%s of %s', t.tgname, t.tgrelid::regclass), ', ' ORDER BY t.tgname) || '.'
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'smstrack'::regnamespace AND NOT t.tgisinternal AND t.tgenabled NOT IN ('O', 'A');
END;
COMMENT ON FUNCTION smstrack.check_triggers() IS 'Invariant: what guards campaigns, link domains and prices is switched on.';
REVOKE EXECUTE ON FUNCTION smstrack.check_triggers() FROM PUBLIC;

CREATE FUNCTION smstrack.check_strays()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s hits from %s to %s are in smstrack.hit_default.', count(*), min(h.at), max(h.at))
    FROM smstrack.hit_default AS h
    WHERE h.at >= smstrack.hits_kept_since() AND h.at < now() + interval '1 month'
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION smstrack.check_strays() IS 'Invariant: hits are in the partition of their month.';
REVOKE EXECUTE ON FUNCTION smstrack.check_strays() FROM PUBLIC;

CREATE FUNCTION smstrack.check_leases()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN count(*) FILTER (WHERE o.leased_until < now()) > 0
               THEN format('%s messages were taken, and are not reported since %s.',
                           count(*) FILTER (WHERE o.leased_until < now()), min(o.leased_until))
               ELSE format('%s messages are taken for more than a month, one until %s.', count(*), max(o.leased_until)) END
    FROM smstrack.outbox AS o
    WHERE o.leased_until > '-infinity'
        AND (o.leased_until < now() - interval '1 hour' OR o.leased_until > now() + interval '1 month')
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION smstrack.check_leases() IS
    'Invariant: who takes messages reports them, or others take them again before long.';
REVOKE EXECUTE ON FUNCTION smstrack.check_leases() FROM PUBLIC;

-- An empty report is live, as before the first refresh and after a restore.
CREATE FUNCTION smstrack.check_refresh()
RETURNS text
LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format(CASE WHEN min(l.refreshed_at) < now() THEN 'The oldest report is of %s, %s ago.'
                       ELSE 'Reports are of %s, which is still to come.' END,
                  min(l.refreshed_at), date_trunc('second', now() - min(l.refreshed_at)))
    FROM (SELECT max(r.started_at) AS refreshed_at FROM smstrack.refresh_log AS r GROUP BY r.report) AS l
    WHERE (l.refreshed_at < now() - interval '1 day' OR l.refreshed_at > clock_timestamp())
        AND EXISTS (SELECT FROM smstrack.campaign_cache)
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION smstrack.check_refresh() IS 'Invariant: materialized reports were refreshed within a day.';
REVOKE EXECUTE ON FUNCTION smstrack.check_refresh() FROM PUBLIC;

-- What PUBLIC may do by now and could not when the extension was made; whoever may read or
-- write what nobody but the owner is to see, a column of it too; and where accounts are not
-- kept apart.
CREATE FUNCTION smstrack.check_privileges()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH member AS (
        SELECT d.classid, d.objid
        FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'smstrack'
    ), granted AS (
        SELECT p.oid::regprocedure::text AS object, p.proowner AS owner, a.grantee, a.privilege_type,
               acldefault('f', p.proowner) AS usual, m.classid, m.objid, 0 AS part, false AS closed
        FROM member AS m
        JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
        CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        UNION ALL
        SELECT c.oid::regclass || x.name, c.relowner, a.grantee, a.privilege_type, NULL, 'pg_class'::regclass, c.oid, x.part,
               c.relname ~ '^(secret|account_secret|source_key|message|hit|hit_default|hit_[0-9]{4}_[0-9]{2}|user_agent|outbox|opt_out|conversion|conversion_candidate|reversal|clicker|trial|idempotency)$'
        FROM pg_class AS c
        CROSS JOIN LATERAL (
            SELECT 0, '', c.relacl
            UNION ALL
            SELECT t.attnum, format('.%I', t.attname), t.attacl
            FROM pg_attribute AS t
            WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL
        ) AS x (part, name, acl)
        CROSS JOIN LATERAL aclexplode(x.acl) AS a
        WHERE c.relnamespace = 'smstrack'::regnamespace
        UNION ALL
        SELECT 'the schema ' || n.nspname, n.nspowner, a.grantee, a.privilege_type, NULL, 'pg_namespace'::regclass, n.oid, 0, false
        FROM pg_namespace AS n
        CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
        WHERE n.nspname = 'smstrack'
    ), open AS (
        SELECT string_agg(c.relname, ', ' ORDER BY c.relname) AS tables
        FROM pg_class AS c
        WHERE c.relnamespace = 'smstrack'::regnamespace
            AND c.relname ~ '^(link_domain|campaign|price|goal|variant|launch|launch_skip|target_history|campaign_recipient|link_alias|tally|message_tally|conversion_tally|experiment|allotment|decision)$'
            AND (NOT c.relrowsecurity
                 OR NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'own_account'))
    ), given AS (
        SELECT string_agg(format('%s may %s %s', CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
                                 g.privilege_type, g.object), '; ' ORDER BY g.object, g.privilege_type) AS rights
        FROM granted AS g
        WHERE g.grantee <> g.owner
            AND (g.closed
                 OR g.grantee = 0 AND NOT EXISTS (
                     SELECT FROM aclexplode(coalesce((SELECT i.initprivs FROM pg_init_privs AS i
                                                      WHERE i.classoid = g.classid AND i.objoid = g.objid AND i.objsubid = g.part), g.usual)) AS a
                     WHERE a.grantee = 0 AND a.privilege_type = g.privilege_type))
    )
    SELECT nullif(concat_ws(' ', g.rights || '.', 'Accounts see each other''s rows of ' || o.tables || '.'), '')
    FROM given AS g, open AS o;
END;
COMMENT ON FUNCTION smstrack.check_privileges() IS
    'Invariant: PUBLIC has no right that the extension did not give it, nobody but the owner has one on tables of persons and secrets, and tables show each account its own rows.';
REVOKE EXECUTE ON FUNCTION smstrack.check_privileges() FROM PUBLIC;

CREATE FUNCTION smstrack.check_marks()
RETURNS text
LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    WITH sample AS (
        SELECT m.*
        FROM smstrack.message AS m TABLESAMPLE SYSTEM (
            (SELECT least(100, 1000 * 100 / greatest(c.reltuples, 1)) FROM pg_class AS c WHERE c.oid = 'smstrack.message'::regclass))
        WHERE m.created_at >= smstrack.hits_kept_since()
        LIMIT 10000
    ), told AS (
        SELECT h.message_id,
               coalesce(bit_or(1 << h."position") FILTER (WHERE h.class = 'v'), 0) AS viewed,
               coalesce(bit_or(1 << h."position") FILTER (WHERE h.class = 'c'), 0) AS clicked,
               min(h.at) FILTER (WHERE h.class = 'v') AS first_view_at,
               min(h.at) FILTER (WHERE h.class = 'c') AS first_click_at
        FROM smstrack.hit AS h
        WHERE h.message_id = ANY (ARRAY(SELECT m.message_id FROM sample AS m))
        GROUP BY h.message_id
    )
    SELECT format('%s of %s messages looked at say something else than their hits, such as %s.',
                  count(*) FILTER (WHERE s.wrong), count(*), min(s.message_id) FILTER (WHERE s.wrong))
    FROM (
        SELECT m.message_id,
               (m.viewed_links, m.clicked_links, m.first_view_at, m.first_click_at)
                   IS DISTINCT FROM (coalesce(h.viewed, 0), coalesce(h.clicked, 0), h.first_view_at, h.first_click_at) AS wrong
        FROM sample AS m
        LEFT JOIN told AS h ON h.message_id = m.message_id
    ) AS s
    HAVING count(*) FILTER (WHERE s.wrong) > 0;
END;
COMMENT ON FUNCTION smstrack.check_marks() IS 'Invariant, on a sample: a message says of views and clicks what its hits say.';
REVOKE EXECUTE ON FUNCTION smstrack.check_marks() FROM PUBLIC;

-- The grains of one variant must agree with each other, and the last quarters of an hour
-- with the hits.
CREATE FUNCTION smstrack.check_tally()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH grain AS (
        SELECT t.link_domain, t.campaign, t.variant, t.grain,
               CASE WHEN t.grain <> 'c' THEN ARRAY[sum(t.views), sum(t.clicks), sum(t.bots)] END AS hits,
               CASE WHEN t.grain IN ('q', 'c') THEN ARRAY[sum(t.viewers), sum(t.clickers)] END AS firsts
        FROM smstrack.tally AS t
        GROUP BY t.link_domain, t.campaign, t.variant, t.grain
    ), sample AS (
        SELECT DISTINCT t.part
        FROM smstrack.tally AS t
        WHERE t.grain = 'q' AND to_timestamp(t.part * 900) >= smstrack.hits_kept_since() AND isfinite(to_timestamp(t.part * 900))
        ORDER BY t.part DESC
        LIMIT 4
    ), kept AS (
        SELECT t.link_domain, t.campaign, t.variant, t.part,
               sum(t.views)::bigint AS views, sum(t.clicks)::bigint AS clicks, sum(t.bots)::bigint AS bots
        FROM smstrack.tally AS t
        JOIN sample AS s ON s.part = t.part
        WHERE t.grain = 'q'
        GROUP BY t.link_domain, t.campaign, t.variant, t.part
    ), counted AS (
        SELECT m.link_domain, coalesce(m.campaign, 0) AS campaign, coalesce(m.variant, 0) AS variant,
               floor(extract(epoch FROM h.at) / 900)::bigint AS part,
               count(*) FILTER (WHERE h.class = 'v') AS views,
               count(*) FILTER (WHERE h.class = 'c') AS clicks,
               count(*) FILTER (WHERE h.class = 'b') AS bots
        FROM smstrack.hit AS h
        JOIN smstrack.message AS m ON m.message_id = h.message_id
        WHERE NOT m.test
            AND h.at >= (SELECT to_timestamp(min(s.part) * 900) FROM sample AS s)
            AND h.at < (SELECT to_timestamp(max(s.part) * 900 + 900) FROM sample AS s)
        GROUP BY m.link_domain, coalesce(m.campaign, 0), coalesce(m.variant, 0), floor(extract(epoch FROM h.at) / 900)
    ), wrong AS (
        SELECT g.link_domain, g.campaign, g.variant
        FROM grain AS g
        GROUP BY g.link_domain, g.campaign, g.variant
        HAVING count(DISTINCT g.hits) > 1 OR count(DISTINCT g.firsts) > 1
        UNION
        SELECT link_domain, campaign, variant
        FROM kept AS k
        FULL JOIN (SELECT c.* FROM counted AS c JOIN sample AS s ON s.part = c.part) AS c
            USING (link_domain, campaign, variant, part)
        WHERE (coalesce(k.views, 0), coalesce(k.clicks, 0), coalesce(k.bots, 0))
            <> (coalesce(c.views, 0), coalesce(c.clicks, 0), coalesce(c.bots, 0))
    )
    SELECT format('%s variants are counted wrong, such as link domain %s, campaign %s, variant %s.',
                  count(*), min(w.link_domain), min(w.campaign), min(w.variant))
    FROM wrong AS w
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION smstrack.check_tally() IS
    'Invariant: the grains of smstrack.tally agree, and its last four quarters of an hour equal a recount.';
REVOKE EXECUTE ON FUNCTION smstrack.check_tally() FROM PUBLIC;

CREATE FUNCTION smstrack.check_conversion_tally()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s sums of conversions are wrong, such as of link domain %s, campaign %s, variant %s.',
                  count(*), min(d.link_domain), min(d.campaign), min(d.variant))
    FROM smstrack.conversion_tally_difference AS d
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION smstrack.check_conversion_tally() IS
    'Invariant: smstrack.conversion_tally equals what the ledger says; conversions are few.';
REVOKE EXECUTE ON FUNCTION smstrack.check_conversion_tally() FROM PUBLIC;

CREATE FUNCTION smstrack.check_message_tally()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s sums are wrong, such as link domain %s, campaign %s, variant %s.',
                  count(*), min(d.link_domain), min(d.campaign), min(d.variant))
    FROM smstrack.message_tally_difference AS d
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION smstrack.check_message_tally() IS 'Invariant: smstrack.message_tally equals a recount of the messages.';
REVOKE EXECUTE ON FUNCTION smstrack.check_message_tally() FROM PUBLIC;

CREATE TYPE smstrack.checked AS (
    name text,
    ok boolean,
    detail text,
    advice text
);
COMMENT ON TYPE smstrack.checked IS 'What smstrack_check gives: one invariant.';
COMMENT ON COLUMN smstrack.checked.name IS 'Invariant.';
COMMENT ON COLUMN smstrack.checked.ok IS 'Whether it holds.';
COMMENT ON COLUMN smstrack.checked.detail IS 'What is wrong; NULL where it holds.';
COMMENT ON COLUMN smstrack.checked.advice IS 'What to do; NULL where it holds.';

CREATE FUNCTION @extschema@.smstrack_check()
RETURNS SETOF smstrack.checked
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 15
SECURITY DEFINER -- who watches over the database may not read persons and secrets
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT c.name, c.wrong IS NULL, c.wrong, CASE WHEN c.wrong IS NOT NULL THEN c.advice END
    FROM (VALUES
        ('secrets', smstrack.check_secrets(), 'Restore smstrack.secret, or of an account smstrack.account_secret, from the backup that the codes or opt-outs are of; make no new one.'),
        ('message ids', smstrack.check_message_ids(), 'Before anything is prepared: SELECT smstrack.jump_message_ids().'),
        ('sequences', smstrack.check_sequences(), 'SELECT smstrack.advance_sequences().'),
        ('epoch', smstrack.check_epoch(), 'Nothing: ids jump before the first is given. If this is meant to be the original, find out what it was copied from.'),
        ('codes', smstrack.check_codes(), 'Give the link domain longer codes: SELECT smstrack_domain(host, code_length => 9).'),
        ('partitions', smstrack.check_partitions(), 'CALL smstrack_maintain(), and schedule it. It makes none beside a table of that name: ALTER TABLE smstrack.hit ATTACH PARTITION it, or rename it. An index: CREATE UNIQUE INDEX ON the month (message_id, request_id).'),
        ('triggers', smstrack.check_triggers(), 'ALTER TABLE ... ENABLE TRIGGER ALL; a restore with --disable-triggers that was cut off leaves them so.'),
        ('strays', smstrack.check_strays(), 'CALL smstrack_maintain(), and schedule it.'),
        ('tally', smstrack.check_tally(), 'Look at smstrack.tally_difference, and report it as a bug.'),
        ('message tally', smstrack.check_message_tally(), 'Look at smstrack.message_tally_difference, and report it as a bug.'),
        ('conversion tally', smstrack.check_conversion_tally(), 'Look at smstrack.conversion_tally_difference, and report it as a bug.'),
        ('messages and hits', smstrack.check_marks(), 'Compare smstrack.message with smstrack.hit, and report it as a bug.'),
        ('leases', smstrack.check_leases(), 'Find out why the sender does not call smstrack_report; others take them by smstrack_take. If a clock was ahead: UPDATE smstrack.outbox SET leased_until = now() WHERE leased_until > now().'),
        ('refresh', smstrack.check_refresh(), 'SELECT smstrack_refresh(), and schedule it.'),
        ('privileges', smstrack.check_privileges(), 'Revoke it; grant by smstrack_grant. Of tables that show other accounts'' rows, switch row security on, with the policy own_account of the extension''s script.')
    ) AS c (name, wrong, advice);
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_check() IS
    'Checks the invariants of the extension, some on samples: one row each, with what to do where one does not hold.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_check() FROM PUBLIC;
