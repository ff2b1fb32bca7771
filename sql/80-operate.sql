CREATE FUNCTION @extschema@.smstrack_version()
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_version() IS
    'Version of the loaded library, such as 1.0.0.';
