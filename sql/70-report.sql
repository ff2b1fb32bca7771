-- Reports: plain views, one grain each.

CREATE VIEW smstrack.message_report AS
SELECT
    m.message_id,
    d.account,
    m.created_at,
    m.recipient,
    m.label,
    d.host AS link_domain,
    CASE m.status
        WHEN 'p' THEN 'prepared'
        WHEN 'a' THEN 'accepted'
        WHEN 's' THEN 'sent'
        WHEN 'd' THEN 'delivered'
        WHEN 'f' THEN 'failed'
        WHEN 'e' THEN 'expired'
    END AS status,
    m.sent_at,
    m.body,
    m.links::integer AS links,
    CASE m.encoding_before WHEN 'g' THEN 'GSM-7' ELSE 'UCS-2' END AS encoding_before,
    CASE m.encoding_after WHEN 'g' THEN 'GSM-7' ELSE 'UCS-2' END AS encoding_after,
    m.segments_before::integer AS segments_before,
    m.segments_after::integer AS segments_after,
    m.first_view_at IS NOT NULL AS viewed,
    m.first_view_at,
    m.first_click_at IS NOT NULL AS clicked,
    m.first_click_at,
    m.first_conversion_at IS NOT NULL AS converted,
    m.first_conversion_at
FROM smstrack.message AS m
JOIN smstrack.link_domain AS d ON d.id = m.link_domain
WHERE NOT m.test;
COMMENT ON VIEW smstrack.message_report IS 'The logbook: one row a message.';
COMMENT ON COLUMN smstrack.message_report.message_id IS 'Id of the message.';
COMMENT ON COLUMN smstrack.message_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.message_report.created_at IS 'When the message was prepared.';
COMMENT ON COLUMN smstrack.message_report.recipient IS 'Recipient; NULL where none is kept.';
COMMENT ON COLUMN smstrack.message_report.label IS 'Label as given.';
COMMENT ON COLUMN smstrack.message_report.link_domain IS 'Host of its short links.';
COMMENT ON COLUMN smstrack.message_report.status IS 'prepared, accepted, sent, delivered, failed or expired.';
COMMENT ON COLUMN smstrack.message_report.sent_at IS 'When it was sent, as far as reported.';
COMMENT ON COLUMN smstrack.message_report.body IS 'Body as sent, where it is kept.';
COMMENT ON COLUMN smstrack.message_report.links IS 'Tracked links in it.';
COMMENT ON COLUMN smstrack.message_report.encoding_before IS 'Encoding of the body as given.';
COMMENT ON COLUMN smstrack.message_report.encoding_after IS 'Encoding of the body as sent.';
COMMENT ON COLUMN smstrack.message_report.segments_before IS 'Segments of the body as given.';
COMMENT ON COLUMN smstrack.message_report.segments_after IS 'Segments of the body as sent.';
COMMENT ON COLUMN smstrack.message_report.viewed IS 'Whether a preview of a link was fetched.';
COMMENT ON COLUMN smstrack.message_report.first_view_at IS 'When a preview was first fetched.';
COMMENT ON COLUMN smstrack.message_report.clicked IS 'Whether a link was clicked.';
COMMENT ON COLUMN smstrack.message_report.first_click_at IS 'When a link was first clicked.';
COMMENT ON COLUMN smstrack.message_report.converted IS 'Whether a conversion followed.';
COMMENT ON COLUMN smstrack.message_report.first_conversion_at IS 'When a conversion first followed.';

CREATE VIEW smstrack.click_report AS
SELECT
    m.message_id,
    p."position"::integer AS "position",
    d.account,
    m.recipient,
    m.label,
    m.target_urls[p."position" + 1] AS target_url,
    h.first_view_at,
    h.views,
    h.first_click_at,
    h.clicks,
    h.bots,
    (SELECT count(*) FROM smstrack.conversion AS c
     WHERE c.message_id = m.message_id AND c."position" = p."position") AS conversions,
    h.devices,
    h.networks,
    h.forwarded_previews > 0 OR h.devices > 1 OR h.networks > 1 AS forwarded
FROM smstrack.message AS m
JOIN smstrack.link_domain AS d ON d.id = m.link_domain
CROSS JOIN LATERAL generate_series(0, m.links - 1) AS p ("position")
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE h.class = 'v') AS views,
        count(*) FILTER (WHERE h.class = 'c') AS clicks,
        count(*) FILTER (WHERE h.class = 'b') AS bots,
        min(h.at) FILTER (WHERE h.class = 'v') AS first_view_at,
        min(h.at) FILTER (WHERE h.class = 'c') AS first_click_at,
        count(DISTINCT h.os * 256 + h.device) FILTER (WHERE h.class = 'c') AS devices,
        count(DISTINCT h.address) FILTER (WHERE h.class = 'c') AS networks,
        count(*) FILTER (WHERE h.class = 'v' AND smstrack.rule_name(h.rule) = 'forwarded preview') AS forwarded_previews
    FROM smstrack.hit AS h
    WHERE h.message_id = m.message_id AND h."position" = p."position"
) AS h
WHERE NOT m.test;
COMMENT ON VIEW smstrack.click_report IS
    'One row a message and link: which contact clicked which link.';
COMMENT ON COLUMN smstrack.click_report.message_id IS 'Id of the message.';
COMMENT ON COLUMN smstrack.click_report."position" IS 'Which link of the message, from 0.';
COMMENT ON COLUMN smstrack.click_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.click_report.recipient IS 'Recipient; NULL where none is kept.';
COMMENT ON COLUMN smstrack.click_report.label IS 'Label as given.';
COMMENT ON COLUMN smstrack.click_report.target_url IS 'Target URL as it stood in the body.';
COMMENT ON COLUMN smstrack.click_report.first_view_at IS 'When a preview was first fetched.';
COMMENT ON COLUMN smstrack.click_report.views IS 'Previews fetched.';
COMMENT ON COLUMN smstrack.click_report.first_click_at IS 'When it was first clicked.';
COMMENT ON COLUMN smstrack.click_report.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.click_report.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.click_report.conversions IS 'Conversions that followed a click on it.';
COMMENT ON COLUMN smstrack.click_report.devices IS 'Kinds of devices that it was clicked on.';
COMMENT ON COLUMN smstrack.click_report.networks IS 'Networks that it was clicked from.';
COMMENT ON COLUMN smstrack.click_report.forwarded IS
    'Sign that it was passed on: several devices or networks, or a messenger fetched a preview. One person at home and on the road looks alike.';
