-- Smart encoding: bodies made GSM-7.

CREATE FUNCTION @extschema@.smstrack_smart(
    body text,
    fold_accents boolean DEFAULT false,
    greek boolean DEFAULT false)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_smart'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION @extschema@.smstrack_smart(text, boolean, boolean) IS
    'The body made GSM-7 where that lowers its segments, else the body as it is. Links are never changed.';

CREATE TYPE smstrack.smart_replacement AS (
    start integer,
    original text,
    code_points text,
    replacement text
);
COMMENT ON TYPE smstrack.smart_replacement IS 'What smstrack_smart replaces in a body.';
COMMENT ON COLUMN smstrack.smart_replacement.start IS
    'First character replaced; 1 is the body''s first, as in substr().';
COMMENT ON COLUMN smstrack.smart_replacement.original IS 'Substring of the body.';
COMMENT ON COLUMN smstrack.smart_replacement.code_points IS 'Its code points.';
COMMENT ON COLUMN smstrack.smart_replacement.replacement IS
    'What stands for it; empty where it is left out.';

CREATE FUNCTION @extschema@.smstrack_smart_info(
    body text,
    fold_accents boolean DEFAULT false,
    greek boolean DEFAULT false)
RETURNS SETOF smstrack.smart_replacement
AS 'MODULE_PATHNAME', 'smstrack_smart_info'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10 ROWS 5;
COMMENT ON FUNCTION @extschema@.smstrack_smart_info(text, boolean, boolean) IS
    'Replacements that smstrack_smart makes in a body; no row where it leaves the body as it is.';
