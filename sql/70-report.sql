-- Reports on single messages, always live: the logbook, who clicked what, and contacts.
-- They run with their owner's rights, so that a reader needs none on messages and hits;
-- each shows the session's account alone.

CREATE FUNCTION smstrack.sees_all_accounts()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NOT row_security_active('smstrack.campaign'::regclass);
COMMENT ON FUNCTION smstrack.sees_all_accounts() IS
    'Tells whether the current role sees the rows of every account: the tables'' owner, superusers and who bypasses row security. Others see those of smstrack.account.';

-- A mark: the right to execute it is the right to see recipients.
CREATE FUNCTION smstrack.recipients_in_clear()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN true;
COMMENT ON FUNCTION smstrack.recipients_in_clear() IS
    'Who may execute it sees recipients in reports; others see them masked. smstrack_grant gives it to readers, not to those of the kind reader_masked.';
REVOKE EXECUTE ON FUNCTION smstrack.recipients_in_clear() FROM PUBLIC;

CREATE FUNCTION smstrack.sees_recipients()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN has_function_privilege('smstrack.recipients_in_clear()'::regprocedure, 'EXECUTE');
COMMENT ON FUNCTION smstrack.sees_recipients() IS
    'Tells whether the current role sees recipients in clear.';

CREATE FUNCTION smstrack.mask_recipient(recipient text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN recipient ~ '^\+[0-9]{8,}$'
    THEN left(recipient, 3) || repeat('*', length(recipient) - 5) || right(recipient, 2)
    ELSE repeat('*', 8) END;
COMMENT ON FUNCTION smstrack.mask_recipient(text) IS
    'A recipient that cannot be written to: of a number the first three characters and the last two digits, of an identifier nothing.';

CREATE FUNCTION smstrack.status_name(status "char")
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE status
    WHEN 'p' THEN 'prepared'
    WHEN 'a' THEN 'accepted'
    WHEN 's' THEN 'sent'
    WHEN 'd' THEN 'delivered'
    WHEN 'f' THEN 'failed'
    WHEN 'e' THEN 'expired'
END;
COMMENT ON FUNCTION smstrack.status_name("char") IS 'Names a status of smstrack.message.';

CREATE VIEW smstrack.message_report WITH (security_barrier = true) AS
SELECT
    m.message_id,
    d.account,
    m.created_at,
    CASE WHEN (SELECT smstrack.sees_recipients()) THEN m.recipient
        ELSE smstrack.mask_recipient(m.recipient) END AS recipient,
    CASE WHEN (SELECT smstrack.sees_recipients()) THEN m.label END AS label,
    d.host AS link_domain,
    smstrack.status_name(m.status) AS status,
    m.sent_at,
    CASE WHEN (SELECT smstrack.sees_recipients()) THEN m.body END AS body,
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
    m.first_conversion_at,
    coalesce(m.campaign, 0) AS campaign_id,
    c.name AS campaign,
    v.name AS variant,
    v.body AS variant_body,
    m.status_at,
    CASE WHEN (SELECT smstrack.sees_recipients()) THEN m.error END AS error,
    smstrack.country_name(m.country) AS country,
    m.currency,
    m.segments_before * m.segment_price AS cost_before,
    m.segments_after * m.segment_price AS cost_after,
    m.charged_cost,
    (SELECT count(*) FROM smstrack.conversion AS k WHERE k.message_id = m.message_id) AS conversions,
    (SELECT sum(k.value - k.reversed_value) FROM smstrack.conversion AS k
     WHERE k.message_id = m.message_id HAVING count(DISTINCT k.currency) = 1) AS value,
    (SELECT min(k.currency) FROM smstrack.conversion AS k
     WHERE k.message_id = m.message_id HAVING count(DISTINCT k.currency) = 1) AS value_currency
FROM smstrack.message AS m
JOIN smstrack.link_domain AS d ON d.id = m.link_domain
-- joined, not looked up: who asks for a campaign by its name has it found once
LEFT JOIN smstrack.campaign AS c ON c.id = m.campaign
LEFT JOIN smstrack.variant AS v ON v.id = m.variant
WHERE NOT m.test AND m.status <> 'l'
    AND ((SELECT smstrack.sees_all_accounts()) OR d.account = smstrack.current_account());
COMMENT ON VIEW smstrack.message_report IS 'The logbook: one row a message.';
COMMENT ON COLUMN smstrack.message_report.message_id IS 'Id of the message.';
COMMENT ON COLUMN smstrack.message_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.message_report.created_at IS 'When the message was prepared.';
COMMENT ON COLUMN smstrack.message_report.recipient IS
    'Recipient; NULL where none is kept; masked for who may not see recipients.';
COMMENT ON COLUMN smstrack.message_report.label IS 'Label as given; NULL for who may not see recipients.';
COMMENT ON COLUMN smstrack.message_report.link_domain IS 'Host of its short links.';
COMMENT ON COLUMN smstrack.message_report.status IS 'prepared, accepted, sent, delivered, failed or expired.';
COMMENT ON COLUMN smstrack.message_report.sent_at IS 'When it was sent, as far as reported.';
COMMENT ON COLUMN smstrack.message_report.body IS
    'Body as sent, where it is kept; NULL for who may not see recipients.';
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
COMMENT ON COLUMN smstrack.message_report.campaign_id IS 'Campaign; 0 for a single message.';
COMMENT ON COLUMN smstrack.message_report.campaign IS 'Name of the campaign; NULL for a single message.';
COMMENT ON COLUMN smstrack.message_report.variant IS 'Name of the variant; NULL for a single message.';
COMMENT ON COLUMN smstrack.message_report.variant_body IS 'Text of the variant with its merge fields; NULL for a single message.';
COMMENT ON COLUMN smstrack.message_report.status_at IS 'When the status was reached.';
COMMENT ON COLUMN smstrack.message_report.error IS
    'What the provider said of a message that failed or expired, perhaps with the number; NULL for who may not see recipients.';
COMMENT ON COLUMN smstrack.message_report.country IS 'ISO 3166 code of the country of the recipient''s number; NULL: not known.';
COMMENT ON COLUMN smstrack.message_report.currency IS 'ISO 4217 code of the costs; NULL: no price is known.';
COMMENT ON COLUMN smstrack.message_report.cost_before IS 'Estimated cost of the body as given.';
COMMENT ON COLUMN smstrack.message_report.cost_after IS 'Estimated cost of the body as sent.';
COMMENT ON COLUMN smstrack.message_report.charged_cost IS 'Charged cost, where it was reported.';
COMMENT ON COLUMN smstrack.message_report.conversions IS 'Conversions credited to it, those that were taken back too.';
COMMENT ON COLUMN smstrack.message_report.value IS
    'Value of its conversions, less what was taken back; NULL where there is none, or it is in several currencies.';
COMMENT ON COLUMN smstrack.message_report.value_currency IS 'ISO 4217 code of the value.';

CREATE VIEW smstrack.click_report WITH (security_barrier = true) AS
SELECT
    m.message_id,
    p."position"::integer AS "position",
    d.account,
    CASE WHEN (SELECT smstrack.sees_recipients()) THEN m.recipient
        ELSE smstrack.mask_recipient(m.recipient) END AS recipient,
    CASE WHEN (SELECT smstrack.sees_recipients()) THEN m.label END AS label,
    coalesce(CASE WHEN (SELECT smstrack.sees_recipients()) THEN m.target_urls[p."position" + 1] END,
             v.target_urls[p."position" + 1]) AS target_url,
    h.first_view_at,
    h.views,
    h.first_click_at,
    h.clicks,
    h.bots,
    (SELECT count(*) FROM smstrack.conversion AS k
     WHERE k.message_id = m.message_id AND k."position" = p."position") AS conversions,
    h.devices,
    h.networks,
    h.forwarded_previews > 0 OR h.devices > 1 OR h.networks > 1 AS forwarded,
    coalesce(m.campaign, 0) AS campaign_id,
    c.name AS campaign,
    v.name AS variant
FROM smstrack.message AS m
JOIN smstrack.link_domain AS d ON d.id = m.link_domain
LEFT JOIN smstrack.campaign AS c ON c.id = m.campaign
LEFT JOIN smstrack.variant AS v ON v.id = m.variant
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
WHERE NOT m.test AND m.status <> 'l'
    AND ((SELECT smstrack.sees_all_accounts()) OR d.account = smstrack.current_account());
COMMENT ON VIEW smstrack.click_report IS
    'One row a message and link: which contact clicked which link. It counts hits that are still there: not those of months that were dropped.';
COMMENT ON COLUMN smstrack.click_report.message_id IS 'Id of the message.';
COMMENT ON COLUMN smstrack.click_report."position" IS 'Which link of the message, from 0.';
COMMENT ON COLUMN smstrack.click_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.click_report.recipient IS
    'Recipient; NULL where none is kept; masked for who may not see recipients.';
COMMENT ON COLUMN smstrack.click_report.label IS 'Label as given; NULL for who may not see recipients.';
COMMENT ON COLUMN smstrack.click_report.target_url IS
    'Target URL: a recipient''s own, with his merge fields, as it stood in the body; where there is none, and for who may not see recipients, where the link of the variant leads now.';
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
COMMENT ON COLUMN smstrack.click_report.campaign_id IS 'Campaign; 0 for a single message.';
COMMENT ON COLUMN smstrack.click_report.campaign IS 'Name of the campaign; NULL for a single message.';
COMMENT ON COLUMN smstrack.click_report.variant IS 'Name of the variant; NULL for a single message.';

-- Grouped by the recipient himself, masked afterwards: two contacts may look alike masked.
CREATE VIEW smstrack.recipient_report WITH (security_barrier = true) AS
SELECT
    r.account,
    CASE WHEN (SELECT smstrack.sees_recipients()) THEN r.recipient
        ELSE smstrack.mask_recipient(r.recipient) END AS recipient,
    r.country,
    r.messages,
    r.campaigns,
    r.delivered,
    r.failed,
    r.viewed,
    r.clicked,
    r.converted,
    r.segments,
    r.first_message_at,
    r.last_message_at,
    r.last_click_at
FROM (
    SELECT
        d.account,
        m.recipient,
        min(smstrack.country_name(m.country)) AS country,
        count(*) AS messages,
        count(DISTINCT m.campaign) AS campaigns,
        count(*) FILTER (WHERE m.status = 'd') AS delivered,
        count(*) FILTER (WHERE m.status IN ('f', 'e')) AS failed,
        count(m.first_view_at) AS viewed,
        count(m.first_click_at) AS clicked,
        count(m.first_conversion_at) AS converted,
        sum(m.segments_after)::bigint AS segments,
        min(m.created_at) AS first_message_at,
        max(m.created_at) AS last_message_at,
        max(m.first_click_at) AS last_click_at
    FROM smstrack.message AS m
    JOIN smstrack.link_domain AS d ON d.id = m.link_domain
    WHERE NOT m.test AND m.status <> 'l' AND m.recipient IS NOT NULL
        AND ((SELECT smstrack.sees_all_accounts()) OR d.account = smstrack.current_account())
    GROUP BY d.account, m.recipient
) AS r;
COMMENT ON VIEW smstrack.recipient_report IS
    'One row a contact, over all messages that name him; live, and so as slow as there are messages.';
COMMENT ON COLUMN smstrack.recipient_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.recipient_report.recipient IS 'Recipient; masked for who may not see recipients.';
COMMENT ON COLUMN smstrack.recipient_report.country IS 'ISO 3166 code of the country of the number; NULL: not known.';
COMMENT ON COLUMN smstrack.recipient_report.messages IS 'Messages prepared for the contact.';
COMMENT ON COLUMN smstrack.recipient_report.campaigns IS 'Campaigns that they belong to.';
COMMENT ON COLUMN smstrack.recipient_report.delivered IS 'Messages reported as delivered.';
COMMENT ON COLUMN smstrack.recipient_report.failed IS 'Messages reported as failed or expired.';
COMMENT ON COLUMN smstrack.recipient_report.viewed IS 'Messages of which a preview was fetched.';
COMMENT ON COLUMN smstrack.recipient_report.clicked IS 'Messages of which a link was clicked.';
COMMENT ON COLUMN smstrack.recipient_report.converted IS 'Messages that a conversion followed.';
COMMENT ON COLUMN smstrack.recipient_report.segments IS 'Segments sent.';
COMMENT ON COLUMN smstrack.recipient_report.first_message_at IS 'When the first message was prepared.';
COMMENT ON COLUMN smstrack.recipient_report.last_message_at IS 'When the last message was prepared.';
COMMENT ON COLUMN smstrack.recipient_report.last_click_at IS
    'When a message was first clicked, of the message where that was last.';

CREATE VIEW smstrack.alias_report WITH (security_barrier = true) AS
SELECT
    d.account,
    a.host,
    a.code,
    a.target_url,
    coalesce(sum(t.views), 0)::bigint AS views,
    coalesce(sum(t.clicks), 0)::bigint AS clicks,
    coalesce(sum(t.bots), 0)::bigint AS bots,
    min(t.first_click_at) AS first_click_at,
    max(t.last_click_at) AS last_click_at
FROM smstrack.link_alias AS a
JOIN smstrack.link_domain AS d ON d.host = a.host
LEFT JOIN smstrack.alias_tally AS t ON t.alias_id = a.alias_id
WHERE (SELECT smstrack.sees_all_accounts()) OR d.account = smstrack.current_account()
GROUP BY d.account, a.host, a.code, a.target_url;
COMMENT ON VIEW smstrack.alias_report IS 'One row a vanity or imported link, live.';
COMMENT ON COLUMN smstrack.alias_report.account IS 'Account.';
COMMENT ON COLUMN smstrack.alias_report.host IS 'Host of the link domain.';
COMMENT ON COLUMN smstrack.alias_report.code IS 'Last segment of the link''s path.';
COMMENT ON COLUMN smstrack.alias_report.target_url IS 'Where the link leads.';
COMMENT ON COLUMN smstrack.alias_report.views IS 'Previews fetched.';
COMMENT ON COLUMN smstrack.alias_report.clicks IS 'Clicks.';
COMMENT ON COLUMN smstrack.alias_report.bots IS 'Requests of bots and scanners.';
COMMENT ON COLUMN smstrack.alias_report.first_click_at IS 'When the link was first clicked; NULL: never.';
COMMENT ON COLUMN smstrack.alias_report.last_click_at IS 'When it was last clicked; NULL: never.';
