-- Tallies: what reports read instead of hits, kept in the transactions that store them.

CREATE TABLE smstrack.tally (
    link_domain integer NOT NULL,
    campaign integer NOT NULL,
    variant integer NOT NULL,
    part bigint NOT NULL,
    views bigint NOT NULL,
    clicks bigint NOT NULL,
    bots bigint NOT NULL,
    viewers bigint NOT NULL,
    clickers bigint NOT NULL,
    slot smallint NOT NULL,
    grain "char" NOT NULL,
    CONSTRAINT tally_pkey PRIMARY KEY (link_domain, campaign, variant, grain, part, slot)
) WITH (fillfactor = 50);
COMMENT ON TABLE smstrack.tally IS
    'Sums over the hits of all messages but tests. A key''s number is the sum of its slots; the views *_tally give it.';
COMMENT ON COLUMN smstrack.tally.link_domain IS 'Link domain of the messages.';
COMMENT ON COLUMN smstrack.tally.campaign IS 'Campaign of the messages; 0 for single messages.';
COMMENT ON COLUMN smstrack.tally.variant IS 'Variant of the messages; 0 for single messages.';
COMMENT ON COLUMN smstrack.tally.part IS
    'By grain: position; quarters of an hour since 1970 in UTC; os * 2^24 + device * 2^16 + country; country.';
COMMENT ON COLUMN smstrack.tally.views IS 'Previews fetched.';
COMMENT ON COLUMN smstrack.tally.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.tally.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.tally.viewers IS
    'Messages: by position, of which a preview of this link was fetched; else, whose first view this is.';
COMMENT ON COLUMN smstrack.tally.clickers IS
    'Messages: by position, of which this link was clicked; else, whose first click this is.';
COMMENT ON COLUMN smstrack.tally.slot IS 'Writers use different slots, so as not to wait for each other; smstrack_maintain folds them into 0.';
COMMENT ON COLUMN smstrack.tally.grain IS
    't totals by position; q by quarter of an hour; d by device and country; c first views and clicks by country.';

CREATE FUNCTION smstrack.os_name(os smallint)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_os_name'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.os_name(smallint) IS 'Names an operating system of smstrack.hit.';

CREATE FUNCTION smstrack.device_name(device smallint)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_device_name'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.device_name(smallint) IS 'Names a kind of device of smstrack.hit.';

CREATE FUNCTION smstrack.rule_name(rule smallint)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_rule_name'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.rule_name(smallint) IS 'Names the rule that gave a hit its class.';

CREATE FUNCTION smstrack.country_name(country smallint)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_country_name'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.country_name(smallint) IS
    'Gives the ISO 3166 code of a country of smstrack.hit; NULL for 0, not known.';

CREATE FUNCTION smstrack.country(recipient text)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_country'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.country(text) IS
    'Gives the ISO 3166 code of the country of a number that begins with + or 00; NULL where it is not known.';

CREATE FUNCTION smstrack.calling_code(country text)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_calling_code'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.calling_code(text) IS
    'Gives the E.164 prefix of a country by its ISO 3166 code, such as +49 for DE; NULL where it is not known.';

CREATE VIEW smstrack.position_tally WITH (security_invoker = true) AS
SELECT
    t.link_domain,
    t.campaign,
    t.variant,
    t.part::integer AS "position",
    sum(t.views)::bigint AS views,
    sum(t.clicks)::bigint AS clicks,
    sum(t.bots)::bigint AS bots,
    sum(t.viewers)::bigint AS viewers,
    sum(t.clickers)::bigint AS clickers
FROM smstrack.tally AS t
WHERE t.grain = 't'
GROUP BY t.link_domain, t.campaign, t.variant, t.part;
COMMENT ON VIEW smstrack.position_tally IS 'Sums by variant and position, live.';
COMMENT ON COLUMN smstrack.position_tally.link_domain IS 'Link domain.';
COMMENT ON COLUMN smstrack.position_tally.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.position_tally.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.position_tally."position" IS 'Which link, from 0.';
COMMENT ON COLUMN smstrack.position_tally.views IS 'Previews fetched.';
COMMENT ON COLUMN smstrack.position_tally.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.position_tally.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.position_tally.viewers IS 'Messages of which a preview of this link was fetched.';
COMMENT ON COLUMN smstrack.position_tally.clickers IS 'Messages of which this link was clicked.';

