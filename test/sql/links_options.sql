-- Settings, columns, positions, NULL, and the warnings about previews (R12).
\pset format unaligned
\pset null NULL
SELECT * FROM smstrack_links('Grüße 🎉 https://bücher.de/ü, done.In, www.example.com x');
SELECT * FROM smstrack_links(NULL);
SELECT * FROM smstrack_links('');
SELECT smstrack_link_count(NULL), smstrack_link_count(''), smstrack_link_count('a.com b.com https://c.de done.In');

-- start counts from 1, as substr does, whatever the bytes
SELECT url, substr(body, start, length) = url AS same
FROM (VALUES ('🎉🎉 https://example.com/a é www.example.com'), ('日本 example.com/a')) AS v (body),
    smstrack_links(body);

-- positions end at 15; a target has at most 2,048 bytes
SELECT ordinal, position, warning FROM smstrack_links(repeat('https://example.com/a ', 18)) WHERE ordinal > 15;
SELECT smstrack_link_count(repeat('https://example.com/a ', 18));
SELECT length, trackable, target IS NULL AS refused, warning
FROM unnest(ARRAY[2034, 2035]) AS n, smstrack_links('https://a.com/' || repeat('a', n))
ORDER BY n;

-- a preview wants one link at the start or at the end
SELECT body, warning
FROM (VALUES ('https://example.com/a'), ('https://example.com/a now'), ('now https://example.com/a'),
        (E'  https://example.com/a\n'), ('now https://example.com/a now'), ('now https://example.com/a.'),
        ('https://example.com/a https://example.com/b'), ('https://example.com/a done.In')) AS v (body),
    smstrack_links(body)
ORDER BY body COLLATE "C", ordinal;

-- the settings
SHOW smstrack.bare_hosts;
SHOW smstrack.extra_tlds;
SHOW smstrack.ignored_tlds;
CREATE TABLE links_option (body text);
INSERT INTO links_option VALUES ('https://a.com a.com a.com/b www.a.com a.com:80 a.zip a.corp a.тест');
SELECT marked FROM links_option, links_marked(body);
SET smstrack.bare_hosts = path;
SELECT marked FROM links_option, links_marked(body);
SET smstrack.bare_hosts = off;
SELECT marked FROM links_option, links_marked(body);
SET smstrack.bare_hosts = on;
SET smstrack.extra_tlds = ' CORP, xn--e1aybc,corp ';
SELECT marked FROM links_option, links_marked(body);
SET smstrack.ignored_tlds = 'corp,com';
SELECT marked FROM links_option, links_marked(body);
SET smstrack.ignored_tlds = '';
SELECT marked FROM links_option, links_marked(body);
SET smstrack.bare_hosts = sometimes;
SET smstrack.extra_tlds = '.corp';
SET smstrack.ignored_tlds = 'zip;mov';
SHOW smstrack.extra_tlds;
RESET smstrack.extra_tlds;
RESET smstrack.ignored_tlds;
RESET smstrack.bare_hosts;
SELECT marked FROM links_option, links_marked(body);

-- substituting back gives the original, and the spans are ordered and disjoint
SELECT bool_and(start > coalesce(previous_end, 0)) AS ordered
FROM (
    SELECT start, lag(start + length - 1) OVER (ORDER BY ordinal) AS previous_end
    FROM smstrack_links('a.com,b.com/a;https://c.com/x,https://d.com done.In 见https://e.com/a日本 f.com')
) AS l;
DROP TABLE links_option;
