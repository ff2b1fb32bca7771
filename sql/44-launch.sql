-- Launches: an audience becomes messages and rows of the outbox.

CREATE SEQUENCE smstrack.launch_id_seq;
COMMENT ON SEQUENCE smstrack.launch_id_seq IS 'Ids of launches.';

CREATE TABLE smstrack.launch (
    id bigint NOT NULL DEFAULT nextval('smstrack.launch_id_seq'),
    campaign integer NOT NULL,
    test boolean NOT NULL DEFAULT false,
    audience text NOT NULL,
    share double precision NOT NULL DEFAULT 1,
    max_recipients bigint,
    launched_at timestamptz NOT NULL DEFAULT now(),
    launched_by text NOT NULL DEFAULT session_user,
    first_message_id bigint,
    last_message_id bigint,
    prepared bigint NOT NULL DEFAULT 0,
    opted_out bigint NOT NULL DEFAULT 0,
    invalid bigint NOT NULL DEFAULT 0,
    duplicate bigint NOT NULL DEFAULT 0,
    already_prepared bigint NOT NULL DEFAULT 0,
    not_in_share bigint NOT NULL DEFAULT 0,
    over_maximum bigint NOT NULL DEFAULT 0,
    segments_before bigint NOT NULL DEFAULT 0,
    segments_after bigint NOT NULL DEFAULT 0,
    allotment text,
    variants integer[],
    weights integer[],
    CONSTRAINT launch_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE smstrack.launch IS 'One row a launch.';
COMMENT ON COLUMN smstrack.launch.id IS 'Id.';
COMMENT ON COLUMN smstrack.launch.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.launch.test IS 'Whether its messages are tests.';
COMMENT ON COLUMN smstrack.launch.audience IS 'Table or view that the recipients were read from.';
COMMENT ON COLUMN smstrack.launch.share IS 'Share of the audience that was asked for, or that is tested, 0 to 1.';
COMMENT ON COLUMN smstrack.launch.max_recipients IS 'Maximum that was asked for; NULL: none.';
COMMENT ON COLUMN smstrack.launch.launched_at IS 'When its transaction began.';
COMMENT ON COLUMN smstrack.launch.launched_by IS 'Role that launched it.';
COMMENT ON COLUMN smstrack.launch.first_message_id IS 'Lowest id of its messages; ids of others may lie between.';
COMMENT ON COLUMN smstrack.launch.last_message_id IS 'Highest id of its messages.';
COMMENT ON COLUMN smstrack.launch.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.launch.opted_out IS 'Recipients skipped because they opted out, or were forgotten.';
COMMENT ON COLUMN smstrack.launch.invalid IS 'Rows skipped whose recipient is NULL, empty or no possible number.';
COMMENT ON COLUMN smstrack.launch.duplicate IS 'Rows skipped whose recipient came before in the same audience.';
COMMENT ON COLUMN smstrack.launch.already_prepared IS 'Recipients skipped that the campaign has a message for.';
COMMENT ON COLUMN smstrack.launch.not_in_share IS 'Recipients left for later by the share.';
COMMENT ON COLUMN smstrack.launch.over_maximum IS 'Recipients left for later by the maximum.';
COMMENT ON COLUMN smstrack.launch.segments_before IS 'Segments of the bodies with their links as given.';
COMMENT ON COLUMN smstrack.launch.segments_after IS 'Segments of the bodies to send.';
COMMENT ON COLUMN smstrack.launch.allotment IS
    'What the weights are: fixed, the variants'' own; test, of test_and_roll; bandit, by the outcome so far; winner, all to one.';
COMMENT ON COLUMN smstrack.launch.variants IS 'Variants that could be had.';
COMMENT ON COLUMN smstrack.launch.weights IS 'Their shares of the messages, by the sum of all.';
CREATE INDEX launch_campaign_idx ON smstrack.launch (campaign);

CREATE TABLE smstrack.launch_skip (
    launch bigint NOT NULL,
    recipient text COLLATE "C",
    reason text NOT NULL
);
COMMENT ON TABLE smstrack.launch_skip IS
    'Recipients that a launch skipped for good: opted out, invalid, duplicate. An anonymous campaign''s are counted only.';
COMMENT ON COLUMN smstrack.launch_skip.launch IS 'Launch.';
COMMENT ON COLUMN smstrack.launch_skip.recipient IS 'Recipient, normalised where it is valid; NULL where it was NULL, or was forgotten.';
COMMENT ON COLUMN smstrack.launch_skip.reason IS 'opted out, invalid or duplicate.';
CREATE INDEX launch_skip_launch_idx ON smstrack.launch_skip (launch);

CREATE TABLE smstrack.campaign_recipient (
    campaign integer NOT NULL,
    recipient_hash bytea NOT NULL,
    CONSTRAINT campaign_recipient_pkey PRIMARY KEY (campaign, recipient_hash)
);
COMMENT ON TABLE smstrack.campaign_recipient IS
    'Whom an anonymous campaign has written to, and a marketing campaign by single messages, as keyed hashes: nobody gets it twice. smstrack_disable forgets those of anonymous campaigns.';
COMMENT ON COLUMN smstrack.campaign_recipient.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.campaign_recipient.recipient_hash IS 'As in smstrack.opt_out.';

CREATE FUNCTION smstrack.audience_key(recipient text, calling_code text)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_audience_key'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.audience_key(text, text) IS
    'What an audience is compared by: the recipient as smstrack_e164 gives it, or the mark of what is invalid and the text.';

CREATE FUNCTION smstrack.audience_order(recipient text, calling_code text)
RETURNS bytea
AS 'MODULE_PATHNAME', 'smstrack_audience_order'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.audience_order(text, text) IS
    'What an audience is sorted by: smstrack.audience_key behind 8 bytes that have its order and tell most numbers apart.';

CREATE TYPE smstrack.launched AS (
    launch bigint,
    prepared bigint,
    opted_out bigint,
    invalid bigint,
    duplicate bigint,
    already_prepared bigint,
    not_in_share bigint,
    over_maximum bigint,
    segments_before bigint,
    segments_after bigint,
    cost_before jsonb,
    cost_after jsonb,
    unpriced bigint
);
COMMENT ON TYPE smstrack.launched IS 'What smstrack_launch gives.';
COMMENT ON COLUMN smstrack.launched.launch IS 'Id of the launch.';
COMMENT ON COLUMN smstrack.launched.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.launched.opted_out IS 'Recipients skipped because they opted out, or were forgotten.';
COMMENT ON COLUMN smstrack.launched.invalid IS 'Rows skipped whose recipient is NULL, empty or no possible number.';
COMMENT ON COLUMN smstrack.launched.duplicate IS 'Rows skipped whose recipient came before in the same audience.';
COMMENT ON COLUMN smstrack.launched.already_prepared IS 'Recipients skipped that the campaign has a message for.';
COMMENT ON COLUMN smstrack.launched.not_in_share IS 'Recipients left for later by the share.';
COMMENT ON COLUMN smstrack.launched.over_maximum IS 'Recipients left for later by the maximum.';
COMMENT ON COLUMN smstrack.launched.segments_before IS 'Segments of the bodies with their links as given.';
COMMENT ON COLUMN smstrack.launched.segments_after IS 'Segments of the bodies to send.';
COMMENT ON COLUMN smstrack.launched.cost_before IS 'Estimated cost of segments_before by currency, such as {"EUR": 75.00}.';
COMMENT ON COLUMN smstrack.launched.cost_after IS 'Estimated cost of segments_after by currency.';
COMMENT ON COLUMN smstrack.launched.unpriced IS 'Messages prepared whose recipient no price is for; they are in no cost.';

CREATE FUNCTION @extschema@.smstrack_launch(
    campaign text,
    audience regclass,
    max_recipients bigint DEFAULT NULL,
    share double precision DEFAULT 1,
    test boolean DEFAULT false
)
RETURNS SETOF smstrack.launched
AS 'MODULE_PATHNAME', 'smstrack_launch'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_launch(text, regclass, bigint, double precision, boolean) IS
    'Prepares a campaign for the recipients of a table or view, each at most once; the messages wait in the outbox.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_launch(text, regclass, bigint, double precision, boolean) FROM PUBLIC;

CREATE TYPE smstrack.estimated AS (
    variant text,
    prefix text,
    currency text,
    recipients bigint,
    opted_out bigint,
    invalid bigint,
    duplicate bigint,
    already_prepared bigint,
    segments_before bigint,
    segments_after bigint,
    segments_delta bigint,
    cost_before numeric,
    cost_after numeric,
    cost_delta numeric
);
COMMENT ON TYPE smstrack.estimated IS
    'What smstrack_estimate gives: a row a variant and price, one for rows whose recipient is invalid.';
COMMENT ON COLUMN smstrack.estimated.variant IS 'Variant; NULL: none, the recipients are invalid.';
COMMENT ON COLUMN smstrack.estimated.prefix IS 'Prefix of the price list; NULL: there is no price for these recipients.';
COMMENT ON COLUMN smstrack.estimated.currency IS 'ISO 4217 code of the costs.';
COMMENT ON COLUMN smstrack.estimated.recipients IS 'Recipients that a launch would prepare messages for.';
COMMENT ON COLUMN smstrack.estimated.opted_out IS 'Recipients that opted out.';
COMMENT ON COLUMN smstrack.estimated.invalid IS 'Rows whose recipient is NULL, empty or no possible number.';
COMMENT ON COLUMN smstrack.estimated.duplicate IS 'Rows whose recipient came before.';
COMMENT ON COLUMN smstrack.estimated.already_prepared IS 'Recipients that the campaign has a message for.';
COMMENT ON COLUMN smstrack.estimated.segments_before IS 'Segments of the personalised bodies with their links as given.';
COMMENT ON COLUMN smstrack.estimated.segments_after IS 'Segments of the bodies to send.';
COMMENT ON COLUMN smstrack.estimated.segments_delta IS 'What tracking adds, or, negative, saves.';
COMMENT ON COLUMN smstrack.estimated.cost_before IS 'Estimated cost of segments_before.';
COMMENT ON COLUMN smstrack.estimated.cost_after IS 'Estimated cost of segments_after.';
COMMENT ON COLUMN smstrack.estimated.cost_delta IS 'What tracking adds, or, negative, saves.';

CREATE FUNCTION @extschema@.smstrack_estimate(campaign text, audience regclass)
RETURNS SETOF smstrack.estimated
AS 'MODULE_PATHNAME', 'smstrack_estimate'
LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 10;
COMMENT ON FUNCTION @extschema@.smstrack_estimate(text, regclass) IS
    'Says what launching a campaign would prepare and cost, over the personalised bodies of all recipients; writes nothing.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_estimate(text, regclass) FROM PUBLIC;
