-- What script/demo runs. Every line of output comes from the statement above it.
\set QUIET on
\pset footer off
\pset linestyle unicode
\pset border 1
SET timezone = 'Europe/Berlin';
\echo
\echo 'CREATE EXTENSION smstrack;  SELECT smstrack_domain(''go.example.com'');'
CREATE EXTENSION smstrack;
SELECT smstrack_domain('go.example.com') AS link_domain;
SELECT smstrack_grant('redirector', 'redirector') \g /dev/null

\echo 'Three messages: a German one, one with emoji, a transactional one with two links.'
CREATE TEMPORARY TABLE outgoing (n int, label text, recipient text, body text);
INSERT INTO outgoing VALUES
    (1, 'spring sale', '+4915112345678',
     'Hallo Jürgen, nur heute 20 % auf alle Gartenmöbel! Hier geht''s lang: https://www.gartenhaus-müller.example/aktion/fruehling-2026?utm_source=sms&kunde=4711 Abmelden: STOP'),
    (2, 'party', '+447700900123',
     'Party tonight 🎉🎉 Doors open at 8, RSVP: https://events.example.co.uk/rsvp/8f3a-77b2-4c1d?guest=anna%20smith (bring a friend!)'),
    (3, 'order 20394', '+12025550147',
     'Your order 20394 has shipped. Track: https://track.example.com/p/1Z999AA10123456784?lang=en Invoice: https://shop.example.com/account/orders/20394/invoice.pdf');
CREATE TEMPORARY TABLE prepared AS
SELECT o.n, o.label, o.recipient, o.body AS original, p.*
FROM outgoing AS o, smstrack_prepare(o.body, o.recipient, label => o.label, keep_body => true) AS p;

\echo
\echo 'SELECT * FROM smstrack_prepare(body, recipient, label => ...);'
\x on
SELECT recipient, original, body AS to_send,
       encoding_before || ', ' || segments_before || ' segment(s), ' || length(original) || ' characters' AS before,
       encoding_after || ', ' || segments_after || ' segment(s), ' || length(body) || ' characters' AS after,
       links
FROM prepared ORDER BY n;
\x off

\echo 'The short form, for one SMS: SELECT smstrack_rewrite(body, recipient);'
SELECT smstrack_rewrite('Your code is 4711. Not you? https://bank.example/lock?session=9b1deb4d', '+4915112345679', label => 'code');

\echo 'Phones open the links: two previews, two people, a scanner. The redirector answers curl:'
CREATE TEMPORARY TABLE request (n int, who text, message int, link int, address inet, user_agent text);
INSERT INTO request VALUES
    (1, 'a link scanner', 2, 0, '203.0.113.9', 'Mozilla/5.0'),
    (2, 'iPhone, preview', 1, 0, '198.51.100.23',
     'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0'),
    (3, 'Google, preview', 3, 1, '66.249.81.1',
     'Mozilla/5.0 (Linux; Android 4.2.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/56.0.2924.87 Safari/537.36 Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)'),
    (4, 'iPhone, a person', 1, 0, '198.51.100.23',
     'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'),
    (5, 'Android, a person', 3, 1, '2001:db8:77::1',
     'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36');
SELECT r.who, smstrack_code(m.message_id, r.link), r.address, r.user_agent
FROM request AS r JOIN prepared AS m ON m.n = r.message
ORDER BY r.n \g (format=unaligned tuples_only=on fieldsep='|') |sh script/demo-click
\set token `cat "$CLICK_TOKEN"`

\echo 'The shop reports an order with the token that the click carried:'
\echo 'SELECT smstrack_convert(token, ''order'', ''A-1001'', 129.90, ''EUR'');'
SELECT smstrack_convert(:'token', 'order', 'A-1001', 129.90, 'EUR') AS recorded;
SELECT smstrack_convert(:'token', 'order', 'A-1001', 129.90, 'EUR') AS recorded_again;

\echo 'A part of it comes back; and the sums, live:'
SELECT smstrack_reverse('order', 'A-1001', 29.90, 'refund 1') AS taken_back;
SELECT "position", goal, currency, conversions, value, reversed_value FROM smstrack.conversion_position_tally;
\echo 'What goes onto the shop''s confirmation page: SELECT smstrack_tracking_code(''go.example.com'', ''registration'');'
SELECT length(smstrack_tracking_code(goal => 'registration')) AS characters;

\echo 'The logbook: SELECT * FROM smstrack.message_report;'
SELECT label, recipient, status, segments_before AS before, segments_after AS after, viewed, clicked, converted,
       to_char(first_click_at, 'HH24:MI:SS') AS first_click
FROM smstrack.message_report ORDER BY message_id;
\echo 'Which contact clicked which link: SELECT * FROM smstrack.click_report;'
SELECT label, recipient, "position", left(target_url, 48) AS target_url, views, clicks, bots, conversions
FROM smstrack.click_report ORDER BY message_id, "position";

\echo
\echo 'The numbers that a dashboard shows: SELECT smstrack_refresh(); SELECT * FROM smstrack.campaign_report;'
SELECT count(*) AS reports_refreshed FROM smstrack_refresh();
SELECT coalesce(campaign, 'single messages') AS campaign, prepared, previews_fetched, unique_clicks, click_rate, conversions, value, currency
FROM smstrack.campaign_report ORDER BY campaign_id;
\echo 'On which devices, and in which countries: SELECT * FROM smstrack.device_live, smstrack.country_live;'
SELECT os, device, preview_requests, total_clicks, bots FROM smstrack.device_live ORDER BY total_clicks DESC, os;
SELECT country, prefix, prepared, unique_clicks, click_rate FROM smstrack.country_live ORDER BY country;
