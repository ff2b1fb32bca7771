-- Hits: requests for short links, by month; and the user agents that made them.

-- Bare on purpose: a key or an index of an extension's partitioned table breaks restoring
-- the partitions that are made later. Each partition has its own.
CREATE TABLE smstrack.hit (
    message_id bigint NOT NULL,
    at timestamptz NOT NULL,
    user_agent_id bigint,
    "position" smallint NOT NULL,
    rule smallint NOT NULL,
    confidence smallint NOT NULL,
    class "char" NOT NULL,
    address inet,
    request_id uuid,
    referrer text
) PARTITION BY RANGE (at);
COMMENT ON TABLE smstrack.hit IS 'One row a request that fetched a link, by month.';
COMMENT ON COLUMN smstrack.hit.message_id IS 'Message whose link was requested.';
COMMENT ON COLUMN smstrack.hit.at IS 'When it was requested.';
COMMENT ON COLUMN smstrack.hit.user_agent_id IS 'Who asked: smstrack.user_agent; NULL where nothing was sent.';
COMMENT ON COLUMN smstrack.hit."position" IS 'Which link of the message, from 0.';
COMMENT ON COLUMN smstrack.hit.rule IS 'Number of the rule that gave the class.';
COMMENT ON COLUMN smstrack.hit.confidence IS 'How sure the rule is: 1 low, 2 medium, 3 high.';
COMMENT ON COLUMN smstrack.hit.class IS 'v view (a preview was fetched), c click, b bot.';
COMMENT ON COLUMN smstrack.hit.address IS 'Network of the client: /24 or /48.';
COMMENT ON COLUMN smstrack.hit.request_id IS 'Id of the request: the same one counts once.';
COMMENT ON COLUMN smstrack.hit.referrer IS 'Referrer, cut and cleaned.';

-- What no month's partition holds yet, or a wrong clock has sent far away.
CREATE TABLE smstrack.hit_default PARTITION OF smstrack.hit DEFAULT;
COMMENT ON TABLE smstrack.hit_default IS 'Hits outside the months that have a partition.';
CREATE INDEX hit_default_message_id_idx ON smstrack.hit_default (message_id, "position");
CREATE UNIQUE INDEX hit_default_request_id_idx ON smstrack.hit_default (request_id);

CREATE TABLE smstrack.user_agent (
    user_agent_id bigint NOT NULL,
    user_agent text NOT NULL,
    os text NOT NULL,
    device text NOT NULL,
    CONSTRAINT user_agent_pkey PRIMARY KEY (user_agent_id)
);
COMMENT ON TABLE smstrack.user_agent IS 'Distinct user agents, each judged once.';
COMMENT ON COLUMN smstrack.user_agent.user_agent_id IS 'First 64 bits of the SHA-256 of the text.';
COMMENT ON COLUMN smstrack.user_agent.user_agent IS 'Text, cut to 512 bytes and cleaned.';
COMMENT ON COLUMN smstrack.user_agent.os IS 'Operating system.';
COMMENT ON COLUMN smstrack.user_agent.device IS 'Kind of device.';

-- Makes the partition of a month: built aside, filled with the strays that the DEFAULT
-- partition has for it, then attached.
CREATE FUNCTION smstrack.make_hit_partition(month date)
RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SECURITY DEFINER -- making a partition takes the owner of the table
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    first CONSTANT timestamptz := date_trunc('month', month::timestamp);
    next CONSTANT timestamptz := date_trunc('month', month::timestamp) + interval '1 month';
    name CONSTANT text := to_char(first, '"hit_"YYYY_MM');
