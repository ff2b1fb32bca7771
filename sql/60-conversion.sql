-- Conversions.

CREATE TABLE smstrack.conversion (
    conversion_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    account text NOT NULL,
    message_id bigint NOT NULL,
    "position" smallint NOT NULL,
    clicked_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    goal text NOT NULL,
    order_id text,
    value numeric,
    currency text,
    source text NOT NULL,
    CONSTRAINT conversion_pkey PRIMARY KEY (conversion_id),
    CONSTRAINT conversion_value_check CHECK (value >= 0 AND value < 'Infinity'),
    CONSTRAINT conversion_currency_check CHECK ((value IS NULL) = (currency IS NULL)),
    CONSTRAINT conversion_source_check CHECK (source IN ('client', 'server'))
);
COMMENT ON TABLE smstrack.conversion IS
    'The ledger: an order or registration that followed a click, once per order.';
COMMENT ON COLUMN smstrack.conversion.conversion_id IS 'Id.';
COMMENT ON COLUMN smstrack.conversion.account IS 'Account that the order id belongs to.';
COMMENT ON COLUMN smstrack.conversion.message_id IS 'Message whose click is credited.';
COMMENT ON COLUMN smstrack.conversion."position" IS 'Which link of the message, from 0.';
COMMENT ON COLUMN smstrack.conversion.clicked_at IS 'When the link was clicked.';
COMMENT ON COLUMN smstrack.conversion.at IS 'When the conversion happened.';
COMMENT ON COLUMN smstrack.conversion.goal IS 'What was reached, such as order or registration.';
COMMENT ON COLUMN smstrack.conversion.order_id IS 'Order id of the shop; the same one counts once per goal.';
COMMENT ON COLUMN smstrack.conversion.value IS 'Value in the currency.';
COMMENT ON COLUMN smstrack.conversion.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN smstrack.conversion.source IS 'client: a browser reported it; server: a server did.';

CREATE UNIQUE INDEX conversion_order_idx ON smstrack.conversion (account, goal, order_id)
    WHERE order_id IS NOT NULL;
CREATE UNIQUE INDEX conversion_click_idx ON smstrack.conversion (message_id, "position", goal, clicked_at)
    WHERE order_id IS NULL;
CREATE INDEX conversion_message_id_idx ON smstrack.conversion (message_id);

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
    'Records a conversion for the click that the token names; false if the order, or without an order id the click, has it already.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_convert(text, text, text, numeric, text, timestamptz) FROM PUBLIC;
