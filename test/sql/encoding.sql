\pset format unaligned
-- The alphabet: all code points, by the septets they take alone.
WITH character AS (
    SELECT code, chr(code) AS body
    FROM generate_series(1, 1114111) AS code
    WHERE code NOT BETWEEN 55296 AND 57343
)
SELECT units AS septets,
    count(*),
    string_agg(CASE WHEN code < 32 THEN 'U+' || lpad(upper(to_hex(code)), 4, '0') ELSE body END,
        ' ' ORDER BY code) AS characters
FROM character, smstrack_segment_info(body)
WHERE smstrack_encoding(body) = 'GSM-7'
GROUP BY units
ORDER BY units;

-- All of it in one body: 127 + 2 x 10 septets.
SELECT encoding, segments, units, characters, units_left
FROM smstrack_segment_info(
    E'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,-./0123456789:;<=>?' ||
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà' ||
    E'\f^{}\\[~]|€');

-- Traps: what looks as if it were in the alphabet, and what does not.
SELECT trap, smstrack_encoding(body) AS encoding, units, characters, forcing
FROM (VALUES
    (1, 'capital C with cedilla', 'Ç'),
    (2, 'small c with cedilla', 'ç'),
    (3, 'apostrophe', ''''),
    (4, 'backtick', '`'),
    (5, 'acute accent alone', '´'),
    (6, 'e with acute, composed', U&'\00E9'),
    (7, 'e with acute, decomposed', U&'e\0301'),
    (8, 'a with acute', 'á'),
    (9, 'Greek capital Omega', U&'\03A9'),
    (10, 'Ohm sign', U&'\2126'),
    (11, 'Greek capital Alpha', U&'\0391'),
    (12, 'Latin A', 'A'),
    (13, 'Greek small omega', 'ω'),
    (14, 'A with ring', U&'\00C5'),
    (15, 'Angstrom sign', U&'\212B'),
    (16, 'LF', E'\n'),
    (17, 'CR LF', E'\r\n'),
    (18, 'tab', E'\t'),
    (19, 'form feed', E'\f'),
    (20, 'escape', E'\x1B'),
    (21, 'delete', E'\x7F'),
    (22, 'no-break space', U&'\00A0'),
    (23, 'euro sign', '€'),
    (24, 'degree sign', '°'),
    (25, 'smart quotes', '“”'),
    (26, 'en dash', '–'),
    (27, 'ellipsis', '…'),
    (28, 'zero width space', U&'a\200Bb'),
    (29, 'byte order mark', U&'\FEFFa'),
    (30, 'soft hyphen', U&'a\00ADb'),
    (31, 'emoji', '😀'),
    (32, 'emoji with variation selector', U&'\2764\FE0F'),
    (33, 'family joined by ZWJ', U&'\+01F468\200D\+01F469\200D\+01F467'),
    (34, 'flag', U&'\+01F1E9\+01F1EA'),
    (35, 'extension characters beside UCS-2', '{€}ç'),
    (36, 'empty', '')
) AS t (number, trap, body), smstrack_segment_info(body)
ORDER BY number;

SELECT smstrack_encoding(NULL) IS NULL AS encoding, smstrack_segments(NULL) IS NULL AS segments;
