-- Link domains and their secrets.

CREATE FUNCTION smstrack.is_target_url(url text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_is_target_url'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.is_target_url(text) IS
    'Tells whether a link may lead to a URL: http or https, a valid host, no user name, no control character, no backslash, at most 2048 bytes. It is judged again when it is requested.';

CREATE SEQUENCE smstrack.link_domain_id_seq AS integer;
COMMENT ON SEQUENCE smstrack.link_domain_id_seq IS 'Ids of link domains.';

CREATE TABLE smstrack.link_domain (
    id integer NOT NULL DEFAULT nextval('smstrack.link_domain_id_seq'),
    host text NOT NULL,
    alias_hosts text[] NOT NULL DEFAULT '{}',
    account text NOT NULL DEFAULT 'default',
    scheme text NOT NULL DEFAULT 'https',
    path_prefix text NOT NULL DEFAULT '',
    code_length smallint NOT NULL DEFAULT 8,
    former_code_lengths smallint[] NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'active',
    cookie_domain text,
    fallback_url text,
    expiry interval,
    key_check bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    attributes jsonb NOT NULL DEFAULT '{}',
    token_parameter text,
    tracking text NOT NULL DEFAULT 'full',
    attribution_window interval,
    CONSTRAINT link_domain_pkey PRIMARY KEY (id),
    CONSTRAINT link_domain_host_key UNIQUE (host),
    CONSTRAINT link_domain_id_check CHECK (id > 0),
    CONSTRAINT link_domain_host_check
        CHECK (host ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$'
               AND length(host) <= 259),
    CONSTRAINT link_domain_account_check CHECK (account <> ''),
    CONSTRAINT link_domain_scheme_check CHECK (scheme IN ('http', 'https')),
    CONSTRAINT link_domain_path_prefix_check
        CHECK (path_prefix ~ '^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$' AND length(path_prefix) <= 100),
    CONSTRAINT link_domain_code_length_check CHECK (code_length BETWEEN 6 AND 10),
    CONSTRAINT link_domain_former_code_lengths_check
        CHECK (former_code_lengths <@ '{6,7,8,9,10}'::smallint[]),
    CONSTRAINT link_domain_status_check CHECK (status IN ('pending', 'active', 'disabled')),
    CONSTRAINT link_domain_cookie_domain_check
        CHECK (cookie_domain ~ '^\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$' AND length(cookie_domain) <= 254),
    CONSTRAINT link_domain_fallback_url_check CHECK (smstrack.is_target_url(fallback_url)),
    CONSTRAINT link_domain_token_parameter_check
        CHECK (token_parameter ~ '^[A-Za-z0-9_.-]*$' AND length(token_parameter) <= 64),
    CONSTRAINT link_domain_tracking_check CHECK (tracking IN ('full', 'anonymous', 'none')),
    CONSTRAINT link_domain_expiry_check CHECK (expiry > '0' AND expiry <= '1000 years'),
    CONSTRAINT link_domain_attribution_window_check
        CHECK (attribution_window >= '1 minute' AND attribution_window <= '400 days')
);
COMMENT ON TABLE smstrack.link_domain IS
    'Hosts of short links, one row each. Its id is the tweak of its codes and never changes.';
COMMENT ON COLUMN smstrack.link_domain.id IS 'Immutable number; tweak of the code cipher.';
COMMENT ON COLUMN smstrack.link_domain.host IS
    'Host as lower-case A-label, with the port where it is not the default one.';
COMMENT ON COLUMN smstrack.link_domain.alias_hosts IS 'Further hosts under which the same codes resolve.';
COMMENT ON COLUMN smstrack.link_domain.account IS 'Account that the link domain belongs to.';
COMMENT ON COLUMN smstrack.link_domain.scheme IS 'Scheme of short links: https or http.';
COMMENT ON COLUMN smstrack.link_domain.path_prefix IS
    'Path between host and code, without slashes at its ends; empty for none.';
COMMENT ON COLUMN smstrack.link_domain.code_length IS 'Characters of a new code, 6 to 10; it only grows.';
COMMENT ON COLUMN smstrack.link_domain.former_code_lengths IS 'Lengths of codes that are out and still resolve.';
COMMENT ON COLUMN smstrack.link_domain.status IS
    'pending: not yet used; active; disabled: prepares nothing and its codes do not resolve.';
COMMENT ON COLUMN smstrack.link_domain.cookie_domain IS 'Domain attribute of the click cookie; NULL for none.';
COMMENT ON COLUMN smstrack.link_domain.fallback_url IS 'Where unknown and expired codes lead; NULL: not found.';
COMMENT ON COLUMN smstrack.link_domain.expiry IS 'Age of a message at which its links expire; NULL: never.';
COMMENT ON COLUMN smstrack.link_domain.key_check IS
    'Check value of the secret that the codes out there were made with.';
COMMENT ON COLUMN smstrack.link_domain.created_at IS 'When the row was made.';
COMMENT ON COLUMN smstrack.link_domain.attributes IS 'Free for the user.';
COMMENT ON COLUMN smstrack.link_domain.token_parameter IS
    'Name of the click token in a target''s query; empty: none is added; NULL: the setting smstrack.token_parameter.';
COMMENT ON COLUMN smstrack.link_domain.attribution_window IS
    'How long after a click a conversion counts, where the campaign says nothing else; NULL: the setting smstrack.attribution_window.';

COMMENT ON COLUMN smstrack.link_domain.tracking IS
    'Tracking level of single messages, which are of no campaign: full: who clicked is known; anonymous: no recipient is kept; none: links stay as they are.';

CREATE TABLE smstrack.secret (
    link_domain integer NOT NULL,
    version smallint NOT NULL DEFAULT 1,
    key bytea NOT NULL,
    check_value bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT secret_pkey PRIMARY KEY (link_domain, version),
    CONSTRAINT secret_key_check CHECK (octet_length(key) = 32)
);
COMMENT ON TABLE smstrack.secret IS
    'Secrets of link domains; readable by the owner alone, and in clear in a dump. Never change a row.';
COMMENT ON COLUMN smstrack.secret.link_domain IS 'Link domain that the secret belongs to.';
COMMENT ON COLUMN smstrack.secret.version IS 'Version of the secret; codes use version 1.';
COMMENT ON COLUMN smstrack.secret.key IS '32 random bytes; the keys of codes and tokens are derived from them.';
COMMENT ON COLUMN smstrack.secret.check_value IS 'Check value derived from the key: tells a wrong one.';
COMMENT ON COLUMN smstrack.secret.created_at IS 'When the secret was made.';

CREATE FUNCTION smstrack.current_account()
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_current_account'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.current_account() IS
    'Account of the session: the setting smstrack.account, which is there only once the library is loaded.';

CREATE FUNCTION smstrack.make_secret(link_domain integer)
RETURNS bytea
AS 'MODULE_PATHNAME', 'smstrack_make_secret'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION smstrack.make_secret(integer) IS
    'Makes the secret of a new link domain and gives its check value; refuses where there is one. Used by the trigger of smstrack.link_domain.';
REVOKE EXECUTE ON FUNCTION smstrack.make_secret(integer) FROM PUBLIC;

CREATE FUNCTION smstrack.invalidate()
RETURNS trigger
AS 'MODULE_PATHNAME', 'smstrack_invalidate'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION smstrack.invalidate() IS
    'Trigger: makes every session read the changed table anew.';

-- A restored row brings its key_check, and nothing is made for it: that keeps the trigger
-- harmless while a dump is loaded.
CREATE FUNCTION smstrack.link_domain_guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER -- hosts of other accounts are taken too
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'link domain "%" cannot be deleted', OLD.host USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'Its links are on phones.',
            HINT = 'Set its status to disabled.';
    END IF;

    IF array_ndims(NEW.alias_hosts) > 1 THEN
        RAISE EXCEPTION 'alias hosts of link domain "%" are no list', NEW.host USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give an array of one dimension.';
    END IF;
    -- one at a time, or two sessions would not see each other's hosts
    PERFORM pg_advisory_xact_lock('smstrack.link_domain'::regclass::integer, 0);
    IF EXISTS (SELECT FROM smstrack.link_domain AS d
               WHERE d.id <> NEW.id AND array_append(d.alias_hosts, d.host) && array_append(NEW.alias_hosts, NEW.host)) THEN
        RAISE EXCEPTION 'host or alias of link domain "%" is taken', NEW.host USING
            ERRCODE = 'unique_violation',
            DETAIL = 'Another link domain, perhaps of another account, has it as its host or as an alias.';
    ELSIF EXISTS (SELECT FROM unnest(NEW.alias_hosts) AS a
                  WHERE a IS NULL OR a !~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$') THEN
        RAISE EXCEPTION 'invalid alias host of link domain "%"', NEW.host USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give hosts in lower case, without scheme and path; other letters as A-label (xn--...).';
    END IF;

    IF TG_OP = 'INSERT' THEN
        IF NEW.key_check IS NULL THEN
            NEW.key_check := smstrack.make_secret(NEW.id);
            PERFORM smstrack.make_hit_partitions();
        END IF;
        RETURN NEW;
    END IF;

    IF NEW.id <> OLD.id OR NEW.host <> OLD.host OR NEW.account <> OLD.account
       OR NEW.key_check IS DISTINCT FROM OLD.key_check THEN
        RAISE EXCEPTION 'id, host, account and key_check of link domain "%" cannot be changed', OLD.host USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'The codes that are out depend on them.';
    ELSIF NEW.code_length < OLD.code_length THEN
        RAISE EXCEPTION 'codes of link domain "%" cannot be shortened', OLD.host USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('A guess finds one of %s codes; with %s characters it would be one of %s.',
                            trunc(62::numeric ^ OLD.code_length), NEW.code_length, trunc(62::numeric ^ NEW.code_length)),
            HINT = 'Create another link domain for shorter codes.';
    ELSIF NEW.former_code_lengths <> OLD.former_code_lengths THEN
        RAISE EXCEPTION 'former code lengths of link domain "%" cannot be changed', OLD.host USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'Codes of these lengths are out.';
    ELSIF NEW.code_length > OLD.code_length THEN
        NEW.former_code_lengths := OLD.former_code_lengths || OLD.code_length;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION smstrack.link_domain_guard() IS
    'Trigger: gives a new link domain its secret, and keeps what codes depend on from changing.';

REVOKE EXECUTE ON FUNCTION smstrack.link_domain_guard() FROM PUBLIC;

CREATE TRIGGER link_domain_guard
    BEFORE INSERT OR UPDATE OR DELETE ON smstrack.link_domain
    FOR EACH ROW EXECUTE FUNCTION smstrack.link_domain_guard();

CREATE TRIGGER link_domain_invalidate
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON smstrack.link_domain
    FOR EACH STATEMENT EXECUTE FUNCTION smstrack.invalidate();

-- On a logical replica only triggers of rows are called, and of those only what is always on.
CREATE TRIGGER link_domain_replicated
    AFTER INSERT OR UPDATE OR DELETE ON smstrack.link_domain
    FOR EACH ROW EXECUTE FUNCTION smstrack.invalidate();
ALTER TABLE smstrack.link_domain ENABLE ALWAYS TRIGGER link_domain_replicated;

CREATE TRIGGER secret_invalidate
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON smstrack.secret
    FOR EACH STATEMENT EXECUTE FUNCTION smstrack.invalidate();

CREATE TRIGGER secret_replicated
    AFTER INSERT OR UPDATE OR DELETE ON smstrack.secret
    FOR EACH ROW EXECUTE FUNCTION smstrack.invalidate();
ALTER TABLE smstrack.secret ENABLE ALWAYS TRIGGER secret_replicated;

-- What a link domain says of its links, and a campaign of its own.
CREATE FUNCTION smstrack.check_link_terms(tracking text, expiry interval, fallback_url text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF tracking NOT IN ('full', 'anonymous', 'none') THEN
        RAISE EXCEPTION 'invalid tracking level "%"', left(tracking, 300) USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give full, anonymous or none.';
    ELSIF expiry <= '0' OR expiry > '1000 years' THEN
        RAISE EXCEPTION 'expiry % is out of range', expiry USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It is more than 0, and 1000 years at most.',
            HINT = 'Give an interval such as 1 year, or NULL.';
    ELSIF NOT smstrack.is_target_url(fallback_url) THEN
        RAISE EXCEPTION 'invalid fallback URL "%"', left(fallback_url, 300) USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It begins with https:// or http://, and has a valid host, at most 2048 bytes, no user name and no control character.',
            HINT = 'Give a URL that a browser could open.';
    END IF;
END
$$;
COMMENT ON FUNCTION smstrack.check_link_terms(text, interval, text) IS
    'Complains of a tracking level, an expiry or a fallback URL that cannot be; NULL can.';

CREATE FUNCTION @extschema@.smstrack_domain(
    host text,
    scheme text DEFAULT NULL,
    path_prefix text DEFAULT NULL,
    code_length integer DEFAULT NULL,
    status text DEFAULT NULL,
    alias_hosts text[] DEFAULT NULL,
    cookie_domain text DEFAULT NULL,
    fallback_url text DEFAULT NULL,
    expiry interval DEFAULT NULL,
    tracking text DEFAULT NULL,
    attribution_window interval DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_account CONSTANT text := smstrack.current_account();
    -- a text of a gigabyte is too much for a pattern
    own_host CONSTANT text := lower(regexp_replace(left(smstrack_domain.host, 300),
        CASE smstrack_domain.scheme WHEN 'http' THEN '(\.|:80)$' ELSE '(\.|:443)$' END, ''));
    made integer;
BEGIN
    IF own_host IS NULL OR own_host = '' THEN
        RAISE EXCEPTION 'host of a link domain is missing' USING
            ERRCODE = 'null_value_not_allowed',
            HINT = 'Give the host of your short links, such as go.example.com.';
    ELSIF length(own_host) > 259 OR own_host !~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$' THEN
        RAISE EXCEPTION 'invalid host "%"', left(smstrack_domain.host, 300) USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A host has letters, digits and hyphens between dots, and may have a port.',
            HINT = 'Give the host alone, without scheme and path; other letters as A-label (xn--...).';
    ELSIF substring(own_host from ':([0-9]+)$')::integer > 65535 THEN
        RAISE EXCEPTION 'invalid port in host "%"', smstrack_domain.host USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A port is a number from 1 to 65535.';
    ELSIF smstrack_domain.code_length NOT BETWEEN 6 AND 10 THEN
        RAISE EXCEPTION 'invalid code length %', smstrack_domain.code_length USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A code has 6 to 10 characters.';
    ELSIF smstrack_domain.scheme NOT IN ('http', 'https') THEN
        RAISE EXCEPTION 'invalid scheme "%"', smstrack_domain.scheme USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give https or http.';
    ELSIF smstrack_domain.status NOT IN ('pending', 'active', 'disabled') THEN
        RAISE EXCEPTION 'invalid status "%" of a link domain', smstrack_domain.status USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give pending, active or disabled.';
    ELSIF length(smstrack_domain.path_prefix) > 100 OR smstrack_domain.path_prefix !~ '^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$' THEN
        RAISE EXCEPTION 'invalid path prefix "%"', left(smstrack_domain.path_prefix, 300) USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A path prefix has letters, digits, hyphens and underscores between slashes, and no slash at its ends.';
    ELSIF length(smstrack_domain.cookie_domain) > 254
        OR smstrack_domain.cookie_domain !~ '^\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$' THEN
        RAISE EXCEPTION 'invalid cookie domain "%"', left(smstrack_domain.cookie_domain, 300) USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A domain has lower-case letters, digits and hyphens between dots.',
            HINT = 'Give the domain that the short links'' host and the shop share, such as example.com.';
    ELSIF smstrack_domain.attribution_window < '1 minute' OR smstrack_domain.attribution_window > '400 days' THEN
        RAISE EXCEPTION 'attribution window of a link domain is out of range' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It is 1 minute to 400 days.',
            HINT = 'Give an interval such as 30 days.';
    END IF;
    PERFORM smstrack.check_link_terms(tracking, expiry, fallback_url);

    UPDATE smstrack.link_domain AS d SET
        scheme = coalesce(smstrack_domain.scheme, d.scheme),
        path_prefix = coalesce(smstrack_domain.path_prefix, d.path_prefix),
        code_length = coalesce(smstrack_domain.code_length, d.code_length),
        status = coalesce(smstrack_domain.status, d.status),
        alias_hosts = coalesce(smstrack_domain.alias_hosts, d.alias_hosts),
        cookie_domain = coalesce(smstrack_domain.cookie_domain, d.cookie_domain),
        fallback_url = coalesce(smstrack_domain.fallback_url, d.fallback_url),
        expiry = coalesce(smstrack_domain.expiry, d.expiry),
        tracking = coalesce(smstrack_domain.tracking, d.tracking),
        attribution_window = coalesce(smstrack_domain.attribution_window, d.attribution_window)
    WHERE d.host = own_host AND d.account = own_account
    RETURNING d.id INTO made;
    IF FOUND THEN
        RETURN made;
    END IF;

    INSERT INTO smstrack.link_domain AS d
        (host, account, scheme, path_prefix, code_length, status, alias_hosts,
         cookie_domain, fallback_url, expiry, tracking, attribution_window)
    VALUES (own_host, own_account,
            coalesce(smstrack_domain.scheme, 'https'),
            coalesce(smstrack_domain.path_prefix, ''),
            coalesce(smstrack_domain.code_length, 8),
            coalesce(smstrack_domain.status, 'active'),
            coalesce(smstrack_domain.alias_hosts, '{}'),
            smstrack_domain.cookie_domain, smstrack_domain.fallback_url, smstrack_domain.expiry,
            coalesce(smstrack_domain.tracking, 'full'), smstrack_domain.attribution_window)
    RETURNING d.id INTO made;
    RETURN made;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_domain(text, text, text, integer, text, text[], text, text, interval, text, interval) IS
    'Creates a link domain of the current account, or changes what is given of an existing one; gives its id.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_domain(text, text, text, integer, text, text[], text, text, interval, text, interval)
    FROM PUBLIC;
