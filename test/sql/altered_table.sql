-- Where smstrack.message is not as the extension made it, messages go another way, and
-- nothing else changes.
\set QUIET on
SET client_min_messages = error;
DROP EXTENSION smstrack CASCADE;
CREATE EXTENSION smstrack;
RESET client_min_messages;
SET client_min_messages = error;
SELECT smstrack_domain('altered.example') > 0 AS made;
RESET client_min_messages;
CREATE FUNCTION pg_temp.prepared_and_found() RETURNS TABLE (status text, target_url text, recipient text, segments int)
LANGUAGE plpgsql AS $$
DECLARE
    id bigint;
BEGIN
    SELECT message_id INTO id
    FROM smstrack_prepare('See https://a.example/ä', '+49', label => 'altered', link_domain => 'altered.example');
    RETURN QUERY
        SELECT r.status, r.target_url, m.recipient, m.segments_after::int
        FROM smstrack_resolve(smstrack_code(id), 'altered.example') AS r JOIN smstrack.message_report AS m USING (message_id);
END
$$;

SELECT * FROM pg_temp.prepared_and_found();

BEGIN;
CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'trigger: %', NEW.recipient; RETURN NEW; END$$;
CREATE TRIGGER note BEFORE INSERT ON smstrack.message FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
SELECT * FROM pg_temp.prepared_and_found();
ROLLBACK;

BEGIN;
CREATE INDEX message_lower ON smstrack.message (lower(recipient)) WHERE label IS NOT NULL;
SELECT * FROM pg_temp.prepared_and_found();
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM smstrack.message WHERE lower(recipient) = '+49' AND label IS NOT NULL;
ROLLBACK;

BEGIN;
CREATE INDEX message_recipient ON smstrack.message (recipient);
SELECT * FROM pg_temp.prepared_and_found();
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT count(*) FROM smstrack.message WHERE recipient = '+49';
ROLLBACK;

BEGIN;
ALTER TABLE smstrack.message ADD COLUMN shop text DEFAULT 'x';
SELECT * FROM pg_temp.prepared_and_found();
SELECT DISTINCT shop FROM smstrack.message;
ROLLBACK;

-- Gone with its extension, and there again with an empty house: no cache remembers the old.
DROP EXTENSION smstrack CASCADE;
SELECT count(*) FROM pg_namespace WHERE nspname = 'smstrack';
CREATE EXTENSION smstrack;
SET client_min_messages = error;
SELECT smstrack_domain('again.example') AS first_id;
SELECT regexp_replace(smstrack_rewrite('https://a.example/', '1'), '[^/]+$', 'CODE') AS body;
SELECT count(*) FROM smstrack.message;
