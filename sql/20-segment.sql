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
