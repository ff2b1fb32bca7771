-- What a shop needs on its site and its server to report conversions.

CREATE FUNCTION @extschema@.smstrack_tracking_code(
    host text DEFAULT NULL,
    goal text DEFAULT 'registration',
    on_load boolean DEFAULT true,
    order_id text DEFAULT NULL,
    value numeric DEFAULT NULL,
    currency text DEFAULT NULL,
    cookie_domain text DEFAULT NULL,
    privacy_control boolean DEFAULT true,
    nonce text DEFAULT NULL
)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_tracking_code'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION @extschema@.smstrack_tracking_code(text, text, boolean, text, numeric, text, text, boolean, text) IS
    'Gives the HTML to paste into a site''s pages: it keeps the click token, and on a confirmation page (on_load) reports the conversion by itself.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_tracking_code(text, text, boolean, text, numeric, text, text, boolean, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_postback_key(host text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_postback_key'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_postback_key(text) IS
    'Gives the key, in hexadecimal, that a shop''s server signs postbacks to a link domain of the current account with.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_postback_key(text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_postback(
    host text,
    "timestamp" text,
    signature text,
    body text
)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_postback'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000;
COMMENT ON FUNCTION @extschema@.smstrack_postback(text, text, text, text) IS
    'Records the conversions, or the reversals, of a server''s signed call for the account of the link domain; gives the answers as JSON, NULL if the signature or its time is wrong. For the redirector.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_postback(text, text, text, text) FROM PUBLIC;
