\pset format unaligned
-- Both sides of each limit. A part takes 153 septets, or 67 code units, where there are
-- several; a single one 160, or 70.
CREATE FUNCTION repeated(n integer, body text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN repeat(body, n);

SELECT body || ' x ' || n AS body, encoding, segments, units, units_left, unit_limit
FROM (VALUES
    ('a', ARRAY[0, 1, 159, 160, 161, 305, 306, 307, 459, 460, 39015, 39016]),
    ('ü', ARRAY[160, 161, 306, 307]),
    ('€', ARRAY[80, 81, 152, 153, 228, 229]),
    ('ç', ARRAY[0, 1, 69, 70, 71, 133, 134, 135, 201, 202, 17085, 17086]),
    ('😀', ARRAY[35, 36, 66, 67, 99, 100])
) AS t (body, counts), unnest(counts) AS n, smstrack_segment_info(repeated(n, body))
WHERE n > 0
ORDER BY body COLLATE "C", n;

-- What stands across the border goes to the next part whole, and a unit is lost.
SELECT number, description, smstrack_segments(body) AS segments, units, units_left,
    (SELECT string_agg(p.units::text, ' + ' ORDER BY part) FROM smstrack_parts(body) AS p) AS parts
FROM (VALUES
    (1, 'an escape ends at the border', repeat('a', 151) || ']' || repeat('a', 153)),
    (2, 'an escape across the border', repeat('a', 152) || ']' || repeat('a', 152)),
    (3, 'an escape behind the border', repeat('a', 153) || ']' || repeat('a', 151)),
    (4, 'an escape across two borders', repeat(']', 153)),
    (5, 'an escape across the border of a single SMS', repeat('a', 159) || ']'),
    (6, 'a pair ends at the border', repeat('ç', 65) || '😀' || repeat('ç', 67)),
    (7, 'a pair across the border', repeat('ç', 66) || '😀' || repeat('ç', 66)),
    (8, 'a pair behind the border', repeat('ç', 67) || '😀' || repeat('ç', 65)),
    (9, 'a pair across two borders', repeat('😀', 67)),
    (10, 'a pair across the border of a single SMS', repeat('ç', 69) || '😀'),
    (11, 'UCS-2 from the last character on', repeat(']', 69) || 'ç'),
    (12, 'the same, one more', repeat(']', 70) || 'ç')
) AS t (number, description, body), smstrack_segment_info(body)
ORDER BY number;

-- More than 255 parts are counted, but no phone takes them.
SELECT kind, segments, sendable
FROM (VALUES
    (1, '255 parts of GSM-7', repeat('a', 255 * 153)),
    (2, '256 parts of GSM-7', repeat('a', 255 * 153 + 1)),
    (3, '255 parts of UCS-2', repeat('ç', 255 * 67)),
    (4, '256 parts of UCS-2', repeat('ç', 255 * 67 + 1)),
    (5, 'a million characters', repeat('a', 1000000))
) AS t (number, kind, body), smstrack_segment_info(body)
ORDER BY number;

-- A reference number of 16 bits takes one octet more: 152 septets, 66 code units.
SELECT description, segments, units, units_left, unit_limit
FROM (VALUES
    (1, '160 septets', repeat('a', 160)),
    (2, '304 septets', repeat('a', 304)),
    (3, '305 septets', repeat('a', 305)),
    (4, '70 code units', repeat('ç', 70)),
    (5, '132 code units', repeat('ç', 132)),
    (6, '133 code units', repeat('ç', 133))
) AS t (number, description, body), smstrack_segment_info(body, reference_bits => 16)
ORDER BY number;

SELECT smstrack_segment_info('a', reference_bits => 7);

DROP FUNCTION repeated;
