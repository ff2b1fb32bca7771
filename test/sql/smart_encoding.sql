\pset format unaligned
-- A body of two UCS-2 segments, so that GSM-7 saves one.
CREATE FUNCTION padded(body text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN body || repeat('.', 71 - least(length(body), 70));
CREATE FUNCTION unpadded(body text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN regexp_replace(body, '\.+$', '');

SELECT number, body, nullif(unpadded(smstrack_smart(padded(body))), body) AS smart
FROM (VALUES
    (1, '“Double” „low” «angles»'),
    (2, '‘single’ ‚low’ it’s `back` ´'),
    (3, 'en–em—bar―minus−hyphen‐figure‒nb‑x'),
    (4, '5′ 6″'),
    (5, 'bullet • here'),
    (6, U&'spaces:\00A0\2009\3000\202F|'),
    (7, E'tab\there'),
    (8, U&'line\2028end'),
    (9, U&'soft\00ADhyphen zero\200Bwidth \FEFFmark \200Eleft'),
    (10, '¼ ½ ¾ ⅓, 3½'),
    (11, '2×3 ÷ 4 ≤ 5 ≥ 6 ≠ 7'),
    (12, '© ® ™ № 5, 20°C, n° 7'),
    (13, 'ＦｕｌｌＷｉｄｔｈ ！？'),
    (14, 'oﬃce, cœur, ĳs'),
    (15, U&'cafe\0301, man\0303ana'),
    (16, U&'5 \2126, 3 \212B'),
    (17, '𝐁𝐨𝐥𝐝 𝘪𝘵𝘢𝘭𝘪𝘤'),
    (18, 'ꜱᴍᴀʟʟ ᴄᴀᴘꜱ'),
    (19, '→ https://x.de/a'),
    (20, U&'q\0303 no tilde'),
    (21, 'garçon'),
    (22, '“quoted” 😀'),
    (23, 'm²'),
    (24, 'plain')
) AS t (number, body)
ORDER BY number;

-- Only where it saves a segment, and only if nothing is left.
SELECT smstrack_smart('“one segment either way”') AS unchanged;
SELECT length(body) AS characters, smstrack_segments(body) AS before,
    smstrack_segments(smstrack_smart(body)) AS after, smstrack_smart(body) = body AS unchanged
FROM (VALUES
    (repeat('a', 69) || '’'),
    (repeat('a', 70) || '’'),
    (repeat('…', 70)),
    -- 71 ellipses are 213 full stops, two segments either way
    (repeat('…', 71)),
    (repeat('a', 70) || '😀’')
) AS t (body);

-- Never within a link.
SELECT number, unpadded(smstrack_smart(padded(body))) AS smart
FROM (VALUES
    (1, '“https://example.com/a–b” stays'),
    (2, 'see HTTPS://example.com/a “quoted”'),
    (3, 'https://example.com/it’s keeps all of it’s'),
    (4, 'so does example.com/it’s, it’s a link'),
    (5, 'see “example.com/a”, it’s a link')
) AS t (number, body)
ORDER BY number;

-- Nor where what stands beside a link would run into it, or make one.
SELECT number, nullif(unpadded(smstrack_smart(padded(body))), body) AS smart
FROM (VALUES
    (1, 'https://example.com/a—today'),
    (2, U&'https://example.com/a\200Bb'),
    (3, 'https://example.com/a™'),
    (4, 'Sale–https://example.com/a'),
    (5, U&'Info\200Bhttps://example.com/a'),
    (6, 'now·example.com'),
    (7, 'only 5·us'),
    (8, 'https://example.com/a — today'),
    (9, '→https://example.com/a'),
    (10, 'done.In “stock”'),
    (11, 'https://user:pw@example.com/—x')
) AS t (number, body)
ORDER BY number;

-- On request: accents, Greek capitals.
SELECT number, unpadded(smstrack_smart(padded(body), fold_accents, greek)) AS smart
FROM (VALUES
    (1, 'Łódź, garçon, Việt Nam, ǟ and é', true, false),
    (2, 'ΚΑΛΗΜΕΡΑ ΣΑΣ', false, true),
    (3, 'ΚΑΛΗΜΕΡΑ ΣΑΣ', false, false),
    (4, 'ΆΛΦΑ, garçon', true, true),
    (5, U&'q\0303 and <\0338', true, false)
) AS t (number, body, fold_accents, greek)
ORDER BY number;

-- What was replaced, and where.
SELECT start, code_points, '[' || replacement || ']' AS replacement,
    substr(body, start, length(original)) = original AS stands_there
FROM (VALUES (padded(U&'\201CIt\2019s\201D \20143\00BD cafe\0301 x\200By\2026'))) AS t (body),
    smstrack_smart_info(body);
SELECT count(*) FROM smstrack_smart_info('“one segment either way”');
SELECT start, original, replacement
FROM smstrack_smart_info(padded('Łódź'), fold_accents => true);

SELECT smstrack_smart(NULL) IS NULL AS null_in_null_out;
DROP FUNCTION padded, unpadded;
