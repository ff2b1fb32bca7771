-- Links that are rows: vanity links, and links brought from an older shortener.

CREATE TABLE smstrack.link_alias (
    host text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    target_url text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT link_alias_pkey PRIMARY KEY (host, code),
    CONSTRAINT link_alias_code_check CHECK (code ~ '^[A-Za-z0-9_-]{1,100}$' AND code <> '-'),
    CONSTRAINT link_alias_target_url_check
        CHECK (smstrack.is_target_url(target_url))
);
COMMENT ON TABLE smstrack.link_alias IS
    'Vanity links and links of an older shortener; asked where a code has no message. Their clicks are not counted.';
COMMENT ON COLUMN smstrack.link_alias.host IS 'Host of the link domain; its alias hosts serve the same codes.';
COMMENT ON COLUMN smstrack.link_alias.code IS 'Last segment of the link''s path.';
COMMENT ON COLUMN smstrack.link_alias.target_url IS 'Where the link leads.';
COMMENT ON COLUMN smstrack.link_alias.created_at IS 'When the row was made.';

CREATE FUNCTION @extschema@.smstrack_import_links(
    host text,
    codes text[],
    target_urls text[]
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_host CONSTANT text := lower(regexp_replace(smstrack_import_links.host, '(\.|:80|:443)$', ''));
    domain_host text;
    wrong record;
    imported bigint;
BEGIN
    SELECT d.host INTO domain_host
    FROM smstrack.link_domain AS d
    WHERE (d.host = own_host OR own_host = ANY (d.alias_hosts))
      AND d.account = smstrack.current_account();
    IF domain_host IS NULL THEN
        RAISE EXCEPTION 'unknown link domain "%"', smstrack_import_links.host USING
            ERRCODE = 'undefined_object',
            HINT = format('Create it, or give it the older host: SELECT smstrack_domain(''go.example.com'', alias_hosts => ''{%s}'').', own_host);
    ELSIF cardinality(codes) <> cardinality(target_urls) THEN
        RAISE EXCEPTION 'codes and target URLs differ in number' USING
            ERRCODE = 'array_subscript_error',
            DETAIL = format('There are %s codes and %s target URLs.', cardinality(codes), cardinality(target_urls));
    END IF;

    SELECT l.code, l.target_url INTO wrong
    FROM unnest(codes, target_urls) AS l (code, target_url)
    WHERE coalesce(l.code !~ '^[A-Za-z0-9_-]{1,100}$' OR l.code = '-', true)
       OR NOT coalesce(smstrack.is_target_url(l.target_url), false)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'link "%" to "%" cannot be imported', wrong.code, wrong.target_url USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A code has 1 to 100 letters, digits, hyphens and underscores; a target URL begins with https:// or http://, and has a valid host, at most 2048 bytes, no user name and no control character.';
    END IF;

    INSERT INTO smstrack.link_alias AS a (host, code, target_url)
    SELECT DISTINCT ON (l.code COLLATE "C") domain_host, l.code, l.target_url
    FROM unnest(codes, target_urls) WITH ORDINALITY AS l (code, target_url, n)
    ORDER BY l.code COLLATE "C", l.n DESC
    ON CONFLICT ON CONSTRAINT link_alias_pkey DO UPDATE SET target_url = EXCLUDED.target_url
    WHERE a.target_url <> EXCLUDED.target_url;
    GET DIAGNOSTICS imported = ROW_COUNT;
    RETURN imported;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_import_links(text, text[], text[]) IS
    'Adds vanity links and links of an older shortener to a link domain of the current account; a code that is there gets the new target. Gives the links added or changed.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_import_links(text, text[], text[]) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_is_link_host(host text)
RETURNS boolean
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SECURITY DEFINER -- who asks may not read the table
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM smstrack.link_domain AS d
        WHERE (d.host = lower(smstrack_is_link_host.host) OR lower(smstrack_is_link_host.host) = ANY (d.alias_hosts))
          AND d.status <> 'disabled');
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_is_link_host(text) IS
    'Tells whether a host is one of short links: a front proxy asks before it gets a certificate for it.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_is_link_host(text) FROM PUBLIC;
