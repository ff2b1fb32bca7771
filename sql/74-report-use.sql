-- Reports by call: local time, pages of the logbook, text for spreadsheets.

CREATE TYPE smstrack.timeline AS (
    local_time timestamp,
    at timestamptz,
    first_previews bigint,
    preview_requests bigint,
    first_clicks bigint,
    total_clicks bigint,
    bots bigint,
    conversions bigint,
    first_conversions bigint
);
COMMENT ON TYPE smstrack.timeline IS 'What smstrack_timeline gives: an hour, a day, a week or a month.';
COMMENT ON COLUMN smstrack.timeline.local_time IS 'Its begin on the clocks of the time zone; an hour that comes twice has two rows.';
COMMENT ON COLUMN smstrack.timeline.at IS 'Its begin.';
COMMENT ON COLUMN smstrack.timeline.first_previews IS 'Messages of which a preview was first fetched then.';
COMMENT ON COLUMN smstrack.timeline.preview_requests IS 'Requests for previews.';
COMMENT ON COLUMN smstrack.timeline.first_clicks IS 'Messages whose first click fell into it.';
COMMENT ON COLUMN smstrack.timeline.total_clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.timeline.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.timeline.conversions IS 'Conversions that happened then, those that were taken back too.';
COMMENT ON COLUMN smstrack.timeline.first_conversions IS 'Messages whose first conversion fell into it.';

CREATE FUNCTION @extschema@.smstrack_timeline(
    campaign text DEFAULT NULL,
    bucket text DEFAULT 'hour',
    time_zone text DEFAULT 'UTC'
)
RETURNS SETOF smstrack.timeline
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_campaign integer;
BEGIN
    IF bucket IS NULL OR bucket NOT IN ('hour', 'day', 'week', 'month') THEN
        RAISE EXCEPTION 'invalid bucket "%"', bucket USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give hour, day, week or month.';
    ELSIF time_zone IS NULL THEN
        RAISE EXCEPTION 'time zone is null' USING
            ERRCODE = 'null_value_not_allowed',
            HINT = 'Give a time zone such as Europe/Berlin.';
    END IF;
    IF campaign IS NOT NULL THEN
        own_campaign := smstrack.campaign_id(campaign);
    END IF;
    RETURN QUERY
    SELECT
        b.at AT TIME ZONE time_zone,
        -- where clocks are put back over midnight, it comes twice: a day begins at the first
        CASE WHEN bucket <> 'hour' AND (b.at - interval '1 hour') AT TIME ZONE time_zone = b.at AT TIME ZONE time_zone
            THEN b.at - interval '1 hour' ELSE b.at END,
        sum(t.first_previews)::bigint,
        sum(t.preview_requests)::bigint,
        sum(t.first_clicks)::bigint,
        sum(t.total_clicks)::bigint,
        sum(t.bots)::bigint,
        sum(t.conversions)::bigint,
        sum(t.first_conversions)::bigint
    FROM smstrack.timeline_live AS t
    CROSS JOIN LATERAL (SELECT date_trunc(bucket, t.at, time_zone) AS at) AS b
    WHERE t.account = smstrack.current_account() AND (own_campaign IS NULL OR t.campaign_id = own_campaign)
    GROUP BY b.at
    ORDER BY b.at;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_timeline(text, text, text) IS
    'What happened by local hour, day, week or month of a time zone, live, in one campaign of the current account or in all. Every zone begins its hours at a quarter of an hour of UTC, and so the sums are exact.';

CREATE FUNCTION smstrack.message_ranges(campaign integer, since timestamptz, until timestamptz)
RETURNS int8multirange
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(range_agg(int8range(b.block * 1024, (b.block + 1) * 1024)), '{}')
    FROM smstrack.message_block AS b
    WHERE b.hour >= coalesce(floor(extract(epoch FROM least(greatest(since, '1970-01-01'::timestamptz), '9999-01-01')) / 3600)::integer, 0)
        AND b.hour <= coalesce(floor(extract(epoch FROM greatest(least(until, '9999-01-01'::timestamptz), '1970-01-01')) / 3600)::integer, 2147483647)
        AND (message_ranges.campaign IS NULL OR b.campaign = message_ranges.campaign);
END;
COMMENT ON FUNCTION smstrack.message_ranges(integer, timestamptz, timestamptz) IS
    'Ranges of ids in which the messages of a campaign (NULL: of all) and a time lie.';
REVOKE EXECUTE ON FUNCTION smstrack.message_ranges(integer, timestamptz, timestamptz) FROM PUBLIC;

-- The primary key gives the order, newest first, and a page ends where it is full.
CREATE FUNCTION smstrack.logbook_page(
    campaign integer,
    since timestamptz,
    until timestamptz,
    clicked boolean,
    before_id bigint,
    page_size integer
)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 100
SECURITY DEFINER -- readers have no right on messages; it gives ids of their account alone
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
AS $$
DECLARE
    domains CONSTANT integer[] := ARRAY(SELECT d.id FROM smstrack.link_domain AS d
                                        WHERE d.account = smstrack.current_account());
    part int8range;
    missing integer := page_size;
    found_rows integer;
