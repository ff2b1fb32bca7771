-- Upkeep: the steps of smstrack_maintain. Each does one small thing in a transaction of its
-- own and tells whether there is more of it: true; false: all is done; NULL: somebody holds
-- what it needs. None waits long for a lock, for whoever records hits would wait behind it.

-- Lets one upkeep run at a time.
CREATE FUNCTION smstrack.upkeep_begin()
RETURNS boolean
LANGUAGE sql VOLATILE PARALLEL UNSAFE
RETURN pg_try_advisory_xact_lock('smstrack.tally'::regclass::integer, 1);
COMMENT ON FUNCTION smstrack.upkeep_begin() IS 'Claims the upkeep for this transaction; false if another session has it.';
REVOKE EXECUTE ON FUNCTION smstrack.upkeep_begin() FROM PUBLIC;

CREATE FUNCTION smstrack.hit_retention()
RETURNS integer
AS 'MODULE_PATHNAME', 'smstrack_hit_retention'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.hit_retention() IS
    'The setting smstrack.hit_retention, which is there only once the library is loaded.';

CREATE FUNCTION smstrack.hits_kept_since()
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN smstrack.hit_retention() = 0 THEN '-infinity'
    ELSE date_trunc('month', now(), 'UTC') - smstrack.hit_retention() * interval '1 month' END;
COMMENT ON FUNCTION smstrack.hits_kept_since() IS
    'Begin of the oldest month whose hits are kept.';

CREATE FUNCTION smstrack.upkeep_make_partition()
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '500ms'
AS $$
DECLARE
    ahead CONSTANT timestamptz := date_trunc('month', now()) + interval '3 months';
    missing date;
BEGIN
    IF NOT smstrack.upkeep_begin() THEN
        RETURN NULL;
    END IF;
    SELECT min(m.month) INTO missing
    FROM (
        SELECT (date_trunc('month', now()) + n * interval '1 month')::date FROM generate_series(0, 2) AS n
        UNION
        SELECT date_trunc('month', at)::date FROM smstrack.hit_default
        WHERE at >= smstrack.hits_kept_since() AND at < ahead AND isfinite(at)
    ) AS m (month)
    WHERE to_regclass('smstrack.' || to_char(m.month, '"hit_"YYYY_MM')) IS NULL;
    IF missing IS NULL THEN
        RETURN false;
    END IF;
    RETURN smstrack.make_hit_partition(missing);
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION smstrack.upkeep_make_partition() IS
    'Upkeep: makes a partition of smstrack.hit that is missing, for this month, the next two, or hits that went to the DEFAULT partition.';
REVOKE EXECUTE ON FUNCTION smstrack.upkeep_make_partition() FROM PUBLIC;

-- Whoever records a hit of such a user agent just now may take it for stored: its text is
-- lost then, and the hit keeps the class that it has.
CREATE FUNCTION smstrack.upkeep_forget_agents()
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    kept_since CONSTANT timestamptz := smstrack.hits_kept_since();
    named bigint[];
BEGIN
    IF NOT smstrack.upkeep_begin() THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM smstrack.hit WHERE at < kept_since) THEN
        SELECT array_agg(DISTINCT h.user_agent_id) INTO named
        FROM smstrack.hit AS h
        WHERE h.at >= kept_since AND h.user_agent_id IS NOT NULL;
        DELETE FROM smstrack.user_agent AS u WHERE u.user_agent_id <> ALL (coalesce(named, '{}'));
    END IF;
    RETURN false;
END
$$;
COMMENT ON FUNCTION smstrack.upkeep_forget_agents() IS
    'Upkeep: before hits are dropped, which happens once a month, forgets the user agents that no other hit names.';
REVOKE EXECUTE ON FUNCTION smstrack.upkeep_forget_agents() FROM PUBLIC;

CREATE FUNCTION smstrack.upkeep_drop_hits()
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '500ms'
AS $$
DECLARE
    kept_since CONSTANT timestamptz := smstrack.hits_kept_since();
    oldest text;
    deleted bigint;
BEGIN
    IF NOT smstrack.upkeep_begin() THEN
        RETURN NULL;
    END IF;
    SELECT min(c.relname) INTO oldest
    FROM pg_inherits AS i
    JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'smstrack.hit'::regclass AND c.relname ~ '^hit_[0-9]{4}_[0-9]{2}$'
        AND to_date(c.relname, '"hit_"YYYY_MM') < kept_since;
    IF oldest IS NOT NULL THEN
        EXECUTE format('DROP TABLE smstrack.%I', oldest);
        RETURN true;
    END IF;
    IF smstrack.is_distributed() THEN
        -- a row's place is unique on its shard only
        DELETE FROM smstrack.hit_default WHERE at < kept_since;
        RETURN false;
    END IF;
    DELETE FROM smstrack.hit_default
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM smstrack.hit_default WHERE at < kept_since LIMIT 10000));
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted > 0;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION smstrack.upkeep_drop_hits() IS
    'Upkeep: drops the oldest month of hits that is older than smstrack.hit_retention; the tallies stay.';
REVOKE EXECUTE ON FUNCTION smstrack.upkeep_drop_hits() FROM PUBLIC;

