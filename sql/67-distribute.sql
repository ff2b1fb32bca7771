-- Scale-out: messages, outbox and hits on the worker nodes of a Citus cluster. All else but
-- names stays on the coordinator, where every call goes to: doc/scale-out.md.

CREATE FUNCTION smstrack.is_distributed()
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_is_distributed'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.is_distributed() IS
    'Tells whether smstrack_distribute has spread messages, outbox and hits over the nodes of a Citus cluster.';

CREATE FUNCTION smstrack.check_distributable(shard_count integer)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unprepared text;
BEGIN
    IF shard_count NOT BETWEEN 1 AND 64000 THEN
        RAISE EXCEPTION 'invalid number of shards %', shard_count USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Citus takes 1 to 64000.',
            HINT = 'Two to four times the cores of all workers together are usual; NULL takes citus.shard_count.';
    ELSIF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RAISE EXCEPTION 'extension "citus" is not installed in this database' USING
            ERRCODE = 'undefined_object',
            DETAIL = 'smstrack_distribute spreads messages, outbox and hits over the worker nodes of a Citus cluster.',
            HINT = 'Set shared_preload_libraries = ''citus'' on every node, run CREATE EXTENSION citus, and add the workers with citus_add_node.';
    ELSIF smstrack.is_distributed() THEN
        RAISE EXCEPTION 'messages are distributed already' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Shards are moved and split with Citus''s own functions, such as citus_rebalance_start.';
    ELSIF NOT EXISTS (SELECT FROM pg_dist_node WHERE shouldhaveshards AND isactive) THEN
        RAISE EXCEPTION 'the Citus cluster has no worker node' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Add one: SELECT citus_add_node(''worker-1'', 5432).';
    END IF;
    SELECT string_agg(format('%s:%s', r.nodename, r.nodeport), ', ') INTO unprepared
    FROM run_command_on_workers('SHOW max_prepared_transactions') AS r
    WHERE r.success AND r.result = '0';
    IF unprepared IS NOT NULL THEN
        RAISE EXCEPTION 'worker nodes cannot prepare transactions' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('max_prepared_transactions is 0 on %s.', unprepared),
            HINT = 'Set it to twice max_connections of the coordinator, and restart them.';
    END IF;
END
$$;
COMMENT ON FUNCTION smstrack.check_distributable(integer) IS
    'Complains where smstrack_distribute cannot do its work: Citus or its nodes are missing.';
REVOKE EXECUTE ON FUNCTION smstrack.check_distributable(integer) FROM PUBLIC;

-- smstrack.click_report, said in a way that Citus can carry out: messages and hits are joined
-- before they are counted, so that a message's hits are asked of its shard alone.
CREATE FUNCTION smstrack.spread_click_report()
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
    CREATE OR REPLACE VIEW smstrack.click_report WITH (security_barrier = true) AS
    SELECT
        h.message_id,
        h."position",
        h.account,
        CASE WHEN (SELECT smstrack.sees_recipients()) THEN h.recipient
            ELSE smstrack.mask_recipient(h.recipient) END AS recipient,
        CASE WHEN (SELECT smstrack.sees_recipients()) THEN h.label END AS label,
        coalesce(CASE WHEN (SELECT smstrack.sees_recipients()) THEN h.target_url END,
                 (SELECT v.target_urls[h."position" + 1] FROM smstrack.variant AS v WHERE v.id = h.variant)) AS target_url,
        h.first_view_at,
        h.views,
        h.first_click_at,
        h.clicks,
        h.bots,
        (SELECT count(*) FROM smstrack.conversion AS c
         WHERE c.message_id = h.message_id AND c."position" = h."position") AS conversions,
        h.devices,
        h.networks,
        h.forwarded_previews > 0 OR h.devices > 1 OR h.networks > 1 AS forwarded,
        coalesce(h.campaign, 0) AS campaign_id,
        (SELECT c.name FROM smstrack.campaign AS c WHERE c.id = h.campaign) AS campaign,
        (SELECT v.name FROM smstrack.variant AS v WHERE v.id = h.variant) AS variant
    FROM (
        SELECT
            m.message_id,
            p."position",
            d.account,
            m.recipient,
            m.label,
            m.target_urls[p."position" + 1] AS target_url,
            m.campaign,
            m.variant,
            count(*) FILTER (WHERE h.class = 'v') AS views,
            count(*) FILTER (WHERE h.class = 'c') AS clicks,
            count(*) FILTER (WHERE h.class = 'b') AS bots,
            min(h.at) FILTER (WHERE h.class = 'v') AS first_view_at,
            min(h.at) FILTER (WHERE h.class = 'c') AS first_click_at,
            count(DISTINCT h.os * 256 + h.device) FILTER (WHERE h.class = 'c') AS devices,
            count(DISTINCT h.address) FILTER (WHERE h.class = 'c') AS networks,
            count(*) FILTER (WHERE h.class = 'v' AND smstrack.rule_name(h.rule) = 'forwarded preview') AS forwarded_previews
        FROM smstrack.message AS m
        JOIN smstrack.link_domain AS d ON d.id = m.link_domain
        CROSS JOIN generate_series(0, 15) AS p ("position")
        LEFT JOIN smstrack.hit AS h ON h.message_id = m.message_id AND h."position" = p."position"
        WHERE p."position" < m.links AND NOT m.test AND m.status <> 'l'
            AND ((SELECT smstrack.sees_all_accounts()) OR d.account = smstrack.current_account())
        GROUP BY m.message_id, p."position", d.account, m.recipient, m.label, m.target_urls, m.campaign, m.variant
    ) AS h;