CREATE VIEW smstrack.quarter_tally WITH (security_invoker = true) AS
SELECT
    t.link_domain,
    t.campaign,
    t.variant,
    to_timestamp(t.part * 900) AS at,
    sum(t.views)::bigint AS views,
    sum(t.clicks)::bigint AS clicks,
    sum(t.bots)::bigint AS bots,
    sum(t.viewers)::bigint AS viewers,
    sum(t.clickers)::bigint AS clickers
FROM smstrack.tally AS t
WHERE t.grain = 'q'
GROUP BY t.link_domain, t.campaign, t.variant, t.part;
COMMENT ON VIEW smstrack.quarter_tally IS 'Sums by variant and quarter of an hour, live.';
COMMENT ON COLUMN smstrack.quarter_tally.link_domain IS 'Link domain.';
COMMENT ON COLUMN smstrack.quarter_tally.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.quarter_tally.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.quarter_tally.at IS 'Begin of the quarter of an hour.';
COMMENT ON COLUMN smstrack.quarter_tally.views IS 'Previews fetched.';
COMMENT ON COLUMN smstrack.quarter_tally.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.quarter_tally.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.quarter_tally.viewers IS 'Messages whose first fetched preview fell into it.';
COMMENT ON COLUMN smstrack.quarter_tally.clickers IS 'Messages whose first click fell into it.';

CREATE VIEW smstrack.device_tally WITH (security_invoker = true) AS
SELECT
    t.link_domain,
    t.campaign,
    t.variant,
    smstrack.os_name((t.part >> 24)::smallint) AS os,
    smstrack.device_name((t.part >> 16 & 255)::smallint) AS device,
    smstrack.country_name((t.part & 65535)::smallint) AS country,
    sum(t.views)::bigint AS views,
    sum(t.clicks)::bigint AS clicks,
    sum(t.bots)::bigint AS bots
FROM smstrack.tally AS t
WHERE t.grain = 'd'
GROUP BY t.link_domain, t.campaign, t.variant, t.part;
COMMENT ON VIEW smstrack.device_tally IS 'Sums by variant, device and country of the number, live.';
COMMENT ON COLUMN smstrack.device_tally.link_domain IS 'Link domain.';
COMMENT ON COLUMN smstrack.device_tally.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.device_tally.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.device_tally.os IS 'Operating system.';
COMMENT ON COLUMN smstrack.device_tally.device IS 'phone, tablet, desktop, server or unknown.';
COMMENT ON COLUMN smstrack.device_tally.country IS 'ISO 3166 code of the country of the recipient''s number; NULL: not known.';
COMMENT ON COLUMN smstrack.device_tally.views IS 'Previews fetched.';
COMMENT ON COLUMN smstrack.device_tally.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.device_tally.bots IS 'Requests of bots and scanners.';

CREATE VIEW smstrack.country_tally WITH (security_invoker = true) AS
SELECT
    t.link_domain,
    t.campaign,
    t.variant,
    smstrack.country_name((t.part & 65535)::smallint) AS country,
    sum(t.views)::bigint AS views,
    sum(t.clicks)::bigint AS clicks,
    sum(t.bots)::bigint AS bots,
    sum(t.viewers)::bigint AS viewers,
    sum(t.clickers)::bigint AS clickers
FROM smstrack.tally AS t
WHERE t.grain IN ('c', 'd')
GROUP BY t.link_domain, t.campaign, t.variant, t.part & 65535;
COMMENT ON VIEW smstrack.country_tally IS
    'Sums by variant and country of the number, live. The sum over the countries is that of the messages: each has one.';
COMMENT ON COLUMN smstrack.country_tally.link_domain IS 'Link domain.';
COMMENT ON COLUMN smstrack.country_tally.campaign IS 'Campaign; 0 for single messages.';
COMMENT ON COLUMN smstrack.country_tally.variant IS 'Variant; 0 for single messages.';
COMMENT ON COLUMN smstrack.country_tally.country IS 'ISO 3166 code of the country; NULL: not known.';
COMMENT ON COLUMN smstrack.country_tally.views IS 'Previews fetched.';
COMMENT ON COLUMN smstrack.country_tally.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.country_tally.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.country_tally.viewers IS 'Messages of which a preview was fetched.';
COMMENT ON COLUMN smstrack.country_tally.clickers IS 'Messages of which a link was clicked.';

