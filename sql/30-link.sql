-- The links of a body.

CREATE TYPE smstrack.found_link AS (
    ordinal integer,
    position integer,
    url text,
    start integer,
    length integer,
    kind text,
    target text,
    trackable boolean,
    warning text
);
COMMENT ON TYPE smstrack.found_link IS 'A link of a body, as smstrack_links finds it.';
COMMENT ON COLUMN smstrack.found_link.ordinal IS 'Counts from 1, in the order of the body.';
COMMENT ON COLUMN smstrack.found_link.position IS
    'Position 0 to 15 where the link will be tracked, else NULL.';
COMMENT ON COLUMN smstrack.found_link.url IS 'Exact substring of the body.';
COMMENT ON COLUMN smstrack.found_link.start IS 'Its first character; 1 is the body''s first, as in substr().';
COMMENT ON COLUMN smstrack.found_link.length IS 'Its characters.';
COMMENT ON COLUMN smstrack.found_link.kind IS 'scheme, www, bare or host.';
COMMENT ON COLUMN smstrack.found_link.target IS
    'What a browser requests: with a scheme, the host as A-label, non-ASCII percent-encoded; NULL where nothing may be requested.';
COMMENT ON COLUMN smstrack.found_link.trackable IS 'False: it stays in the body as it is.';
COMMENT ON COLUMN smstrack.found_link.warning IS
    'Warnings, separated by commas; NULL for none. doc/links.md explains them.';

CREATE FUNCTION @extschema@.smstrack_links(body text)
RETURNS SETOF smstrack.found_link
AS 'MODULE_PATHNAME', 'smstrack_links'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10 ROWS 2;
COMMENT ON FUNCTION @extschema@.smstrack_links(text) IS
    'Links of a body, and what looks like one and is left alone, with warnings.';

CREATE FUNCTION @extschema@.smstrack_link_count(body text)
RETURNS integer
AS 'MODULE_PATHNAME', 'smstrack_link_count'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION @extschema@.smstrack_link_count(text) IS
    'Number of links of a body that will be tracked, 0 to 16.';
