-- Recording conversions, taking them back, attributing them again.

CREATE FUNCTION smstrack.verify_token(token text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_verify_token'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION smstrack.verify_token(text) IS
    'Tells whether a click token was given out by this database.';
REVOKE EXECUTE ON FUNCTION smstrack.verify_token(text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_convert(
    token text,
    goal text,
    order_id text DEFAULT NULL,
    value numeric DEFAULT NULL,
    currency text DEFAULT NULL,
    at timestamptz DEFAULT NULL
)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_convert'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_convert(text, text, text, numeric, text, timestamptz) IS
    'Records a conversion, as a server reports it, for the click that the token names; false if it was recorded before, NULL if no click is within its attribution window.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_convert(text, text, text, numeric, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_convert_recipient(
    recipient text,
    goal text,
    order_id text DEFAULT NULL,
    value numeric DEFAULT NULL,
    currency text DEFAULT NULL,
    at timestamptz DEFAULT NULL
)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_convert_recipient'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_convert_recipient(text, text, text, numeric, text, timestamptz) IS
    'Records a conversion for a click of the recipient on a message of the current account; false if it was recorded before, NULL if no click is within its attribution window.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_convert_recipient(text, text, text, numeric, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_convert_click(
    token text,
    goal text,
    order_id text DEFAULT NULL,
    value text DEFAULT NULL,
    currency text DEFAULT NULL,
    by_cookie boolean DEFAULT false
)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_convert_click'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_convert_click(text, text, text, text, text, boolean) IS
    'Records a conversion that a browser reported; false if it was recorded before or is late, and, with nothing written, if anything of it is wrong. For the redirector.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_convert_click(text, text, text, text, text, boolean) FROM PUBLIC;

CREATE TYPE smstrack.conversion_answer AS (
    ordinal integer,
    status text,
    reason text
);
COMMENT ON TYPE smstrack.conversion_answer IS 'What smstrack_convert_batch and smstrack_reverse_batch give.';
COMMENT ON COLUMN smstrack.conversion_answer.ordinal IS 'Which conversion of the call it answers, from 1.';
COMMENT ON COLUMN smstrack.conversion_answer.status IS
    'counted; known: it was recorded before; late: it is kept, but none of the recipient''s clicks is within its attribution window; no click: there is none; reversed; refused.';
COMMENT ON COLUMN smstrack.conversion_answer.reason IS 'Why it was refused.';

CREATE FUNCTION @extschema@.smstrack_convert_batch(conversions jsonb)
RETURNS SETOF smstrack.conversion_answer
AS 'MODULE_PATHNAME', 'smstrack_convert_batch'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 10000 ROWS 100;
COMMENT ON FUNCTION @extschema@.smstrack_convert_batch(jsonb) IS
    'Records an array of conversions, each an object of token or recipient, goal, order_id, value, currency, at; answers them in order. One that is wrong is refused and does not hinder the others.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_convert_batch(jsonb) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_reverse(
    goal text,
    order_id text,
    value numeric DEFAULT NULL,
    reversal_id text DEFAULT NULL,
    at timestamptz DEFAULT NULL
)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_reverse'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_reverse(text, text, numeric, text, timestamptz) IS
    'Takes back a conversion of the current account, wholly or, with a value, in part; false if that was done before: by the reversal id, or because nothing is left.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_reverse(text, text, numeric, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_reverse_batch(reversals jsonb)
RETURNS SETOF smstrack.conversion_answer
AS 'MODULE_PATHNAME', 'smstrack_reverse_batch'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 10000 ROWS 100;
COMMENT ON FUNCTION @extschema@.smstrack_reverse_batch(jsonb) IS
    'Takes back an array of conversions, each an object of goal, order_id, value, reversal_id, at; answers them in order: reversed, known or refused. One that is wrong does not hinder the others.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_reverse_batch(jsonb) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_attribute(since timestamptz)
RETURNS bigint
AS 'MODULE_PATHNAME', 'smstrack_attribute'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION @extschema@.smstrack_attribute(timestamptz) IS
    'Credits the conversions since a time again, by the attribution windows and rules of now, and corrects every count; gives the number of conversions whose click changed. Messages whose conversions change are locked until the end of the transaction.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_attribute(timestamptz) FROM PUBLIC;
