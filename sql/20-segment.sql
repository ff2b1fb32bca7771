-- Encodings, segments and parts of a body.

CREATE FUNCTION @extschema@.smstrack_encoding(body text)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_encoding'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_encoding(text) IS
    'Encoding a body is sent in: GSM-7, or UCS-2 if one character is outside the GSM 7 bit default alphabet and its extension table.';

CREATE FUNCTION @extschema@.smstrack_segments(body text)
RETURNS integer
AS 'MODULE_PATHNAME', 'smstrack_segments'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_segments(text) IS
    'Number of SMS a body takes; an empty body is one.';

CREATE TYPE smstrack.segment_info AS (
    encoding text,
    segments integer,
    units integer,
    units_left integer,
    unit_limit integer,
    characters integer,
    forcing text,
    forcing_at integer,
    language text,
    cluster_segments integer,
    sendable boolean
);
COMMENT ON TYPE smstrack.segment_info IS
    'What smstrack_segment_info says of a body. A unit is a septet in GSM-7, a UTF-16 code unit in UCS-2.';
COMMENT ON COLUMN smstrack.segment_info.encoding IS 'GSM-7 or UCS-2.';
COMMENT ON COLUMN smstrack.segment_info.segments IS 'Number of SMS the body takes.';
COMMENT ON COLUMN smstrack.segment_info.units IS
    'Units of the body, without the headers of its segments.';
COMMENT ON COLUMN smstrack.segment_info.units_left IS 'Free units in the last segment.';
COMMENT ON COLUMN smstrack.segment_info.unit_limit IS
    'Units that a segment takes at this length.';
COMMENT ON COLUMN smstrack.segment_info.characters IS 'Unicode code points of the body.';
COMMENT ON COLUMN smstrack.segment_info.forcing IS
    'The distinct characters that force UCS-2, each with its code point; one that is not visible by its code point alone. NULL for GSM-7.';
COMMENT ON COLUMN smstrack.segment_info.forcing_at IS
    'Where the first of them stands; 1 is the body''s first character, as in substr(). NULL for GSM-7.';
COMMENT ON COLUMN smstrack.segment_info.language IS
    'National language shift tables the body is sent with, such as "tr single shift"; NULL for none.';
COMMENT ON COLUMN smstrack.segment_info.cluster_segments IS
    'Number of SMS if no grapheme cluster is parted, where that differs; else NULL.';
COMMENT ON COLUMN smstrack.segment_info.sendable IS
    'False if there are more than 255 segments, which no phone takes.';

CREATE FUNCTION @extschema@.smstrack_segment_info(
    body text,
    reference_bits integer DEFAULT 8,
    keep_clusters boolean DEFAULT false,
    languages text[] DEFAULT '{}')
RETURNS smstrack.segment_info
AS 'MODULE_PATHNAME', 'smstrack_segment_info'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION @extschema@.smstrack_segment_info(text, integer, boolean, text[]) IS
    'Encoding, segments and units of a body, and what makes it expensive.';

CREATE FUNCTION @extschema@.smstrack_parts(
    body text,
    reference_bits integer DEFAULT 8,
    keep_clusters boolean DEFAULT false,
    languages text[] DEFAULT '{}')
RETURNS TABLE (part integer, text text, units integer)
AS 'MODULE_PATHNAME', 'smstrack_parts'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10 ROWS 3;
COMMENT ON FUNCTION @extschema@.smstrack_parts(text, integer, boolean, text[]) IS
    'The parts of a body as a phone receives them, numbered from 1. Never parts an escape sequence or a surrogate pair, on request no grapheme cluster.';
