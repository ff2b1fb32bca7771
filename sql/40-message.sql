-- Messages: their ids, their rows, and preparing them.

CREATE SEQUENCE smstrack.message_id_seq MAXVALUE 52456210366771263;
COMMENT ON SEQUENCE smstrack.message_id_seq IS
    'Ids of messages; read through smstrack.next_message_id(), which makes them durable. Ends where codes of 10 characters do.';

CREATE SEQUENCE smstrack.id_epoch_seq;
COMMENT ON SEQUENCE smstrack.id_epoch_seq IS
    'Names the cluster, timeline and database that last gave a message id: a restored dump, a promoted standby and a recovered cluster find out by it that they are copies.';

CREATE FUNCTION smstrack.next_message_id()
RETURNS bigint
AS 'MODULE_PATHNAME', 'smstrack_next_message_id'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION smstrack.next_message_id() IS
    'Gives a message id that is durable and was never given before.';
REVOKE EXECUTE ON FUNCTION smstrack.next_message_id() FROM PUBLIC;

CREATE FUNCTION smstrack.jump_message_ids()
RETURNS void
AS 'MODULE_PATHNAME', 'smstrack_jump_message_ids'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION smstrack.jump_message_ids() IS
    'Moves message ids far ahead. To be called before anything is prepared in a database that cannot find out that it is a copy: a disk or machine snapshot, or data restored into the database that it came from.';
REVOKE EXECUTE ON FUNCTION smstrack.jump_message_ids() FROM PUBLIC;

-- Fixed-width columns first: no padding between them.
CREATE TABLE smstrack.message (
    message_id bigint NOT NULL DEFAULT smstrack.next_message_id(),
    created_at timestamptz NOT NULL DEFAULT now(),
    link_domain integer NOT NULL,
    campaign integer,
    variant integer,
    viewed_links integer NOT NULL DEFAULT 0,
    clicked_links integer NOT NULL DEFAULT 0,
    links smallint NOT NULL DEFAULT 0,
    code_length smallint NOT NULL,
    segments_before smallint NOT NULL,
    segments_after smallint NOT NULL,
    country smallint NOT NULL DEFAULT 0,
    encoding_before "char" NOT NULL,
    encoding_after "char" NOT NULL,
    status "char" NOT NULL DEFAULT 'p',
    test boolean NOT NULL DEFAULT false,
    recipient text COLLATE "C",
    target_urls text[],
    label text,
    body text,
    segment_price numeric,
    charged_cost numeric,
    currency text,
    sent_at timestamptz,
    status_at timestamptz,
    first_view_at timestamptz,
    first_click_at timestamptz,
    first_conversion_at timestamptz,
    error text,
    CONSTRAINT message_pkey PRIMARY KEY (message_id)
) WITH (fillfactor = 85);
COMMENT ON TABLE smstrack.message IS 'One row an SMS. Written by the extension''s functions alone.';
COMMENT ON COLUMN smstrack.message.message_id IS
    'Id; link number position of the message has the number message_id * 16 + position.';
COMMENT ON COLUMN smstrack.message.created_at IS 'When the message was prepared.';
COMMENT ON COLUMN smstrack.message.link_domain IS 'Link domain of its short links.';
COMMENT ON COLUMN smstrack.message.campaign IS 'Campaign; NULL for a single message.';
COMMENT ON COLUMN smstrack.message.variant IS 'Variant of the campaign; NULL where the text is the caller''s.';
COMMENT ON COLUMN smstrack.message.viewed_links IS 'Bit n: a preview of link n was fetched.';
COMMENT ON COLUMN smstrack.message.clicked_links IS 'Bit n: link n was clicked.';
COMMENT ON COLUMN smstrack.message.links IS 'Tracked links, 0 to 16; their positions count from 0. A variant''s opt-out link has position 15 and is not counted.';
COMMENT ON COLUMN smstrack.message.code_length IS 'Characters of its codes; 0: its recipient was forgotten, and they resolve no more.';
COMMENT ON COLUMN smstrack.message.segments_before IS 'Segments of the body as given.';
COMMENT ON COLUMN smstrack.message.segments_after IS 'Segments of the body with short links.';
COMMENT ON COLUMN smstrack.message.country IS
    'Country of the recipient''s number: smstrack.country_name; 0: not known. It stays where no recipient is kept.';
COMMENT ON COLUMN smstrack.message.encoding_before IS 'Encoding of the body as given: g GSM-7, u UCS-2.';
COMMENT ON COLUMN smstrack.message.encoding_after IS 'Encoding of the body with short links: g GSM-7, u UCS-2.';
COMMENT ON COLUMN smstrack.message.status IS
    'p prepared, a accepted by the provider, s sent, d delivered, f failed, e expired; l: carries the codes of an anonymous campaign and is sent to nobody.';
COMMENT ON COLUMN smstrack.message.test IS 'A test message: outside all reports.';
COMMENT ON COLUMN smstrack.message.recipient IS 'Recipient as E.164 number, or an identifier as given; NULL where none is kept, or he was forgotten.';
COMMENT ON COLUMN smstrack.message.target_urls IS
    'Target URLs by position as they stood in the body; NULL, whole or at a position, where the variant''s hold.';
COMMENT ON COLUMN smstrack.message.label IS 'Free text of the user for single messages.';
COMMENT ON COLUMN smstrack.message.body IS 'Body as sent, where it is kept.';
COMMENT ON COLUMN smstrack.message.segment_price IS 'Estimated cost of one segment by the price list.';
COMMENT ON COLUMN smstrack.message.charged_cost IS 'Charged cost as the provider reported it.';
COMMENT ON COLUMN smstrack.message.currency IS 'ISO 4217 code of both.';
COMMENT ON COLUMN smstrack.message.sent_at IS 'When the provider sent it.';
COMMENT ON COLUMN smstrack.message.status_at IS 'When the status was reached.';
COMMENT ON COLUMN smstrack.message.first_view_at IS 'First fetched preview of any of its links.';
COMMENT ON COLUMN smstrack.message.first_click_at IS 'First click on any of its links.';
COMMENT ON COLUMN smstrack.message.first_conversion_at IS 'First conversion attributed to it.';
COMMENT ON COLUMN smstrack.message.error IS 'What the provider said of a message that failed or expired.';

