-- The baseline: link tracking as it is often written, with a regular expression, random
-- codes in a table, and a retry where a code is taken.
CREATE TABLE baseline_message (
    id bigserial PRIMARY KEY,
    recipient text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE baseline_link (
    code text PRIMARY KEY,
    message_id bigint NOT NULL,
    target_url text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION baseline_rewrite(body text, recipient text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    alphabet CONSTANT text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    message bigint;
    url text;
    code text;
BEGIN
    INSERT INTO baseline_message (recipient, body) VALUES (recipient, body) RETURNING id INTO message;
    FOR url IN SELECT m[1] FROM regexp_matches(body, '(https?://[^\s]+)', 'g') AS m LOOP
        LOOP
            SELECT string_agg(substr(alphabet, 1 + floor(random() * 62)::int, 1), '') INTO code
            FROM generate_series(1, 8);
            BEGIN
                INSERT INTO baseline_link (code, message_id, target_url) VALUES (code, message, url);
                EXIT;
            EXCEPTION WHEN unique_violation THEN
                -- the code is taken: try another
            END;
        END LOOP;
        body := replace(body, url, 'https://go.example.com/' || code);
    END LOOP;
    RETURN body;
END
$$;
