-- Operating: version, upkeep, rights.

CREATE FUNCTION @extschema@.smstrack_version()
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_version() IS
    'Version of the loaded library, such as 1.0.0.';

CREATE PROCEDURE @extschema@.smstrack_maintain()
AS 'MODULE_PATHNAME', 'smstrack_maintain'
LANGUAGE C;
COMMENT ON PROCEDURE @extschema@.smstrack_maintain() IS
    'Upkeep, to be called daily: makes the partitions of smstrack.hit ahead. Commits between its steps; call it outside a transaction block.';
REVOKE EXECUTE ON PROCEDURE @extschema@.smstrack_maintain() FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_grant(role regrole, kind text)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    privilege text;
    found_kind boolean := false;
BEGIN
    FOR privilege IN
        SELECT p.privilege
        FROM (VALUES
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_rewrite(text, text, text, text)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_prepare(text, text, text, text, boolean, text, boolean)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_resolve(text, text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_hit(text, timestamptz, inet, text, text, text, text, text, uuid, text, text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_hit_batch(text[], text[], timestamptz[], inet[], text[], text[], text[], text[], text[], text[], uuid[])'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_is_link_host(text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_convert(text, text, text, numeric, text, timestamptz)'),
            ('reader', 'SELECT ON smstrack.message_report, smstrack.click_report'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_import_links(text, text[], text[])'),
            ('admin', 'SELECT, INSERT, UPDATE, DELETE ON smstrack.link_alias'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_domain(text, text, text, integer, text, text[], text, text, interval)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_code(bigint, integer, text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_resolve(text, text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_guess_odds(text)'),
            ('admin', 'EXECUTE ON FUNCTION smstrack.make_secret(integer), smstrack.make_hit_partition(date), smstrack.make_hit_partitions()'),
            ('admin', 'EXECUTE ON PROCEDURE @extschema@.smstrack_maintain()'),
            ('admin', 'SELECT, INSERT, UPDATE ON smstrack.link_domain'),
            ('admin', 'USAGE ON smstrack.link_domain_id_seq'),
            ('admin', 'SELECT ON smstrack.message_report, smstrack.click_report')
        ) AS p (kind, privilege)
        WHERE p.kind = smstrack_grant.kind
    LOOP
        EXECUTE format('GRANT %s TO %s', privilege, role);
        found_kind := true;
    END LOOP;
    IF NOT found_kind THEN
        RAISE EXCEPTION 'unknown kind of role "%"', kind USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Kinds are composer, redirector, reader and admin.';
    END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_grant(regrole, text) IS
    'Grants a role what a composer, redirector, reader or admin needs, and no more.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_grant(regrole, text) FROM PUBLIC;
