-- Hand-over: what is to be sent, who has taken it, and what became of it.

CREATE TABLE smstrack.outbox (
    message_id bigint NOT NULL,
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    campaign integer NOT NULL,
    takes integer NOT NULL DEFAULT 0,
    recipient text COLLATE "C" NOT NULL,
    body text NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (message_id)
);
COMMENT ON TABLE smstrack.outbox IS
    'Messages to be sent. A row leaves when its message is reported as accepted, sent, delivered, failed or expired, or would be taken of somebody who opted out.';
COMMENT ON COLUMN smstrack.outbox.message_id IS 'Message.';
COMMENT ON COLUMN smstrack.outbox.leased_until IS 'Until when a taker has it; -infinity: nobody took it yet.';
COMMENT ON COLUMN smstrack.outbox.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.outbox.takes IS 'How often it was taken.';
COMMENT ON COLUMN smstrack.outbox.recipient IS 'Recipient.';
COMMENT ON COLUMN smstrack.outbox.body IS 'Body to send.';
CREATE INDEX outbox_campaign_idx ON smstrack.outbox (campaign, leased_until, message_id);

CREATE TYPE smstrack.taken AS (
    message_id bigint,
    recipient text,
    body text,
    campaign text,
    segments integer,
    test boolean,
    leased_until timestamptz,
    takes integer
);
COMMENT ON TYPE smstrack.taken IS 'What smstrack_take gives: a message to be sent.';
COMMENT ON COLUMN smstrack.taken.message_id IS 'Message; to be named in its reports.';
COMMENT ON COLUMN smstrack.taken.recipient IS 'Recipient.';
COMMENT ON COLUMN smstrack.taken.body IS 'Body to send.';
COMMENT ON COLUMN smstrack.taken.campaign IS 'Name of its campaign.';
COMMENT ON COLUMN smstrack.taken.segments IS 'Segments of the body.';
COMMENT ON COLUMN smstrack.taken.test IS 'Whether it is a test message.';
COMMENT ON COLUMN smstrack.taken.leased_until IS 'Until when nobody else gets it.';
COMMENT ON COLUMN smstrack.taken.takes IS
    'How often it was taken; from 2 on, an earlier taker may have sent it without a report.';

CREATE FUNCTION @extschema@.smstrack_take(
    campaign text DEFAULT NULL,
    n integer DEFAULT 100,
    lease interval DEFAULT '5 minutes'
)
RETURNS SETOF smstrack.taken
AS 'MODULE_PATHNAME', 'smstrack_take'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 ROWS 100;
COMMENT ON FUNCTION @extschema@.smstrack_take(text, integer, interval) IS
    'Gives messages to be sent, of one campaign or of all, to this taker alone for the time of the lease; what is not reported until then is given again.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_take(text, integer, interval) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_report(
    message_ids bigint[],
    statuses text[],
    at timestamptz[] DEFAULT NULL,
    errors text[] DEFAULT NULL,
    charged numeric[] DEFAULT NULL,
    currency text DEFAULT NULL
)
RETURNS bigint
AS 'MODULE_PATHNAME', 'smstrack_report'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000;
COMMENT ON FUNCTION @extschema@.smstrack_report(bigint[], text[], timestamptz[], text[], numeric[], text) IS
    'Enters delivery reports (accepted, sent, delivered, failed, expired), twice and in any order if need be; gives the number of messages that changed. The messages leave the outbox.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_report(bigint[], text[], timestamptz[], text[], numeric[], text) FROM PUBLIC;
