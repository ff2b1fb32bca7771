-- The baseline: the same job as it is often written in PL/pgSQL. A regular expression
-- finds the links, each gets a random code in a table of links, with another try where the
-- code is taken; the message's row holds encoding and segments before and after.
CREATE TABLE baseline_message (
    id bigserial PRIMARY KEY,
    recipient text NOT NULL,
    body text NOT NULL,
    encoding_before text,
    segments_before int,
    encoding_after text,
    segments_after int,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE baseline_link (
    code text PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES baseline_message (id),
    target_url text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- which links has this message: the question of every report
CREATE INDEX ON baseline_link (message_id);

CREATE FUNCTION baseline_code()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    alphabet CONSTANT text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    code text := '';
BEGIN
    FOR i IN 1..8 LOOP
        code := code || substr(alphabet, 1 + floor(random() * 62)::int, 1);
    END LOOP;
    RETURN code;
END
$$;

CREATE FUNCTION baseline_encoding(body text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN body ~ '^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà-]*$'
                THEN 'GSM-7' ELSE 'UCS-2' END
$$;

CREATE FUNCTION baseline_segments(body text, encoding text)
RETURNS int
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE encoding
        WHEN 'GSM-7' THEN CASE WHEN length(body) <= 160 THEN 1 ELSE ceil(length(body) / 153.0) END
        ELSE CASE WHEN length(body) <= 70 THEN 1 ELSE ceil(length(body) / 67.0) END
    END::int
$$;

CREATE FUNCTION baseline_rewrite(body text, recipient text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    rewritten text := body;
    before text := baseline_encoding(body);
    after text;
    message bigint;
    url text;
    code text;
BEGIN
    INSERT INTO baseline_message (recipient, body, encoding_before, segments_before)
    VALUES (recipient, body, before, baseline_segments(body, before))
    RETURNING id INTO message;
    FOR url IN SELECT m[1] FROM regexp_matches(body, '(https?://[^\s]+)', 'g') AS m LOOP
        LOOP
            code := baseline_code();
            BEGIN
                INSERT INTO baseline_link (code, message_id, target_url) VALUES (code, message, url);
                EXIT;
            EXCEPTION WHEN unique_violation THEN
                -- the code is taken: another try
            END;
        END LOOP;
        rewritten := replace(rewritten, url, 'https://go.example.com/' || code);
    END LOOP;
    after := baseline_encoding(rewritten);
    UPDATE baseline_message
    SET body = rewritten, encoding_after = after, segments_after = baseline_segments(rewritten, after)
    WHERE id = message;
    RETURN rewritten;
END
$$;