BEGIN
    FOR part IN
        SELECT r
        FROM unnest(CASE WHEN num_nonnulls(campaign, since, until) = 0 THEN '{[0,)}'
                    ELSE smstrack.message_ranges(campaign, since, until) END) AS r
        WHERE lower(r) < before_id
        ORDER BY lower(r) DESC
    LOOP
        RETURN QUERY
        SELECT m.message_id
        FROM smstrack.message AS m
        WHERE m.message_id >= lower(part)
            AND m.message_id < least(upper(part), before_id)
            AND m.link_domain = ANY (domains)
            AND NOT m.test
            AND m.status <> 'l'
            AND (logbook_page.campaign IS NULL OR m.campaign = logbook_page.campaign)
            AND (since IS NULL OR m.created_at >= since)
            AND (until IS NULL OR m.created_at < until)
            AND (clicked IS NULL OR (m.first_click_at IS NOT NULL) = clicked)
        ORDER BY m.message_id DESC
        LIMIT missing;
        GET DIAGNOSTICS found_rows = ROW_COUNT;
        missing := missing - found_rows;
        EXIT WHEN missing = 0;
    END LOOP;
END
$$;
COMMENT ON FUNCTION smstrack.logbook_page(integer, timestamptz, timestamptz, boolean, bigint, integer) IS
    'Ids of a page of the logbook of the current account.';
REVOKE EXECUTE ON FUNCTION smstrack.logbook_page(integer, timestamptz, timestamptz, boolean, bigint, integer) FROM PUBLIC;

-- Apart, because who may not see recipients must not find them out by asking for them.
CREATE FUNCTION smstrack.logbook_page_of(
    recipient text,
    campaign integer,
    since timestamptz,
    until timestamptz,
    clicked boolean,
    before_id bigint,
    page_size integer
)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 100
SECURITY DEFINER -- as logbook_page
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
SET enable_seqscan = off -- by message_recipient_idx: there are no statistics of recipients
SET max_parallel_workers_per_gather = 0 -- it reads a few blocks
AS $$
BEGIN
    RETURN QUERY
    SELECT m.message_id
    FROM smstrack.message AS m
    JOIN smstrack.link_domain AS d ON d.id = m.link_domain AND d.account = smstrack.current_account()
    WHERE m.recipient = logbook_page_of.recipient
        AND m.message_id < before_id
        AND NOT m.test
        AND m.status <> 'l'
        AND (logbook_page_of.campaign IS NULL OR m.campaign = logbook_page_of.campaign)
        AND (since IS NULL OR m.created_at >= since)
        AND (until IS NULL OR m.created_at < until)
        AND (clicked IS NULL OR (m.first_click_at IS NOT NULL) = clicked)
    -- a contact has few messages: not by the primary key, which would go through all
    ORDER BY m.message_id + 0 DESC
    LIMIT greatest(page_size, 0);
END
$$;
COMMENT ON FUNCTION smstrack.logbook_page_of(text, integer, timestamptz, timestamptz, boolean, bigint, integer) IS
    'Ids of a page of the logbook of the current account, of one recipient.';
REVOKE EXECUTE ON FUNCTION smstrack.logbook_page_of(text, integer, timestamptz, timestamptz, boolean, bigint, integer) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_logbook(
    recipient text DEFAULT NULL,
    campaign text DEFAULT NULL,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL,
    clicked boolean DEFAULT NULL,
    before_id bigint DEFAULT NULL,
    page_size integer DEFAULT 100
)
RETURNS SETOF smstrack.message_report
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_campaign integer;
    before CONSTANT bigint := coalesce(before_id, 9223372036854775807);
    ids bigint[];
BEGIN
    IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'invalid page size %', page_size USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A page has 1 to 10000 messages.';
    END IF;
    IF campaign IS NOT NULL THEN
        own_campaign := smstrack.campaign_id(campaign);
    END IF;
    IF recipient IS NULL THEN
        ids := ARRAY(SELECT smstrack.logbook_page(own_campaign, since, until, clicked, before, page_size));
    ELSE
        ids := ARRAY(SELECT smstrack.logbook_page_of(coalesce(@extschema@.smstrack_e164(recipient), recipient),
                                                     own_campaign, since, until, clicked, before, page_size));
    END IF;
    RETURN QUERY
    SELECT r.*
    FROM smstrack.message_report AS r
    WHERE r.message_id = ANY (ids)
    ORDER BY r.message_id DESC;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_logbook(text, text, timestamptz, timestamptz, boolean, bigint, integer) IS
    'A page of smstrack.message_report of the current account, newest first, as filters say; the next page is what comes before the last id of this one. A recipient can be asked for by who may see recipients.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_logbook(text, text, timestamptz, timestamptz, boolean, bigint, integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_timeline(text, text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_csv_text(value text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN value ~ '^[[:space:]\uFEFF]*[-=+@|%\uFF0B\uFF0D\uFF1D\uFF20]' OR value ~ '^[\t\r\n]'
    THEN '''' || value ELSE value END;
COMMENT ON FUNCTION @extschema@.smstrack_csv_text(text) IS
    'Text that a spreadsheet shows and does not calculate: what begins like a formula gets an apostrophe before it.';
