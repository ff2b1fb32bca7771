-- The same reports materialized: *_cache holds what the live views said at the last
-- smstrack_refresh, of all accounts; *_report shows the session's account of it. A
-- materialized view has no row security, so that nobody but the owner reads it itself.
--
-- They are not registered for dumps: a dump would refresh them, and so would pg_upgrade,
-- which fails at it. Where one is empty (before the first refresh, after a restore) its
-- report shows what the live view says.
--
-- Columns and comments are those of the live views. Each has a unique index over columns
-- that are never NULL: rows that have not changed are found by it, and left alone. One
-- column is always NULL: REFRESH looks for duplicates among rows without a NULL, by sorting
-- all of them, where the index finds them anyway.
DO $$
DECLARE
    part record;
    live regclass;
    columns text;
    keys text;
    key_columns text;
    described record;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            -- report, what its rows are told apart by beside account and campaign, and what of that may be NULL
            ('campaign', '{currency}'::text[], '{currency}'::text[]),
            ('variant', '{variant_id,currency}', '{currency}'),
            ('funnel', '{step_number}', '{}'),
            ('link', '{variant_id,position}', '{}'),
            ('timeline', '{at}', '{}'),
            ('device', '{os,device}', '{}'),
            ('country', '{country}', '{country}'),
            ('conversion', '{goal,currency,source}', '{currency}'),
            ('cost', '{country,currency}', '{country,currency}')
        ) AS r (name, keys, nullable)
    LOOP
        live := format('smstrack.%I', part.name || '_live')::regclass;
        SELECT string_agg(format('l.%I', a.attname), ', ' ORDER BY a.attnum) INTO columns
        FROM pg_attribute AS a WHERE a.attrelid = live AND a.attnum > 0;
        SELECT string_agg(format('%I', CASE WHEN k = ANY (part.nullable) THEN k || '_key' ELSE k END), ', ' ORDER BY n)
        INTO keys FROM unnest(part.keys) WITH ORDINALITY AS u (k, n);
        SELECT coalesce(string_agg(format(', coalesce(l.%I, %L) AS %I', k, '', k || '_key'), '' ORDER BY n), '')
        INTO key_columns FROM unnest(part.nullable) WITH ORDINALITY AS u (k, n);

        EXECUTE format('CREATE MATERIALIZED VIEW smstrack.%I AS SELECT %s%s, NULL::boolean AS unchecked FROM %s AS l WITH DATA',
                       part.name || '_cache', columns, key_columns, live);
        EXECUTE format('CREATE UNIQUE INDEX %I ON smstrack.%I (account, campaign_id, %s)',
                       part.name || '_cache_idx', part.name || '_cache', keys);
        EXECUTE format('CREATE VIEW smstrack.%1$I WITH (security_barrier = true) AS '
                       'SELECT %2$s FROM ('
                       'SELECT %2$s FROM smstrack.%3$I AS l UNION ALL '
                       'SELECT %2$s FROM %4$s AS l WHERE NOT EXISTS (SELECT FROM smstrack.%3$I)) AS l '
                       'WHERE (SELECT smstrack.sees_all_accounts()) OR l.account = smstrack.current_account()',
                       part.name || '_report', columns, part.name || '_cache', live);

        EXECUTE format('COMMENT ON MATERIALIZED VIEW smstrack.%I IS %L', part.name || '_cache',
                       format('What %s said at the last smstrack_refresh, of all accounts.', live));
        EXECUTE format('COMMENT ON VIEW smstrack.%I IS %L', part.name || '_report',
                       obj_description(live, 'pg_class') || ' As of the last smstrack_refresh; live before the first one.');
        FOR described IN
            SELECT a.attname, col_description(live, l.attnum) AS meaning
            FROM pg_attribute AS a
            LEFT JOIN pg_attribute AS l ON l.attrelid = live AND l.attname = a.attname
            WHERE a.attrelid = format('smstrack.%I', part.name || '_cache')::regclass AND a.attnum > 0
        LOOP
            EXECUTE format('COMMENT ON COLUMN smstrack.%I.%I IS %L', part.name || '_cache', described.attname,
                           CASE WHEN described.meaning IS NOT NULL THEN format('As in %s.', live)
                                WHEN described.attname = 'unchecked' THEN 'Always NULL.'
                                ELSE 'The same without NULL, for the index.' END);
            CONTINUE WHEN described.meaning IS NULL;
            EXECUTE format('COMMENT ON COLUMN smstrack.%I.%I IS %L', part.name || '_report', described.attname,
                           replace(described.meaning, '_live', '_report'));
        END LOOP;
    END LOOP;
