-- People: erasing what is stored on a recipient, and giving it to him.

CREATE TYPE smstrack.forgotten AS (
    recipients bigint,
    messages bigint,
    hits bigint,
    conversions bigint,
    unsent bigint
);
COMMENT ON TYPE smstrack.forgotten IS 'What smstrack_forget gives: what was erased.';
COMMENT ON COLUMN smstrack.forgotten.recipients IS 'Recipients, each counted once.';
COMMENT ON COLUMN smstrack.forgotten.messages IS 'Messages that name nobody any more.';
COMMENT ON COLUMN smstrack.forgotten.hits IS 'Hits of them, without address, user agent and referrer now.';
COMMENT ON COLUMN smstrack.forgotten.conversions IS 'Conversions of them, without order id now.';
COMMENT ON COLUMN smstrack.forgotten.unsent IS 'Messages that left the outbox, and will not be handed over.';

CREATE FUNCTION @extschema@.smstrack_forget(recipient text)
RETURNS SETOF smstrack.forgotten
AS 'MODULE_PATHNAME', 'smstrack_forget'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_forget(text) IS
    'Erases what the current account has stored on a recipient, for good; sums stay, his links resolve no more, and nothing more is prepared for him unless he opts in again.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_forget(text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_forget_many(recipients text[])
RETURNS SETOF smstrack.forgotten
AS 'MODULE_PATHNAME', 'smstrack_forget_many'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_forget_many(text[]) IS
    'Does as smstrack_forget for many recipients, in one pass over the messages; null elements are left out.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_forget_many(text[]) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_forget_before(before timestamptz)
RETURNS SETOF smstrack.forgotten
AS 'MODULE_PATHNAME', 'smstrack_forget_before'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_forget_before(timestamptz) IS
    'Erases what the current account''s messages from before a time say of persons, as smstrack_forget does, and suppresses nobody: for a retention of your own, once a day or month.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_forget_before(timestamptz) FROM PUBLIC;

CREATE TYPE smstrack.exported AS (
    source text,
    at timestamptz,
    stored jsonb
);
COMMENT ON TYPE smstrack.exported IS 'What smstrack_export_person gives: a stored row.';
COMMENT ON COLUMN smstrack.exported.source IS 'Table that the row stands in.';
COMMENT ON COLUMN smstrack.exported.at IS 'When it was stored or happened; NULL where that is not kept.';
COMMENT ON COLUMN smstrack.exported.stored IS
    'Its columns as they are, and in words what they refer to: names of campaign and variant, targets, user agent, what the letters mean.';

CREATE FUNCTION @extschema@.smstrack_export_person(recipient text)
RETURNS SETOF smstrack.exported
AS 'MODULE_PATHNAME', 'smstrack_export_person'
LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 100;
COMMENT ON FUNCTION @extschema@.smstrack_export_person(text) IS
    'Gives every row that the current account has stored on a recipient, as doc/privacy.md lists them.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_export_person(text) FROM PUBLIC;