BEGIN
    IF to_regclass('smstrack.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE smstrack.hit IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass('smstrack.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;

    EXECUTE format('CREATE TABLE smstrack.%I (LIKE smstrack.hit INCLUDING DEFAULTS, '
                   'CHECK (at >= %L AND at < %L))', name, first, next);
    LOCK TABLE smstrack.hit_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('WITH stray AS (DELETE FROM smstrack.hit_default '
                   'WHERE at >= %L AND at < %L RETURNING *) '
                   'INSERT INTO smstrack.%I SELECT * FROM stray', first, next, name);
    EXECUTE format('CREATE INDEX ON smstrack.%I (message_id, "position")', name);
    EXECUTE format('CREATE UNIQUE INDEX ON smstrack.%I (request_id)', name);
    EXECUTE format('ALTER TABLE smstrack.hit ATTACH PARTITION smstrack.%I '
                   'FOR VALUES FROM (%L) TO (%L)', name, first, next);
    RETURN true;
END
$$;
COMMENT ON FUNCTION smstrack.make_hit_partition(date) IS
    'Makes the partition of smstrack.hit for a month; false if it is there.';
REVOKE EXECUTE ON FUNCTION smstrack.make_hit_partition(date) FROM PUBLIC;

CREATE FUNCTION smstrack.make_hit_partitions()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
    FOR ahead IN 0 .. 2 LOOP
        PERFORM smstrack.make_hit_partition((date_trunc('month', now()) + ahead * interval '1 month')::date);
    END LOOP;
END
$$;
COMMENT ON FUNCTION smstrack.make_hit_partitions() IS
    'Makes the partitions of smstrack.hit for this month and the next two.';
REVOKE EXECUTE ON FUNCTION smstrack.make_hit_partitions() FROM PUBLIC;

CREATE TYPE smstrack.resolved AS (
    status text,
    target_url text,
    message_id bigint,
    "position" integer
);
COMMENT ON TYPE smstrack.resolved IS 'What smstrack_resolve gives.';
COMMENT ON COLUMN smstrack.resolved.status IS 'found; not found (also expired or erased); refused target.';
COMMENT ON COLUMN smstrack.resolved.target_url IS 'Where the link leads, as a browser requests it.';
COMMENT ON COLUMN smstrack.resolved.message_id IS 'Message that the link belongs to.';
COMMENT ON COLUMN smstrack.resolved."position" IS 'Which link of the message, from 0.';

CREATE FUNCTION @extschema@.smstrack_resolve(
    code text,
    host text DEFAULT NULL
)
RETURNS SETOF smstrack.resolved
AS 'MODULE_PATHNAME', 'smstrack_resolve'
LANGUAGE C STABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_resolve(text, text) IS
    'Gives what is behind a link code; writes nothing, so that it works on a standby. Text that phones append to a code is ignored.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_resolve(text, text) FROM PUBLIC;

CREATE TYPE smstrack.answer AS (
    status text,
    target_url text,
    class text,
    token text
);
COMMENT ON TYPE smstrack.answer IS 'What smstrack_hit gives: the answer to the request.';
COMMENT ON COLUMN smstrack.answer.status IS 'found; not found (also expired, erased or malformed); refused target.';
COMMENT ON COLUMN smstrack.answer.target_url IS 'Where to redirect to.';
COMMENT ON COLUMN smstrack.answer.class IS 'view, click or bot.';
COMMENT ON COLUMN smstrack.answer.token IS 'Click token, for a click only.';

CREATE FUNCTION @extschema@.smstrack_hit(
    code text,
    at timestamptz DEFAULT NULL,
    address inet DEFAULT NULL,
    user_agent text DEFAULT NULL,
    referrer text DEFAULT NULL,
    method text DEFAULT 'GET',
    purpose text DEFAULT NULL,
    host text DEFAULT NULL,
    request_id uuid DEFAULT NULL
)
RETURNS SETOF smstrack.answer
AS 'MODULE_PATHNAME', 'smstrack_hit'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_hit(text, timestamptz, inet, text, text, text, text, text, uuid) IS
    'Records a request for a short link as view, click or bot, and gives the answer to it.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_hit(text, timestamptz, inet, text, text, text, text, text, uuid) FROM PUBLIC;