END
$$;

CREATE TABLE smstrack.refresh_log (
    report text NOT NULL,
    started_at timestamptz NOT NULL,
    duration interval NOT NULL,
    rows bigint NOT NULL,
    CONSTRAINT refresh_log_pkey PRIMARY KEY (report, started_at)
);
COMMENT ON TABLE smstrack.refresh_log IS
    'When smstrack_refresh refreshed which report; kept for 30 days, the last time for ever.';
COMMENT ON COLUMN smstrack.refresh_log.report IS 'Report, such as campaign_report.';
COMMENT ON COLUMN smstrack.refresh_log.started_at IS
    'When its refresh began; at REPEATABLE READ and above, its transaction: it has what was committed before.';
COMMENT ON COLUMN smstrack.refresh_log.duration IS 'How long that took.';
COMMENT ON COLUMN smstrack.refresh_log.rows IS 'Rows that it had then, of all accounts.';

CREATE FUNCTION @extschema@.smstrack_refresh()
RETURNS SETOF smstrack.refresh_log
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
SECURITY DEFINER -- refreshing takes the owner of the materialized views
SET search_path = pg_catalog, pg_temp
SET work_mem = '64MB'
AS $$
DECLARE
    called_at CONSTANT timestamptz := clock_timestamp();
    -- above READ COMMITTED all is read as it was when the transaction began, or soon after
    snapshot_since CONSTANT timestamptz :=
        CASE WHEN current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN now() END;
    part text;
    began_at timestamptz;
    entry smstrack.refresh_log;
BEGIN
    PERFORM smstrack.write_message_tally();
    -- one at a time; whoever waited has no more to do for what began after it was called
    LOCK TABLE smstrack.refresh_log IN SHARE ROW EXCLUSIVE MODE;
    FOREACH part IN ARRAY ARRAY['campaign', 'variant', 'funnel', 'link', 'timeline', 'device', 'country', 'conversion', 'cost']
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM smstrack.refresh_log AS l
                              WHERE l.report = part || '_report' AND l.started_at BETWEEN called_at AND clock_timestamp());
        entry.report := part || '_report';
        began_at := clock_timestamp();
        entry.started_at := coalesce(snapshot_since, began_at);
        EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY smstrack.%I', part || '_cache');
        EXECUTE format('SELECT count(*) FROM smstrack.%I', part || '_cache') INTO entry.rows;
        entry.duration := clock_timestamp() - began_at;
        INSERT INTO smstrack.refresh_log SELECT entry.*
        ON CONFLICT ON CONSTRAINT refresh_log_pkey DO UPDATE SET duration = excluded.duration, rows = excluded.rows;
        RETURN NEXT entry;
    END LOOP;
    -- what is still to come was written by a clock that was ahead
    DELETE FROM smstrack.refresh_log AS l WHERE l.started_at > clock_timestamp();
    DELETE FROM smstrack.refresh_log AS l
    WHERE l.started_at < now() - interval '30 days'
        AND EXISTS (SELECT FROM smstrack.refresh_log AS n WHERE n.report = l.report AND n.started_at > l.started_at);
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_refresh() IS
    'Refreshes the reports *_report without keeping anybody from reading them; gives a row for each. Two at once: the second waits, and refreshes what the first began before it was called. With pg_cron: SELECT cron.schedule(''smstrack reports'', ''*/5 * * * *'', ''SELECT @extschema@.smstrack_refresh()'').';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_refresh() FROM PUBLIC;
