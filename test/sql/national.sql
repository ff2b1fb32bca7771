\pset format unaligned
-- Nothing changes unless a language is named.
SELECT encoding, segments, units, language, forcing
FROM smstrack_segment_info('Şişli''de güneşli bir gün, çok güzel');
SELECT encoding, segments, units, units_left, language, forcing
FROM smstrack_segment_info('Şişli''de güneşli bir gün, çok güzel', languages => '{tr}');

-- The letters of each language that GSM-7 lacks, alone: which table, how many septets.
SELECT languages, body, encoding, units, language
FROM (VALUES
    (1, '{tr}', 'Ğğİışç'), (2, '{tr}', 'Şş'),
    (3, '{es}', 'ÁáÍíÓóÚúç'),
    (4, '{pt}', 'ÃãÕõÂâÊêÔô'), (5, '{pt}', 'ÀÁáÍíÓóÚúç∞ªº'),
    (6, '{bn}', 'বাংলা'), (7, '{gu}', 'ગુજરાતી'), (8, '{hi}', 'हिन्दी'), (9, '{kn}', 'ಕನ್ನಡ'),
    (10, '{ml}', 'മലയാളം'), (11, '{or}', 'ଓଡ଼ିଆ'), (12, '{pa}', 'ਪੰਜਾਬੀ'), (13, '{ta}', 'தமிழ்'),
    (14, '{te}', 'తెలుగు'), (15, '{ur}', 'اردو'),
    (16, '{tr}', 'тест')
) AS t (number, languages, body), smstrack_segment_info(body, languages => languages::text[])
ORDER BY number;

-- Capacities on both sides: a single shift table, a locking shift table, both.
SELECT description, segments, units, units_left, unit_limit, language
FROM (VALUES
    (1, 'a single shift', '{es}', 'á' || repeat('a', 153)),
    (2, 'one more', '{es}', 'á' || repeat('a', 154)),
    (3, 'two parts', '{es}', 'á' || repeat('a', 296)),
    (4, 'one more', '{es}', 'á' || repeat('a', 297)),
    (5, 'a locking shift', '{tr}', repeat('ş', 155)),
    (6, 'one more', '{tr}', repeat('ş', 156)),
    (7, 'two parts', '{tr}', repeat('ş', 298)),
    (8, 'one more', '{tr}', repeat('ş', 299)),
    (9, 'both', '{tr,pt}', 'ã' || repeat('ş', 150)),
    (10, 'one more', '{tr,pt}', 'ã' || repeat('ş', 151)),
    (11, 'two parts', '{tr,pt}', 'ã' || repeat('ş', 290)),
    (12, 'one more', '{tr,pt}', 'ã' || repeat('ş', 291))
) AS t (number, description, languages, body), smstrack_segment_info(body, languages => languages::text[])
ORDER BY number;
SELECT reference_bits, segments, unit_limit
FROM (VALUES (8), (16)) AS t (reference_bits),
    smstrack_segment_info(repeat('ş', 300), reference_bits, languages => '{tr}');

-- The cheapest: a header costs as much as a few escapes.
SELECT description, encoding, segments, units, language
FROM (VALUES
    (1, 'plain text', '{tr,es,pt}', 'plain'),
    (2, 'one Turkish letter', '{tr}', 'ş'),
    (3, 'Turkish and Portuguese letters', '{tr,pt}', 'şã'),
    (4, 'Portuguese letters, Spanish first', '{es,pt}', 'á'),
    (5, 'no pair of tables has all', '{tr,bn,hi}', 'şকक')
) AS t (number, description, languages, body), smstrack_segment_info(body, languages => languages::text[])
ORDER BY number;
SELECT part, units, right(text, 2) AS last
FROM smstrack_parts(repeat('a', 147) || 'áá' || repeat('a', 10), languages => '{es}');

SELECT smstrack_segment_info('a', languages => '{tr,de}');
SELECT smstrack_segment_info('a', languages => ARRAY['tr', NULL]);
