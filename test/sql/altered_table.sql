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
CREATE FUNCTION pg_temp.prepared_and_found() RETURNS TABLE (status text, target_url text, recipient text, segments int, clicks int, clicked boolean)
LANGUAGE plpgsql AS $$
DECLARE
    id bigint;
    phone CONSTANT text := 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36';
BEGIN
    SELECT message_id INTO id
    FROM smstrack_prepare('See https://a.example/ä', '+49', label => 'altered', link_domain => 'altered.example');
    PERFORM smstrack_hit_batch(array_fill(smstrack_code(id), ARRAY[2]), array_fill('altered.example'::text, ARRAY[2]),
                               user_agents => array_fill(phone, ARRAY[2]));
    PERFORM smstrack_hit(smstrack_code(id), user_agent => phone, host => 'altered.example');
    INSERT INTO smstrack.agent_rule (pattern, class) VALUES ('pixel 8', 'bot');
    PERFORM smstrack_reclassify('-infinity');
    DELETE FROM smstrack.agent_rule;
    PERFORM smstrack_reclassify('-infinity');
    ASSERT NOT EXISTS (SELECT FROM smstrack.tally_difference);
    RETURN QUERY
        SELECT r.status, r.target_url, m.recipient, m.segments_after::int,
               (SELECT count(*) FROM smstrack.hit AS h WHERE h.message_id = id AND h.class = 'c')::int, m.clicked
        FROM smstrack_resolve(smstrack_code(id), 'altered.example') AS r JOIN smstrack.message_report AS m USING (message_id);
END
$$;

SELECT * FROM pg_temp.prepared_and_found();

BEGIN;
CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'trigger: %', NEW.recipient; RETURN NEW; END$$;
CREATE TRIGGER note BEFORE INSERT ON smstrack.message FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
SELECT * FROM pg_temp.prepared_and_found();
ROLLBACK;

-- A trigger that prepares another message: of another account, of another campaign, and of
-- the same campaign with other fields. Neither disturbs the message around it.
BEGIN;
SET LOCAL client_min_messages = error;
SET LOCAL smstrack.account = 'other';
SELECT smstrack_domain('other.example') > 0 AS made;
SET LOCAL smstrack.account = 'default';
INSERT INTO smstrack.price (account, prefix, segment_price, currency) VALUES ('default', '+49', 0.05, 'EUR'), ('other', '+4', 7, 'JPY'), ('other', '+49', 9, 'USD');
SELECT smstrack_campaign('outer', 'Hi {{name}}, see https://a.example/', tracking => 'anonymous') > 0
   AND smstrack_campaign('inner', 'Dear {{name}}, ' || repeat('look at ', 20) || 'https://b.example/') > 0 AS made;
CREATE FUNCTION pg_temp.prepare_more() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        PERFORM set_config('smstrack.account', 'other', true);
        PERFORM smstrack_rewrite('See https://c.example/', '+49151', label => 'nested');
        PERFORM set_config('smstrack.account', 'default', true);
        PERFORM smstrack_rewrite(NULL::text, '+491511234560' || n, campaign => 'inner', fields => '{"name": "Bo"}', skip => true)
        FROM generate_series(1, 3) AS n;
        PERFORM smstrack_rewrite(NULL::text, '+4915112345699', campaign => 'outer', fields => '{"name": "Mallory"}', skip => true);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER prepare_more AFTER INSERT ON smstrack.message FOR EACH ROW EXECUTE FUNCTION pg_temp.prepare_more();
SELECT segments_after, cost, currency FROM smstrack_prepare('See https://a.example/', '+49');
SELECT regexp_replace(body, '[^/]+$', 'CODE') AS body, cost, currency
FROM smstrack_prepare(NULL, '+4915112345678', campaign => 'outer', fields => '{"name": "Ana"}');
DROP TRIGGER prepare_more ON smstrack.message;
CREATE TRIGGER prepare_more AFTER INSERT ON smstrack.campaign_recipient FOR EACH ROW EXECUTE FUNCTION pg_temp.prepare_more();
SELECT regexp_replace(body, '[^/]+$', 'CODE') AS body, cost, currency
FROM smstrack_prepare(NULL, '+4915112345679', campaign => 'outer', fields => '{"name": "Ana"}');
SELECT segment_price, currency, count(*) FROM smstrack.message WHERE variant IS NOT NULL OR label = 'nested' GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;

-- Also where a message's marks change: its trigger is called, its constraint holds.
BEGIN;
CREATE FUNCTION pg_temp.mark() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'first click: %', NEW.first_click_at IS NOT NULL; RETURN NEW; END$$;
CREATE TRIGGER mark AFTER UPDATE ON smstrack.message FOR EACH ROW EXECUTE FUNCTION pg_temp.mark();
SELECT * FROM pg_temp.prepared_and_found();
ROLLBACK;

