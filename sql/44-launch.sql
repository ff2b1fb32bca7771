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
    CONSTRAINT launch_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE smstrack.launch IS 'One row a launch.';
COMMENT ON COLUMN smstrack.launch.id IS 'Id.';
COMMENT ON COLUMN smstrack.launch.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.launch.test IS 'Whether its messages are tests.';
COMMENT ON COLUMN smstrack.launch.audience IS 'Table or view that the recipients were read from.';
COMMENT ON COLUMN smstrack.launch.share IS 'Share of the audience that was asked for, 0 to 1.';
COMMENT ON COLUMN smstrack.launch.max_recipients IS 'Maximum that was asked for; NULL: none.';
COMMENT ON COLUMN smstrack.launch.launched_at IS 'When its transaction began.';
COMMENT ON COLUMN smstrack.launch.launched_by IS 'Role that launched it.';
COMMENT ON COLUMN smstrack.launch.first_message_id IS 'Lowest id of its messages; ids of others may lie between.';
COMMENT ON COLUMN smstrack.launch.last_message_id IS 'Highest id of its messages.';
COMMENT ON COLUMN smstrack.launch.prepared IS 'Messages prepared.';
COMMENT ON COLUMN smstrack.launch.opted_out IS 'Recipients skipped because they opted out.';
COMMENT ON COLUMN smstrack.launch.invalid IS 'Rows skipped whose recipient is NULL, empty or no possible number.';
COMMENT ON COLUMN smstrack.launch.duplicate IS 'Rows skipped whose recipient came before in the same audience.';
COMMENT ON COLUMN smstrack.launch.already_prepared IS 'Recipients skipped that the campaign has a message for.';
COMMENT ON COLUMN smstrack.launch.not_in_share IS 'Recipients left for later by the share.';
COMMENT ON COLUMN smstrack.launch.over_maximum IS 'Recipients left for later by the maximum.';
COMMENT ON COLUMN smstrack.launch.segments_before IS 'Segments of the bodies with their links as given.';
COMMENT ON COLUMN smstrack.launch.segments_after IS 'Segments of the bodies to send.';
CREATE INDEX launch_campaign_idx ON smstrack.launch (campaign);

CREATE TABLE smstrack.launch_skip (
    launch bigint NOT NULL,
    recipient text COLLATE "C",
    reason text NOT NULL
);
COMMENT ON TABLE smstrack.launch_skip IS
    'Recipients that a launch skipped for good: opted out, invalid, duplicate. An anonymous campaign''s are counted only.';
COMMENT ON COLUMN smstrack.launch_skip.launch IS 'Launch.';
COMMENT ON COLUMN smstrack.launch_skip.recipient IS 'Recipient, normalised where it is valid; NULL where it was NULL.';
COMMENT ON COLUMN smstrack.launch_skip.reason IS 'opted out, invalid or duplicate.';
CREATE INDEX launch_skip_launch_idx ON smstrack.launch_skip (launch);

CREATE TABLE smstrack.campaign_recipient (
    campaign integer NOT NULL,
    recipient_hash bytea NOT NULL,
    CONSTRAINT campaign_recipient_pkey PRIMARY KEY (campaign, recipient_hash)
);
COMMENT ON TABLE smstrack.campaign_recipient IS
    'Whom an anonymous campaign has written to, as keyed hashes: nobody gets it twice. smstrack_disable forgets them.';
COMMENT ON COLUMN smstrack.campaign_recipient.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.campaign_recipient.recipient_hash IS 'As in smstrack.opt_out.';