-- The same numbers from the hits that are still there: what smstrack.tally must equal as
-- long as no month has been dropped.
CREATE VIEW smstrack.recount AS
WITH hit AS (
    SELECT
        m.link_domain,
        coalesce(m.campaign, 0) AS campaign,
        coalesce(m.variant, 0) AS variant,
        h.message_id,
        h."position",
        h.class,
        floor(extract(epoch FROM h.at) / 900)::bigint AS quarter,
        h.os * 16777216::bigint + h.device * 65536 + h.country AS device,
        h.country,
        row_number() OVER (PARTITION BY h.message_id, h.class ORDER BY h.at) AS nth,
        row_number() OVER (PARTITION BY h.message_id, h.class, h."position") AS nth_of_position
    FROM smstrack.hit AS h
    JOIN smstrack.message AS m ON m.message_id = h.message_id
    WHERE NOT m.test
)
SELECT
    h.link_domain,
    h.campaign,
    h.variant,
    g.grain::"char" AS grain,
    g.part,
    count(*) FILTER (WHERE h.class = 'v' AND g.counts_hits) AS views,
    count(*) FILTER (WHERE h.class = 'c' AND g.counts_hits) AS clicks,
    count(*) FILTER (WHERE h.class = 'b' AND g.counts_hits) AS bots,
    count(*) FILTER (WHERE h.class = 'v' AND g.first) AS viewers,
    count(*) FILTER (WHERE h.class = 'c' AND g.first) AS clickers
FROM hit AS h
CROSS JOIN LATERAL (
    VALUES ('t', h."position"::bigint, true, h.nth_of_position = 1),
           ('q', h.quarter, true, h.nth = 1),
           ('d', h.device, true, false),
           ('c', h.country::bigint, false, h.nth = 1)
) AS g (grain, part, counts_hits, first)
GROUP BY h.link_domain, h.campaign, h.variant, g.grain, g.part;
COMMENT ON VIEW smstrack.recount IS
    'What smstrack.tally sums to, counted anew from the hits that are still there; to check it by.';
COMMENT ON COLUMN smstrack.recount.link_domain IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.campaign IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.variant IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.grain IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.part IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.views IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.clicks IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.bots IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.viewers IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.recount.clickers IS 'As in smstrack.tally.';

CREATE VIEW smstrack.tally_difference AS
WITH kept AS (
    SELECT t.link_domain, t.campaign, t.variant, t.grain, t.part,
           sum(t.views) AS views, sum(t.clicks) AS clicks, sum(t.bots) AS bots,
           sum(t.viewers) AS viewers, sum(t.clickers) AS clickers
    FROM smstrack.tally AS t
    GROUP BY t.link_domain, t.campaign, t.variant, t.grain, t.part
)
SELECT
    link_domain,
    campaign,
    variant,
    grain,
    part,
    (coalesce(k.views, 0) - coalesce(r.views, 0))::bigint AS views,
    (coalesce(k.clicks, 0) - coalesce(r.clicks, 0))::bigint AS clicks,
    (coalesce(k.bots, 0) - coalesce(r.bots, 0))::bigint AS bots,
    (coalesce(k.viewers, 0) - coalesce(r.viewers, 0))::bigint AS viewers,
    (coalesce(k.clickers, 0) - coalesce(r.clickers, 0))::bigint AS clickers
FROM kept AS k
FULL JOIN smstrack.recount AS r USING (link_domain, campaign, variant, grain, part)
WHERE (coalesce(k.views, 0), coalesce(k.clicks, 0), coalesce(k.bots, 0), coalesce(k.viewers, 0), coalesce(k.clickers, 0))
    <> (coalesce(r.views, 0), coalesce(r.clicks, 0), coalesce(r.bots, 0), coalesce(r.viewers, 0), coalesce(r.clickers, 0));
COMMENT ON VIEW smstrack.tally_difference IS
    'Tally less recount, where they differ: no row, as long as no month has been dropped.';
COMMENT ON COLUMN smstrack.tally_difference.link_domain IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.tally_difference.campaign IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.tally_difference.variant IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.tally_difference.grain IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.tally_difference.part IS 'As in smstrack.tally.';
COMMENT ON COLUMN smstrack.tally_difference.views IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.tally_difference.clicks IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.tally_difference.bots IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.tally_difference.viewers IS 'Tally less recount.';
COMMENT ON COLUMN smstrack.tally_difference.clickers IS 'Tally less recount.';