BEGIN;
ALTER TABLE smstrack.message ADD CONSTRAINT no_click CHECK (clicked_links = 0) NOT VALID;
DO $$BEGIN PERFORM pg_temp.prepared_and_found(); EXCEPTION WHEN check_violation THEN RAISE NOTICE 'check violation'; END$$;
ROLLBACK;

-- A column that must have a value, of a message and of a hit.
BEGIN;
ALTER TABLE smstrack.message ALTER label SET NOT NULL;
SELECT * FROM pg_temp.prepared_and_found();
DO $$BEGIN PERFORM smstrack_rewrite('x', '+49'); EXCEPTION WHEN not_null_violation THEN RAISE NOTICE 'not null: %', SQLERRM; END$$;
DELETE FROM smstrack.hit;
DO $$BEGIN EXECUTE format('ALTER TABLE smstrack.%I ALTER address SET NOT NULL', 'hit_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')); END$$;
DO $$BEGIN PERFORM pg_temp.prepared_and_found(); EXCEPTION WHEN not_null_violation THEN RAISE NOTICE 'not null violation of a hit'; END$$;
ROLLBACK;

-- A trigger that changes the message of a new hit.
BEGIN;
CREATE FUNCTION pg_temp.name_clicked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE smstrack.message SET label = coalesce(label, '') || '!' WHERE message_id = NEW.message_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER name_clicked AFTER INSERT ON smstrack.hit FOR EACH ROW EXECUTE FUNCTION pg_temp.name_clicked();
SELECT * FROM pg_temp.prepared_and_found();
SELECT label, clicked_links FROM smstrack.message ORDER BY message_id DESC LIMIT 1;
-- and that of one that is judged again
CREATE TRIGGER name_judged AFTER UPDATE ON smstrack.hit FOR EACH ROW EXECUTE FUNCTION pg_temp.name_clicked();
SELECT * FROM pg_temp.prepared_and_found();
SELECT label, clicked_links FROM smstrack.message ORDER BY message_id DESC LIMIT 1;
ROLLBACK;

-- A hit's partition with a trigger, when the hit is judged again.
BEGIN;
CREATE FUNCTION pg_temp.judged() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'hit: % to %', OLD.class, NEW.class; RETURN NEW; END$$;
CREATE TRIGGER judged BEFORE UPDATE ON smstrack.hit FOR EACH ROW EXECUTE FUNCTION pg_temp.judged();
SELECT * FROM pg_temp.prepared_and_found();
ROLLBACK;

-- A hit's partition with an index of some of its rows, and one of an expression.
BEGIN;
DO $$BEGIN EXECUTE format('CREATE INDEX hit_clicks ON smstrack.%I (class) WHERE class = ''c''', 'hit_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')); END$$;
DO $$BEGIN EXECUTE format('CREATE INDEX hit_lower ON smstrack.%I (lower(class::text))', 'hit_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')); END$$;
SELECT * FROM pg_temp.prepared_and_found();
INSERT INTO smstrack.agent_rule (pattern, class) VALUES ('pixel 8', 'bot');
SELECT smstrack_reclassify('-infinity') > 0 AS changed;
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM smstrack.hit WHERE class = 'c';
SELECT count(*) > 0 AS bots FROM smstrack.hit WHERE lower(class::text) = 'b';
ROLLBACK;

-- A hit's partition that was attached, its columns in another order.
BEGIN;
DO $$
DECLARE
    month CONSTANT text := 'hit_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM');
    bounds CONSTANT text := (SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = ('smstrack.' || month)::regclass);
    columns CONSTANT text :=
        (SELECT string_agg(format('%I %s%s', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' NOT NULL' END), ', ' ORDER BY attnum DESC)
         FROM pg_attribute WHERE attrelid = 'smstrack.hit'::regclass AND attnum > 0);
BEGIN
    EXECUTE format('ALTER TABLE smstrack.hit DETACH PARTITION smstrack.%I', month);
    EXECUTE format('ALTER TABLE smstrack.%I RENAME TO former', month);
    EXECUTE format('CREATE TABLE smstrack.%I (%s)', month, columns);
    EXECUTE format('ALTER TABLE smstrack.hit ATTACH PARTITION smstrack.%I %s', month, bounds);
    INSERT INTO smstrack.hit SELECT * FROM smstrack.former;
END
$$;
SELECT * FROM pg_temp.prepared_and_found();
SELECT DISTINCT m.recipient, h.at > now() - interval '1 hour' AS recent, h.class FROM smstrack.hit AS h LEFT JOIN smstrack.message AS m USING (message_id);
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

-- A summary of what marks change: where only that changes, no other index is filled.
BEGIN;
CREATE INDEX message_first_click ON smstrack.message USING brin (first_click_at);
SELECT * FROM pg_temp.prepared_and_found();
SELECT brin_summarize_new_values('smstrack.message_first_click') > 0 AS noted;
SELECT * FROM pg_temp.prepared_and_found();
SET LOCAL enable_seqscan = off;
SELECT count(*), count(DISTINCT message_id) FROM smstrack.message WHERE first_click_at > '2000-01-01';
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
