-- Conversions: one ledger, what it was reckoned from, and what was taken back.

CREATE TABLE smstrack.goal (
    account text NOT NULL DEFAULT smstrack.current_account(),
    name text NOT NULL,
    value numeric,
    currency text,
    counting text NOT NULL DEFAULT 'every',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT goal_pkey PRIMARY KEY (account, name),
    CONSTRAINT goal_account_check CHECK (account <> ''),
    CONSTRAINT goal_name_check CHECK (octet_length(name) BETWEEN 1 AND 256),
    CONSTRAINT goal_value_check CHECK (value IS NULL OR value >= 0 AND value < 1e15 AND currency IS NOT NULL),
    CONSTRAINT goal_currency_check CHECK (smstrack.is_currency(currency)),
    CONSTRAINT goal_counting_check CHECK (counting IN ('every', 'once'))
);
COMMENT ON TABLE smstrack.goal IS
    'Goals with something to be said about them; a goal without a row counts every order and has no value of its own.';
COMMENT ON COLUMN smstrack.goal.account IS 'Account that the goal belongs to.';
COMMENT ON COLUMN smstrack.goal.name IS 'Name, such as order or registration.';
COMMENT ON COLUMN smstrack.goal.value IS 'Value of a conversion that was reported without one; NULL: none.';
COMMENT ON COLUMN smstrack.goal.currency IS 'ISO 4217 code of values that were reported without one.';
COMMENT ON COLUMN smstrack.goal.counting IS
    'every: each order, and without an order id once a click; once: once a recipient, whatever the order id.';
COMMENT ON COLUMN smstrack.goal.created_at IS 'When the row was made.';

CREATE TABLE smstrack.conversion (
    conversion_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    message_id bigint,
    clicked_at timestamptz,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    client_at timestamptz,
    server_at timestamptz,
    reversed_at timestamptz,
    link_domain integer NOT NULL,
    campaign integer NOT NULL DEFAULT 0,
    variant integer NOT NULL DEFAULT 0,
    "position" smallint,
    test boolean NOT NULL DEFAULT false,
    account text NOT NULL,
    goal text NOT NULL,
    order_id text,
    once_key text,
    value numeric,
    currency text,
    reversed_value numeric NOT NULL DEFAULT 0,
    source text NOT NULL,
    matched text NOT NULL,
    attribution text NOT NULL,
    attribution_window interval,
    client_value numeric,
    client_currency text,
    CONSTRAINT conversion_pkey PRIMARY KEY (conversion_id),
    CONSTRAINT conversion_value_check CHECK (value >= 0 AND value < 1e15),
    CONSTRAINT conversion_currency_check CHECK ((value IS NULL) = (currency IS NULL)),
    CONSTRAINT conversion_reversed_value_check
        CHECK (reversed_value >= 0 AND reversed_value <= coalesce(value, 0)),
    CONSTRAINT conversion_source_check CHECK (source IN ('client', 'server')),
    CONSTRAINT conversion_matched_check CHECK (matched IN ('token', 'cookie', 'recipient')),
    CONSTRAINT conversion_attribution_check CHECK (attribution IN ('last_click', 'first_click')),
    CONSTRAINT conversion_click_check CHECK (num_nulls(message_id, "position", clicked_at) IN (0, 3))
);
COMMENT ON TABLE smstrack.conversion IS
    'The ledger: an order or registration that followed a click, once per account, goal and order id.';
COMMENT ON COLUMN smstrack.conversion.conversion_id IS 'Id.';
COMMENT ON COLUMN smstrack.conversion.message_id IS
    'Message whose click is credited; NULL: none is within its window, unless that gets wider: see smstrack_attribute.';
COMMENT ON COLUMN smstrack.conversion.clicked_at IS 'When the credited link was clicked, in whole seconds.';
COMMENT ON COLUMN smstrack.conversion.at IS 'When the conversion happened.';
COMMENT ON COLUMN smstrack.conversion.recorded_at IS 'When it was first recorded.';
COMMENT ON COLUMN smstrack.conversion.client_at IS 'When a browser reported it; NULL: none did.';
COMMENT ON COLUMN smstrack.conversion.server_at IS 'When a server reported it; NULL: none did.';
COMMENT ON COLUMN smstrack.conversion.reversed_at IS 'When it was taken back wholly; NULL: it was not.';
COMMENT ON COLUMN smstrack.conversion.link_domain IS 'Link domain of the credited message.';
COMMENT ON COLUMN smstrack.conversion.campaign IS 'Campaign of the credited message; 0 for none.';
COMMENT ON COLUMN smstrack.conversion.variant IS 'Variant of the credited message; 0 for none.';
COMMENT ON COLUMN smstrack.conversion."position" IS 'Which link of the credited message, from 0.';
COMMENT ON COLUMN smstrack.conversion.test IS 'The credited message is a test: outside all counts.';
COMMENT ON COLUMN smstrack.conversion.account IS 'Account that the order id belongs to.';
COMMENT ON COLUMN smstrack.conversion.goal IS 'What was reached, such as order or registration.';
COMMENT ON COLUMN smstrack.conversion.order_id IS 'Order id of the shop; the same one counts once per goal.';
COMMENT ON COLUMN smstrack.conversion.once_key IS
    'What the goal counts once for, where that is not the order id: the click, or the recipient as a keyed hash.';
