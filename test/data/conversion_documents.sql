-- Random JSON documents for smstrack_convert_batch and smstrack_reverse_batch, and what comes
-- of them. Needs a table of click tokens pg_temp.known_token (token); repeatable by setseed.

-- What may stand behind a key, as JSON: mostly of its own kind. Rows of kind '*' fit none.
CREATE TEMPORARY TABLE fragment AS
SELECT f.kind, row_number() OVER (PARTITION BY f.kind) AS n, f.json
FROM (
    SELECT 'token', to_json(token)::text FROM (SELECT token FROM known_token LIMIT 40) AS t
    UNION ALL SELECT 'token', to_json(overlay(token PLACING 'x' FROM 3 + length(token) / 2))::text FROM (SELECT token FROM known_token LIMIT 5) AS t
    UNION ALL SELECT v.kind, unnest(v.json)
    FROM (VALUES
        ('recipient', ARRAY['"+4915110000001"', '"0151 10000001"', '"0049 151 10000001"', '"+49151"', '"customer 7"', '"+1"']),
        ('goal', ARRAY['"order"', '"order"', '"registration"', '"order\n"', '"Order"', '"refill"']),
        ('order_id', ARRAY['"A-1"', '"A-2"', '"A-3"', '"\u00e4"', '"\ud83d\ude00"', '"1"']),
        ('reversal_id', ARRAY['"r1"', '"r2"', '"r3"', '"\t"']),
        ('value', ARRAY['5', '"12.50"', '0', '-1', '"-1"', '1e3', '1e-30', '1e300', '99999999999999.99', '"5."', '".5"', '"1e3"', '"NaN"', '"Infinity"', '"0x10"', '-0', '"' || repeat('9', 40) || '"', repeat('9', 500)]),
        ('currency', ARRAY['"EUR"', '"EUR"', '"USD"', '"eur"', '"XXX"', '"EU"', '"EURO"', '"€€€"']),
        ('at', ARRAY['"2026-03-01T10:20:00Z"', '"2020-02-29T24:00:00Z"', '"9999-12-31T23:59:60.999999999-15:59"', '"0001-01-01T00:00:00+15:59"', '"now"', '"infinity"', '"2026-03-01"', '1790000000', '"2026-03-01T10:20:00.Z"']),
        ('*', ARRAY['null', 'true', 'false', '[]', '{}', '[[]]', '{"token": "x"}', '""', '" "', '"\u0001"', '"\\u0000"', '"x"', '-1', '1.5', '"''; --"', '"%s%n"',
                    '"' || repeat('a', 256) || '"', '"' || repeat('a', 257) || '"', '"' || repeat(chr(233), 5000) || '"', repeat('[', 200) || repeat(']', 200), '1e400', '"2026-03-01T10:20:00Z"'])
    ) AS v (kind, json)
) AS f (kind, json);
CREATE TEMPORARY TABLE outcome (sqlstate text, message text, document text, items bigint, answers bigint, odd bigint);

-- Gives one of a kind's fragments. The pools are arrays: a look-up per value would cost more
-- than what is tested.
CREATE FUNCTION pg_temp.one_of(pool text[]) RETURNS text LANGUAGE sql VOLATILE AS
    'SELECT pool[1 + floor(random() * cardinality(pool))::integer]';

-- Writes a document of some items: an array of objects, now and then something else, and one
-- in eight with characters changed, doubled or left out, so that it may be no JSON at all.
CREATE FUNCTION pg_temp.random_document(keys text[], items integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    pools CONSTANT jsonb := (SELECT jsonb_object_agg(kind, list) FROM (SELECT kind, jsonb_agg(json) AS list FROM fragment GROUP BY kind) AS p);
    odd CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(pools -> '*'));
    own text[];
    document text := '';
    item text;
    key text;
    at integer;
BEGIN
    FOR i IN 1 .. items LOOP
        item := '';
        FOREACH key IN ARRAY keys LOOP
            CONTINUE WHEN random() < 0.25;
            own := ARRAY(SELECT jsonb_array_elements_text(pools -> key));
            item := item || CASE WHEN item <> '' THEN ', ' ELSE '' END || CASE WHEN random() < 0.02 THEN '"x"' ELSE to_json(key)::text END || ': '
                || CASE WHEN random() < 0.12 THEN pg_temp.one_of(odd) ELSE pg_temp.one_of(own) END;
        END LOOP;
        document := document || CASE WHEN i > 1 THEN ', ' ELSE '' END || CASE WHEN random() < 0.03 THEN pg_temp.one_of(odd) ELSE '{' || item || '}' END;
    END LOOP;
    document := CASE WHEN random() < 0.02 THEN document ELSE '[' || document || ']' END;
    IF random() < 0.125 THEN
        FOR i IN 1 .. 1 + floor(random() * 3)::integer LOOP
            at := 1 + floor(random() * length(document))::integer;
            document := overlay(document PLACING (ARRAY['', '"', '\', '{', ']', chr(1), 'e', chr(65535), ',', '-', '\u0000', '\ud800'])[1 + floor(random() * 12)::integer] FROM at FOR (random() * 2)::integer);
        END LOOP;
    END IF;
    RETURN document;
END
$$;

-- Sends documents to one of the two functions; each item of what is an array has an answer.
CREATE PROCEDURE pg_temp.send_documents(batch text, keys text[], documents integer) LANGUAGE plpgsql AS $$
DECLARE
    document text;
    answer record;
BEGIN
    FOR i IN 1 .. documents LOOP
        document := pg_temp.random_document(keys, floor(random() ^ 2 * 40)::integer);
        BEGIN
            EXECUTE format('SELECT count(*) AS answers, count(*) FILTER (WHERE status <> ALL (''{counted,known,no click,reversed,refused}'') OR (status = ''refused'') <> (reason IS NOT NULL)) AS odd FROM %s($1)', batch)
            INTO answer USING document::jsonb;
            INSERT INTO outcome VALUES ('00000', NULL, NULL, jsonb_array_length(document::jsonb), answer.answers, answer.odd);
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO outcome VALUES (SQLSTATE, SQLERRM, left(document, 2000), 0, 0, 0);
        END;
    END LOOP;
END
$$;
