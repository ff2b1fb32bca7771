-- Writes doc/columns.md: what the comments in the database say of every column of results,
-- reports and tables. Run by script/doc-columns; test/t/005_reference.pl compares.
\pset format unaligned
\pset tuples_only on
\pset null ''
SET search_path = pg_catalog;

SELECT '# Columns

Written by `script/doc-columns` from the comments in the database, where `\d+ smstrack.campaign_report` shows them too. [Reference](reference.md) says which function gives what, [privacy](privacy.md) what each column of a table tells of a person.

Unknown is NULL, none is 0. Times are timestamptz, lengths of time interval; money is numeric and stands beside its currency; rates are numbers from 0 to 1; counts of segments, units and recipients are whole numbers.';

CREATE TEMPORARY TABLE shown AS
SELECT c.oid, c.relname, c.reltype,
       CASE WHEN c.relkind = 'c' THEN 1
            WHEN c.relname ~ '(_report|_live)$' THEN 2
            WHEN c.relkind IN ('r', 'p') THEN 3
            ELSE 4 END AS chapter,
       (SELECT string_agg(format('| `%s` | %s | %s |', a.attname,
                                 replace(replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz'), 'timestamp without time zone', 'timestamp'),
                                 replace(col_description(c.oid, a.attnum), '|', '\|')), E'\n' ORDER BY a.attnum)
        FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
FROM pg_class AS c
-- what smstrack_refresh fills is read through the views *_report
WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('c', 'r', 'p', 'v') AND NOT c.relispartition;

-- A live view has the columns of its report, and is named beside it.
CREATE TEMPORARY TABLE twin AS
SELECT report.oid AS report, live.oid AS live, live.relname
FROM shown AS report
JOIN shown AS live ON live.relname = regexp_replace(report.relname, '_report$', '_live') AND live.oid <> report.oid
WHERE replace(live.columns, '_live', '_report') = report.columns;

SELECT CASE WHEN s.chapter IS DISTINCT FROM lag(s.chapter) OVER place THEN
           E'\n## ' || (ARRAY['Results of functions', 'Reports', 'Tables', 'Sums, and what checks them'])[s.chapter] || E'\n' ELSE '' END
       || E'\n### smstrack.' || s.relname || coalesce(', smstrack.' || t.relname, '') || E'\n'
       || CASE s.chapter WHEN 1 THEN obj_description(s.reltype, 'pg_type') ELSE obj_description(s.oid, 'pg_class') END
       || E'\n\n| column | type | meaning |\n|---|---|---|\n' || s.columns
FROM shown AS s
LEFT JOIN twin AS t ON t.report = s.oid
WHERE s.oid NOT IN (SELECT live FROM twin)
WINDOW place AS (ORDER BY s.chapter, s.relname COLLATE "C")
ORDER BY s.chapter, s.relname COLLATE "C";