-- Where a recipient's messages may stand: a Bloom filter of the recipients of each 16 pages,
-- 2 bytes a message. Preparing messages costs it nothing: new pages are noted later, by
-- upkeep or a VACUUM, and read until then.
CREATE INDEX message_recipient_idx ON smstrack.message
    USING brin (recipient text_bloom_ops (n_distinct_per_range = 1024, false_positive_rate = 0.001))
    WITH (pages_per_range = 16);

CREATE TABLE smstrack.idempotency (
    account text NOT NULL,
    key text NOT NULL,
    message_id bigint NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    recipient_hash bytea,
    CONSTRAINT idempotency_pkey PRIMARY KEY (account, key)
);
COMMENT ON TABLE smstrack.idempotency IS
    'Keys that callers of smstrack_prepare gave: the same key prepares the same message once.';
COMMENT ON COLUMN smstrack.idempotency.account IS 'Account that the key belongs to.';
COMMENT ON COLUMN smstrack.idempotency.key IS 'Key as the caller gave it.';
COMMENT ON COLUMN smstrack.idempotency.message_id IS 'Message that was prepared for it.';
COMMENT ON COLUMN smstrack.idempotency.fingerprint IS 'SHA-256 of what was asked for: tells a key that is used for something else.';
COMMENT ON COLUMN smstrack.idempotency.created_at IS 'When the key was first used.';
COMMENT ON COLUMN smstrack.idempotency.recipient_hash IS
    'As in smstrack.opt_out, where the message keeps no recipient: who is forgotten is found by it; else NULL.';
CREATE INDEX idempotency_recipient_hash_idx ON smstrack.idempotency (recipient_hash) WHERE recipient_hash IS NOT NULL;

CREATE TYPE smstrack.prepared AS (
    message_id bigint,
    body text,
    links integer,
    encoding_before text,
    encoding_after text,
    segments_before integer,
    segments_after integer,
    warnings text[],
    cost numeric,
    currency text
);
COMMENT ON TYPE smstrack.prepared IS 'What smstrack_prepare gives: the message as it is to be sent.';
COMMENT ON COLUMN smstrack.prepared.message_id IS 'Id of the message.';
COMMENT ON COLUMN smstrack.prepared.body IS 'Body to send.';
COMMENT ON COLUMN smstrack.prepared.links IS 'Tracked links in it.';
COMMENT ON COLUMN smstrack.prepared.encoding_before IS 'Encoding of the body as given: GSM-7 or UCS-2.';
COMMENT ON COLUMN smstrack.prepared.encoding_after IS 'Encoding of the body to send.';
COMMENT ON COLUMN smstrack.prepared.segments_before IS 'Segments of the body as given.';
COMMENT ON COLUMN smstrack.prepared.segments_after IS 'Segments of the body to send.';
COMMENT ON COLUMN smstrack.prepared.warnings IS 'What the sender should know; empty where all is well.';
COMMENT ON COLUMN smstrack.prepared.cost IS 'Estimated cost of segments_after; NULL where no price is for the recipient.';
COMMENT ON COLUMN smstrack.prepared.currency IS 'ISO 4217 code of the cost.';

CREATE FUNCTION @extschema@.smstrack_rewrite(
    body text,
    recipient text,
    link_domain text DEFAULT NULL,
    label text DEFAULT NULL,
    campaign text DEFAULT NULL,
    fields jsonb DEFAULT NULL,
    skip boolean DEFAULT false
)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_rewrite'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_rewrite(text, text, text, text, text, jsonb, boolean) IS
    'Prepares a message: replaces each link of the body by a short link of this recipient''s own, stores the message, and gives the body to send. Of a campaign, whose text it is where the body is NULL; skip gives NULL where the recipient opted out or has a message of it already.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_rewrite(text, text, text, text, text, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_prepare(
    body text,
    recipient text,
    idempotency_key text DEFAULT NULL,
    label text DEFAULT NULL,
    track boolean DEFAULT true,
    link_domain text DEFAULT NULL,
    keep_body boolean DEFAULT false,
    test boolean DEFAULT false,
    campaign text DEFAULT NULL,
    fields jsonb DEFAULT NULL,
    skip boolean DEFAULT false
)
RETURNS SETOF smstrack.prepared
AS 'MODULE_PATHNAME', 'smstrack_prepare'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_prepare(text, text, text, text, boolean, text, boolean, boolean, text, jsonb, boolean) IS
    'Prepares a message as smstrack_rewrite does, and gives the whole row, or with skip none; with an idempotency key, once.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_prepare(text, text, text, text, boolean, text, boolean, boolean, text, jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_code(
    message_id bigint,
    "position" integer DEFAULT 0,
    link_domain text DEFAULT NULL
)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_code'
LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION @extschema@.smstrack_code(bigint, integer, text) IS
    'Gives the link code of a message''s link; with a link domain by arithmetic alone, whether the message exists or not.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_code(bigint, integer, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_guess_odds(link_domain text DEFAULT NULL)
RETURNS double precision
AS 'MODULE_PATHNAME', 'smstrack_guess_odds'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_guess_odds(text) IS
    'Gives the probability that a random code of the link domain''s length resolves: its live links by 62 to the power of the length.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_guess_odds(text) FROM PUBLIC;
