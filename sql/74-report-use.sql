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
        date_trunc(bucket, t.at, time_zone) AT TIME ZONE time_zone,
        date_trunc(bucket, t.at, time_zone),
        sum(t.first_previews)::bigint,
        sum(t.preview_requests)::bigint,
        sum(t.first_clicks)::bigint,
        sum(t.total_clicks)::bigint,
        sum(t.bots)::bigint,
        sum(t.conversions)::bigint,
        sum(t.first_conversions)::bigint
    FROM smstrack.timeline_live AS t
    WHERE t.account = smstrack.current_account() AND (own_campaign IS NULL OR t.campaign_id = own_campaign)
    GROUP BY date_trunc(bucket, t.at, time_zone)
    ORDER BY date_trunc(bucket, t.at, time_zone);
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_timeline(text, text, text) IS
    'What happened by local hour, day, week or month of a time zone, live, in one campaign of the current account or in all. Every zone begins its hours at a quarter of an hour of UTC, and so the sums are exact.';

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
SET plan_cache_mode = 'force_custom_plan'
AS $$
DECLARE
    own_campaign integer;
    own_recipient text;
    lowest bigint := 0;
    highest bigint := coalesce(before_id, 9223372036854775807);
BEGIN
    IF page_size IS NULL OR page_size NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'invalid page size %', page_size USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A page has 1 to 10000 messages.';
    END IF;
    IF campaign IS NOT NULL THEN
        own_campaign := smstrack.campaign_id(campaign);
    END IF;
    IF recipient IS NOT NULL THEN
        own_recipient := coalesce(@extschema@.smstrack_e164(recipient), recipient);
    END IF;
    -- newest first: the primary key gives the order, and a page ends where it is full
    RETURN QUERY
    SELECT r.*
    FROM smstrack.logbook_page(own_recipient, own_campaign, since, until, clicked, highest, page_size) AS p
    CROSS JOIN LATERAL (SELECT m.* FROM smstrack.message_report AS m WHERE m.message_id = p.message_id) AS r
    ORDER BY p.message_id DESC;
END
$$;
