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
    'Upkeep, to be called at least daily: makes the partitions of smstrack.hit ahead, moves hits there from the DEFAULT partition, drops months older than smstrack.hit_retention, folds smstrack.tally. Commits between its steps: call it outside a transaction block, at any time. With pg_cron: SELECT cron.schedule(''smstrack'', ''17 * * * *'', ''CALL @extschema@.smstrack_maintain()'').';
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
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_rewrite(text, text, text, text, text, jsonb, boolean)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_prepare(text, text, text, text, boolean, text, boolean, boolean, text, jsonb, boolean)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_estimate(text, regclass)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_preview(text, text, text, jsonb, boolean)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_launch(text, regclass, bigint, double precision, boolean)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_campaign(text, text, text, text, text, boolean, boolean, text, interval, text, text, text, text, text)'),
            ('composer', 'SELECT, INSERT, UPDATE ON smstrack.campaign'),
            ('composer', 'SELECT, INSERT (campaign, name, body, weight, plain_positions, attributes), UPDATE (name, body, weight, plain_positions, attributes) ON smstrack.variant'),
            ('composer', 'SELECT ON smstrack.link_domain, smstrack.price, smstrack.launch, smstrack.launch_skip'),
            ('composer', 'USAGE ON smstrack.campaign_id_seq, smstrack.variant_id_seq'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_opt_out(text, text), @extschema@.smstrack_opt_outs(text[], text), @extschema@.smstrack_opt_in(text)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_experiment(text, text, text, text, text, interval, bigint, interval, double precision, double precision, bigint, timestamptz, double precision, numeric)'),
            ('composer', 'EXECUTE ON FUNCTION @extschema@.smstrack_ab_report(text), @extschema@.smstrack_decide(text, text)'),
            ('composer', 'SELECT, INSERT, UPDATE ON smstrack.experiment'),
            ('composer', 'SELECT ON smstrack.decision, smstrack.allotment'),
            ('dispatcher', 'EXECUTE ON FUNCTION @extschema@.smstrack_take(text, integer, interval)'),
            ('dispatcher', 'EXECUTE ON FUNCTION @extschema@.smstrack_report(bigint[], text[], timestamptz[], text[], numeric[], text)'),
            ('dispatcher', 'EXECUTE ON FUNCTION @extschema@.smstrack_opt_out(text, text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_opt_out_link(text, text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_resolve(text, text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_hit(text, timestamptz, inet, text, text, text, text, text, uuid, text, text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_hit_batch(text[], text[], timestamptz[], inet[], text[], text[], text[], text[], text[], text[], uuid[])'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_is_link_host(text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_convert_click(text, text, text, text, text, boolean)'),
            ('shop admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_convert(text, text, text, numeric, text, timestamptz)'),
            ('shop admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_convert_recipient(text, text, text, numeric, text, timestamptz)'),
            ('shop admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_convert_batch(jsonb), @extschema@.smstrack_reverse_batch(jsonb)'),
            ('shop admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_reverse(text, text, numeric, text, timestamptz)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_attribute(timestamptz)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_postback_key(text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_tracking_code(text, text, boolean, text, numeric, text, text, boolean, text)'),
            ('redirector', 'EXECUTE ON FUNCTION @extschema@.smstrack_postback(text, text, text, text)'),
            ('admin', 'SELECT, INSERT, UPDATE, DELETE ON smstrack.goal'),
            ('reader reader_masked admin', 'SELECT ON smstrack.message_report, smstrack.click_report, smstrack.recipient_report, smstrack.alias_report'),
            ('reader reader_masked admin', 'SELECT ON smstrack.campaign_report, smstrack.variant_report, smstrack.link_report, smstrack.timeline_report, smstrack.device_report, smstrack.country_report, smstrack.conversion_report, smstrack.cost_report, smstrack.funnel_report'),
            ('reader reader_masked admin', 'SELECT ON smstrack.campaign_live, smstrack.variant_live, smstrack.link_live, smstrack.timeline_live, smstrack.device_live, smstrack.country_live, smstrack.conversion_live, smstrack.cost_live, smstrack.funnel_live'),
            ('reader reader_masked admin', 'SELECT ON smstrack.variant_count, smstrack.variant_money, smstrack.position_tally, smstrack.quarter_tally, smstrack.device_tally, smstrack.country_tally, smstrack.conversion_position_tally, smstrack.conversion_quarter_tally, smstrack.converter_tally'),
            ('reader reader_masked admin', 'SELECT ON smstrack.tally, smstrack.message_tally, smstrack.conversion_tally'),
            ('reader reader_masked admin', 'SELECT (report, started_at, duration) ON smstrack.refresh_log'),
            ('reader reader_masked admin', 'SELECT (id, account, host) ON smstrack.link_domain'),
            ('reader reader_masked admin', 'SELECT (id, account, name, tracking) ON smstrack.campaign'),
            ('reader reader_masked admin', 'SELECT (id, campaign, name, body, target_urls) ON smstrack.variant'),
            ('reader reader_masked admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_timeline(text, text, text)'),
            ('reader reader_masked admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_logbook(text, text, timestamptz, timestamptz, boolean, bigint, integer)'),
            ('reader reader_masked admin', 'EXECUTE ON FUNCTION smstrack.logbook_page(integer, timestamptz, timestamptz, boolean, bigint, integer)'),
            ('reader admin', 'EXECUTE ON FUNCTION smstrack.recipients_in_clear()'),
            ('reader admin', 'EXECUTE ON FUNCTION smstrack.logbook_page_of(text, integer, timestamptz, timestamptz, boolean, bigint, integer)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_refresh()'),
            ('reader reader_masked', 'EXECUTE ON FUNCTION @extschema@.smstrack_ab_report(text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_import_links(text, text[], text[])'),
            ('admin', 'SELECT, DELETE, INSERT (host, code, target_url), UPDATE (host, code, target_url) ON smstrack.link_alias'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_domain(text, text, text, integer, text, text[], text, text, interval, text, interval)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_estimate(text, regclass)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_preview(text, text, text, jsonb, boolean)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_launch(text, regclass, bigint, double precision, boolean)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_campaign(text, text, text, text, text, boolean, boolean, text, interval, text, text, text, text, text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_experiment(text, text, text, text, text, interval, bigint, interval, double precision, double precision, bigint, timestamptz, double precision, numeric)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_ab_report(text), @extschema@.smstrack_decide(text, text)'),
            ('admin', 'SELECT, INSERT, UPDATE, DELETE ON smstrack.experiment'),
            ('admin', 'SELECT ON smstrack.decision, smstrack.allotment'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_opt_out(text, text), @extschema@.smstrack_opt_outs(text[], text), @extschema@.smstrack_opt_in(text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_check()'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_forget(text), @extschema@.smstrack_forget_many(text[]), @extschema@.smstrack_forget_before(timestamptz), @extschema@.smstrack_export_person(text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_take(text, integer, interval)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_report(bigint[], text[], timestamptz[], text[], numeric[], text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_retarget(text, integer, text, text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_disable(text), smstrack.forget_written(integer)'),
            ('admin', 'SELECT, INSERT, UPDATE, DELETE ON smstrack.campaign, smstrack.variant, smstrack.price'),
            ('admin', 'SELECT, INSERT ON smstrack.target_history'),
            ('admin', 'SELECT (campaign), DELETE ON smstrack.campaign_recipient'),
            ('admin', 'SELECT ON smstrack.launch, smstrack.launch_skip'),
            ('admin', 'USAGE ON smstrack.campaign_id_seq, smstrack.variant_id_seq'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_code(bigint, integer, text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_resolve(text, text)'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_guess_odds(text)'),
            ('admin', 'EXECUTE ON PROCEDURE @extschema@.smstrack_maintain()'),
            ('admin', 'EXECUTE ON FUNCTION @extschema@.smstrack_reclassify(timestamptz)'),
            ('admin', 'SELECT, INSERT, UPDATE, DELETE ON smstrack.agent_rule'),
            ('admin', 'USAGE ON smstrack.agent_rule_rule_id_seq'),
            ('admin', 'SELECT, INSERT, UPDATE ON smstrack.link_domain'),
            ('admin', 'USAGE ON smstrack.link_domain_id_seq')
        ) AS p (kinds, privilege)
        WHERE smstrack_grant.kind = ANY (string_to_array(p.kinds, ' '))
    LOOP
        EXECUTE format('GRANT %s TO %s', privilege, role);
        found_kind := true;
    END LOOP;
    IF NOT found_kind THEN
        RAISE EXCEPTION 'unknown kind of role "%"', kind USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Kinds are composer, dispatcher, redirector, shop, reader, reader_masked and admin.';
    END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_grant(regrole, text) IS
    'Grants a role what a composer, dispatcher, redirector, shop, reader, reader_masked or admin needs, and no more. A role sees the rows of its smstrack.account.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_grant(regrole, text) FROM PUBLIC;
