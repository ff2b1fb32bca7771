\pset format unaligned
-- The parts are the body, and each is within the limit.
SELECT part, length(text) AS characters, units, left(text, 3) AS first, right(text, 3) AS last
FROM smstrack_parts(repeat('0123456789', 40));
SELECT part, '[' || text || ']' AS text, units FROM smstrack_parts('');
SELECT part, right(text, 3) AS last, units
FROM smstrack_parts(repeat('x', 152) || '€ is the currency');
SELECT part, right(text, 3) AS last, units
FROM smstrack_parts(repeat('x', 66) || '😀 smiles at you');
SELECT part, length(text) AS characters, units
FROM smstrack_parts(repeat('a', 305), reference_bits => 16);

-- Grapheme clusters: parted where that saves segments, whole on request.
SELECT number, description, segments, cluster_segments,
    (SELECT string_agg(p.units::text, ' + ' ORDER BY part) FROM smstrack_parts(body) AS p) AS parts,
    (SELECT string_agg(p.units::text, ' + ' ORDER BY part)
     FROM smstrack_parts(body, keep_clusters => true) AS p) AS whole
FROM (VALUES
    (1, 'families', repeat(U&'\+01F468\200D\+01F469\200D\+01F467', 25)),
    (2, 'flags', repeat(U&'\+01F1E9\+01F1EA', 33)),
    (3, 'flags, 34', repeat(U&'\+01F1E9\+01F1EA', 34)),
    (4, 'skin tones', repeat(U&'\+01F44D\+01F3FD', 34)),
    (5, 'keycaps', repeat(U&'1\FE0F\20E3', 45)),
    (6, 'decomposed accents', repeat(U&'e\0301', 67)),
    (7, 'Hangul by letters', repeat(U&'\1112\1161\11AB', 45)),
    (8, 'CR LF across the border', repeat('a', 152) || E'\r\n' || repeat('a', 153)),
    (9, 'a cluster longer than a part', U&'e' || repeat(U&'\0301', 150))
) AS t (number, description, body), smstrack_segment_info(body)
ORDER BY number;

-- Whole clusters: no part begins with what belongs to the one before.
SELECT part, units, text
FROM smstrack_parts('Happy New Year to all of you, from all of us, wherever you may be! 👩‍🚀👨‍👩‍👧🇩🇪🎉', keep_clusters => true);

-- What forces UCS-2, and where: first occurrences, the invisible by code point alone.
SELECT forcing, forcing_at,
    forcing ~ ('U\+0*' || upper(to_hex(ascii(substr(body, forcing_at, 1))))) AS stands_there
FROM (VALUES
    (1, 'Plain'),
    (2, 'It’s “nice”, it’s'),
    (3, '😀 and 😀 again'),
    (4, U&'invisible\200Bspace and e\0301 and\00A0more')
) AS t (number, body), smstrack_segment_info(body)
ORDER BY number;

SELECT count(*) FROM smstrack_parts(NULL);
