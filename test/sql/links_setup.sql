-- What the other tests of links share. A case is a body with the links marked: ⟦tracked⟧
-- and ⟨found, but left alone⟩; the marks are taken out before it is read.
CREATE TABLE links_case (
    id integer GENERATED ALWAYS AS IDENTITY,
    rule text,
    marked text,
    warning text
);

CREATE FUNCTION links_marked(body text, OUT marked text, OUT warning text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS (
        SELECT *, lag(start + length, 1, 1) OVER (ORDER BY ordinal) AS previous_end
        FROM smstrack_links(body) AS f
    )
    SELECT coalesce(string_agg(
            substr(body, previous_end, start - previous_end) ||
            CASE WHEN trackable THEN '⟦' || url || '⟧' ELSE '⟨' || url || '⟩' END,
            '' ORDER BY ordinal), '') ||
        substr(body, coalesce(max(start + length), 1)),
        -- those of the preview depend on the place alone; links_preview tests them
        nullif(regexp_replace(
            coalesce(string_agg(warning, ', ' ORDER BY ordinal), ''),
            '(^|, )(middle|several)(?=,|$)', '', 'g'), '')
    FROM found;
END;

-- Gives a line a case: as it was expected, or what differs.
CREATE FUNCTION links_check(OUT rule text, OUT body text, OUT warning text)
RETURNS SETOF record LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.rule,
        CASE WHEN g.marked = c.marked AND ltrim(g.warning, ', ') IS NOT DISTINCT FROM c.warning
            THEN c.marked
            ELSE 'EXPECTED ' || c.marked || ' GOT ' || g.marked || ' WARNING ' || coalesce(g.warning, '')
        END,
        c.warning
    FROM links_case AS c, links_marked(translate(c.marked, '⟦⟧⟨⟩', '')) AS g
    ORDER BY c.id;
END;