-- What a tally is spread by is the last column of its primary key, slot; what its other
-- columns add up to, their names say.
CREATE FUNCTION smstrack.upkeep_fold(tally regclass)
RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
    most CONSTANT bigint := 5000;
    keys text;
    names text;
    sums text;
    changes text;
    folded bigint;
BEGIN
    IF NOT smstrack.upkeep_begin() THEN
        RETURN NULL;
    ELSIF NOT EXISTS (SELECT FROM pg_attribute AS a
                      WHERE a.attrelid = tally AND a.attname = 'slot' AND tally::text LIKE 'smstrack.%') THEN
        RAISE EXCEPTION '"%" is no tally', tally USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT string_agg(format('%I', a.attname), ', ' ORDER BY array_position(i.indkey::smallint[], a.attnum))
        INTO keys
    FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::smallint[])
    WHERE i.indrelid = tally AND i.indisprimary AND a.attname <> 'slot';
    SELECT string_agg(format('%I', a.attname), ', '),
           string_agg(format('%s(%I)', f.over_rows, a.attname), ', '),
           string_agg(format(f.of_two, a.attname), ', ')
        INTO names, sums, changes
    FROM pg_attribute AS a
    JOIN (VALUES ('first', 'min', '%1$I = least(t.%1$I, excluded.%1$I)'),
                 ('last', 'max', '%1$I = greatest(t.%1$I, excluded.%1$I)'),
                 ('', 'sum', '%1$I = t.%1$I + excluded.%1$I')) AS f (word, over_rows, of_two)
        ON f.word = coalesce(substring(a.attname FROM '^(first|last)_'), '')
    WHERE a.attrelid = tally AND a.attnum > 0 AND NOT a.attisdropped
        AND NOT EXISTS (SELECT FROM pg_index AS i
                        WHERE i.indrelid = tally AND i.indisprimary AND a.attnum = ANY (i.indkey::smallint[]));

    EXECUTE format($query$
        WITH spread AS (
            SELECT ctid FROM %1$s WHERE slot <> 0 ORDER BY %2$s, slot LIMIT %6$s FOR UPDATE SKIP LOCKED
        ), taken AS (
            DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM spread)) RETURNING *
        ), folding AS (
            INSERT INTO %1$s AS t (%2$s, slot, %3$s)
            SELECT %2$s, 0, %4$s FROM taken GROUP BY %2$s ORDER BY %2$s
            ON CONFLICT (%2$s, slot) DO UPDATE SET %5$s
        )
        SELECT count(*) FROM taken$query$, tally, keys, names, sums, changes, most)
        INTO folded;
    RETURN folded = most;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION smstrack.upkeep_fold(regclass) IS
    'Upkeep: folds rows of a tally that differ in their slot only into one.';
REVOKE EXECUTE ON FUNCTION smstrack.upkeep_fold(regclass) FROM PUBLIC;

CREATE FUNCTION smstrack.upkeep_forget_sources()
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    -- a clock that was ahead leaves keys of days to come
    DELETE FROM smstrack.source_key WHERE day NOT BETWEEN today - 1 AND today + 1;
    RETURN false;
END
$$;
COMMENT ON FUNCTION smstrack.upkeep_forget_sources() IS
    'Upkeep: throws the keys away under which addresses were hashed before yesterday, or by a clock that was ahead.';
REVOKE EXECUTE ON FUNCTION smstrack.upkeep_forget_sources() FROM PUBLIC;

CREATE TABLE smstrack.forgotten_block (
    block bigint NOT NULL,
    forgotten_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT forgotten_block_pkey PRIMARY KEY (block)
);
COMMENT ON TABLE smstrack.forgotten_block IS
    'Blocks of smstrack.message that a recipient was erased from: what message_recipient_idx has of them is noted anew, for a day. No dump has them.';
COMMENT ON COLUMN smstrack.forgotten_block.block IS 'Number of the block.';
COMMENT ON COLUMN smstrack.forgotten_block.forgotten_at IS 'When somebody was last erased from it.';

-- Old versions of rows are noted as long as an older transaction may see them: what was
-- forgotten is therefore noted anew more than once.
CREATE FUNCTION smstrack.upkeep_note_recipients()
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
    index CONSTANT regclass := to_regclass('smstrack.message_recipient_idx');
BEGIN
    IF smstrack.is_distributed() THEN
        PERFORM smstrack.note_recipients_on_nodes(EXISTS (SELECT FROM smstrack.forgotten_block));
    ELSE
        PERFORM brin_desummarize_range(index, f.block) FROM smstrack.forgotten_block AS f;
        PERFORM brin_summarize_new_values(index);
    END IF;
    DELETE FROM smstrack.forgotten_block AS f WHERE f.forgotten_at < now() - interval '1 day';
    RETURN false;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION smstrack.upkeep_note_recipients() IS
    'Upkeep: notes in message_recipient_idx which recipients stand in new blocks of smstrack.message, and anew in those that somebody was erased from.';
REVOKE EXECUTE ON FUNCTION smstrack.upkeep_note_recipients() FROM PUBLIC;
