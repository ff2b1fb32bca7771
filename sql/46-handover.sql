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
    'Messages to be sent. A row leaves when its message is reported as accepted, sent, delivered, failed or expired.';
COMMENT ON COLUMN smstrack.outbox.message_id IS 'Message.';
COMMENT ON COLUMN smstrack.outbox.leased_until IS 'Until when a taker has it; -infinity: nobody took it yet.';
COMMENT ON COLUMN smstrack.outbox.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.outbox.takes IS 'How often it was taken.';
COMMENT ON COLUMN smstrack.outbox.recipient IS 'Recipient.';
COMMENT ON COLUMN smstrack.outbox.body IS 'Body to send.';
CREATE INDEX outbox_campaign_idx ON smstrack.outbox (campaign, leased_until, message_id);
