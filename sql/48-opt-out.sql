-- Opting out of an account's marketing messages, and in again.

CREATE FUNCTION @extschema@.smstrack_opt_out(recipient text, source text DEFAULT 'request')
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_opt_out'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_opt_out(text, text) IS
    'Records that a recipient wants no marketing messages of the current account; false if that was known.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_opt_out(text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_opt_outs(recipients text[], source text DEFAULT 'import')
RETURNS bigint
AS 'MODULE_PATHNAME', 'smstrack_opt_outs'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_opt_outs(text[], text) IS
    'Records many opt-outs at once, such as a list from elsewhere; gives how many are new. What is no possible number is left out.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_opt_outs(text[], text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_opt_out_link(code text, host text DEFAULT NULL)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_opt_out_link'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_opt_out_link(text, text) IS
    'Records the opt-out of the recipient of an opt-out link, once he confirmed it by a POST; false where the code is none.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_opt_out_link(text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_opt_in(recipient text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_opt_in'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_opt_in(text) IS
    'Takes an opt-out back; false if there was none.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_opt_in(text) FROM PUBLIC;