COMMENT ON COLUMN smstrack.conversion.value IS
    'Value in the currency, before anything was taken back: the server''s word where there is one.';
COMMENT ON COLUMN smstrack.conversion.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN smstrack.conversion.reversed_value IS 'What was taken back of the value.';
COMMENT ON COLUMN smstrack.conversion.source IS
    'server: a server reported it, perhaps a browser too; client: a browser alone.';
COMMENT ON COLUMN smstrack.conversion.matched IS
    'How its recipient was found: by the click token in the call, by the one in the cookie, or by name.';
COMMENT ON COLUMN smstrack.conversion.attribution IS 'Rule that chose the click: last_click or first_click.';
COMMENT ON COLUMN smstrack.conversion.attribution_window IS 'Attribution window that held for the credited click.';
COMMENT ON COLUMN smstrack.conversion.client_value IS 'Value as the browser said, where the server''s word replaced it.';
COMMENT ON COLUMN smstrack.conversion.client_currency IS 'Currency as the browser said, where the server''s word replaced it.';

CREATE UNIQUE INDEX conversion_order_idx ON smstrack.conversion (account, goal, order_id)
    WHERE order_id IS NOT NULL;
CREATE UNIQUE INDEX conversion_once_idx ON smstrack.conversion (account, goal, once_key)
    WHERE once_key IS NOT NULL;
CREATE INDEX conversion_message_id_idx ON smstrack.conversion (message_id);
CREATE INDEX conversion_at_idx ON smstrack.conversion (at);

-- Kept beside the ledger: hits are dropped by month.
CREATE TABLE smstrack.conversion_candidate (
    conversion_id bigint NOT NULL,
    message_id bigint NOT NULL,
    clicked_at timestamptz NOT NULL,
    "position" smallint NOT NULL,
    named boolean NOT NULL DEFAULT false,
    CONSTRAINT conversion_candidate_pkey PRIMARY KEY (conversion_id, message_id, "position", clicked_at)
);
CREATE INDEX conversion_candidate_message_id_idx ON smstrack.conversion_candidate (message_id);
COMMENT ON TABLE smstrack.conversion_candidate IS
    'Clicks of a conversion''s recipient that it may be credited to, by another window or rule: see smstrack_attribute.';
COMMENT ON COLUMN smstrack.conversion_candidate.conversion_id IS 'Conversion.';
COMMENT ON COLUMN smstrack.conversion_candidate.message_id IS 'Message whose link was clicked.';
COMMENT ON COLUMN smstrack.conversion_candidate.clicked_at IS 'When it was clicked, in whole seconds.';
COMMENT ON COLUMN smstrack.conversion_candidate."position" IS 'Which link of the message, from 0.';
COMMENT ON COLUMN smstrack.conversion_candidate.named IS 'The click that the token or the cookie named.';

CREATE TABLE smstrack.reversal (
    conversion_id bigint NOT NULL,
    ordinal integer NOT NULL,
    at timestamptz NOT NULL,
    reversal_id text,
    value numeric NOT NULL,
    CONSTRAINT reversal_pkey PRIMARY KEY (conversion_id, ordinal),
    CONSTRAINT reversal_id_key UNIQUE (conversion_id, reversal_id),
    CONSTRAINT reversal_value_check CHECK (value >= 0)
);
COMMENT ON TABLE smstrack.reversal IS 'What was taken back of conversions: refunds and cancelled orders.';
COMMENT ON COLUMN smstrack.reversal.conversion_id IS 'Conversion.';
COMMENT ON COLUMN smstrack.reversal.ordinal IS 'Which reversal of the conversion, from 1.';
COMMENT ON COLUMN smstrack.reversal.at IS 'When it was taken back.';
COMMENT ON COLUMN smstrack.reversal.reversal_id IS 'Id of the shop, such as the refund''s: the same one counts once.';
COMMENT ON COLUMN smstrack.reversal.value IS 'Value that was taken back, in the conversion''s currency.';

-- Clickers are few beside messages: this index of them costs a launch nothing.
CREATE TABLE smstrack.clicker (
    recipient_hash bigint NOT NULL,
    message_id bigint NOT NULL
);
CREATE INDEX clicker_recipient_hash_idx ON smstrack.clicker (recipient_hash);
COMMENT ON TABLE smstrack.clicker IS
    'Messages that were clicked, some perhaps twice, by their recipient: where a server''s conversion finds the clicks of a recipient.';
COMMENT ON COLUMN smstrack.clicker.recipient_hash IS
    'First 64 bits of the recipient''s HMAC-SHA256 under the account''s key, as in smstrack.opt_out.';
COMMENT ON COLUMN smstrack.clicker.message_id IS 'Message with a click; when it was clicked, its hits say.';