$$;
COMMENT ON FUNCTION smstrack.spread_click_report() IS
    'Has smstrack.click_report read messages and hits from the nodes of a Citus cluster; its columns and rows stay.';
REVOKE EXECUTE ON FUNCTION smstrack.spread_click_report() FROM PUBLIC;

-- Each shard has an index of recipients of its own, and blocks of its own.
CREATE FUNCTION smstrack.note_recipients_on_nodes(anew boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_shard CONSTANT text := $query$
        SELECT count(brin_summarize_new_values(i.indexrelid::regclass)) FROM (
            SELECT i.indexrelid FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
            CROSS JOIN LATERAL (SELECT count(brin_desummarize_range(i.indexrelid::regclass, b))
                FROM generate_series(0, CASE WHEN %L::boolean THEN pg_relation_size(i.indrelid) / 8192 ELSE -1 END) AS b) AS old
            WHERE i.indrelid = '%%s'::regclass AND a.amname = 'brin' OFFSET 0) AS i $query$;
    failed text;
BEGIN
    IF NOT smstrack.is_distributed() THEN
        RETURN;
    END IF;
    SELECT min(r.result) INTO failed
    FROM run_command_on_shards('smstrack.message', format(of_shard, anew)) AS r
    WHERE NOT r.success;
    IF failed IS NOT NULL THEN
        RAISE EXCEPTION 'recipients could not be noted on a worker node' USING
            ERRCODE = 'external_routine_exception',
            DETAIL = format('It says: %s', failed);
    END IF;
END
$$;
COMMENT ON FUNCTION smstrack.note_recipients_on_nodes(boolean) IS
    'Upkeep: the work of smstrack.upkeep_note_recipients on every shard; anew: of all blocks, because somebody was erased.';
REVOKE EXECUTE ON FUNCTION smstrack.note_recipients_on_nodes(boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_distribute(shard_count integer DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    big CONSTANT regclass[] := '{smstrack.message, smstrack.outbox, smstrack.hit}';
    shards CONSTANT integer := coalesce(shard_count, current_setting('citus.shard_count', true)::integer);
BEGIN
    PERFORM smstrack.check_distributable(shards);
    -- in the order in which others lock them; what is named meanwhile is named on all nodes
    LOCK TABLE smstrack.link_domain, smstrack.campaign, smstrack.variant IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE smstrack.message, smstrack.outbox, smstrack.hit IN ACCESS EXCLUSIVE MODE;
    PERFORM create_distributed_table('smstrack.message', 'message_id', colocate_with => 'none', shard_count => shards);
    PERFORM create_distributed_table(b, 'message_id', colocate_with => 'smstrack.message')
    FROM unnest(big[2:]) AS b;
    -- what they held is on the workers now
    PERFORM truncate_local_data_after_distributing_table(b) FROM unnest(big) AS b;
    PERFORM smstrack.distribute_names();
    PERFORM smstrack.spread_click_report();
    -- on other nodes a setting such as smstrack.account has another value: rows come here to
    -- be joined
    EXECUTE format('ALTER DATABASE %I SET citus.local_table_join_policy = %L', current_database(), 'prefer-distributed');
    PERFORM set_config('citus.local_table_join_policy', 'prefer-distributed', false);
    RETURN shards;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_distribute(integer) IS
    'Spreads messages, outbox and hits, with their rows, by message id over the worker nodes of a Citus cluster, and puts the names of link domains, campaigns and variants on each; gives the number of shards. All else stays on the coordinator, and every call goes there.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_distribute(integer) FROM PUBLIC;
