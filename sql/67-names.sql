-- Scale-out: what link domains, campaigns and variants are called, on every node of a Citus
-- cluster, so that queries over messages and hits are joined and grouped where the rows are.

CREATE TABLE smstrack.link_domain_name (
    id integer NOT NULL,
    host text NOT NULL,
    account text NOT NULL,
    CONSTRAINT link_domain_name_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE smstrack.link_domain_name IS
    'Names of smstrack.link_domain on every node, kept from smstrack_distribute on; empty without it.';
COMMENT ON COLUMN smstrack.link_domain_name.id IS 'Link domain.';
COMMENT ON COLUMN smstrack.link_domain_name.host IS 'Its host.';
COMMENT ON COLUMN smstrack.link_domain_name.account IS 'Account that it belongs to.';

CREATE TABLE smstrack.campaign_name (
    id integer NOT NULL,
    name text NOT NULL,
    account text NOT NULL,
    CONSTRAINT campaign_name_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE smstrack.campaign_name IS
    'Names of smstrack.campaign on every node, kept from smstrack_distribute on; empty without it.';
COMMENT ON COLUMN smstrack.campaign_name.id IS 'Campaign.';
COMMENT ON COLUMN smstrack.campaign_name.name IS 'Its name.';
COMMENT ON COLUMN smstrack.campaign_name.account IS 'Account that it belongs to.';

CREATE TABLE smstrack.variant_name (
    id integer NOT NULL,
    campaign integer NOT NULL,
    name text NOT NULL,
    CONSTRAINT variant_name_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE smstrack.variant_name IS
    'Names of smstrack.variant on every node, kept from smstrack_distribute on; empty without it.';
COMMENT ON COLUMN smstrack.variant_name.id IS 'Variant.';
COMMENT ON COLUMN smstrack.variant_name.campaign IS 'Its campaign.';
COMMENT ON COLUMN smstrack.variant_name.name IS 'Its name.';

CREATE FUNCTION smstrack.keep_name()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER -- whoever may make a campaign may not write on nodes
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    names CONSTANT regclass := format('smstrack.%I', TG_TABLE_NAME || '_name');
BEGIN
    IF NOT smstrack.is_distributed() THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format('DELETE FROM %s WHERE id = $1', names) USING OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format('INSERT INTO %1$s SELECT * FROM jsonb_populate_record(NULL::%1$s, $1)', names) USING to_jsonb(NEW);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION smstrack.keep_name() IS
    'Has smstrack.link_domain_name, campaign_name or variant_name follow the table that is named.';
REVOKE EXECUTE ON FUNCTION smstrack.keep_name() FROM PUBLIC;

CREATE TRIGGER link_domain_keep_name
    AFTER INSERT OR DELETE OR UPDATE OF id, host, account ON smstrack.link_domain
    FOR EACH ROW EXECUTE FUNCTION smstrack.keep_name();

CREATE TRIGGER campaign_keep_name
    AFTER INSERT OR DELETE OR UPDATE OF id, name, account ON smstrack.campaign
    FOR EACH ROW EXECUTE FUNCTION smstrack.keep_name();

CREATE TRIGGER variant_keep_name
    AFTER INSERT OR DELETE OR UPDATE OF id, campaign, name ON smstrack.variant
    FOR EACH ROW EXECUTE FUNCTION smstrack.keep_name();

CREATE FUNCTION smstrack.distribute_names()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT smstrack.is_distributed() THEN
        RETURN;
    END IF;
    INSERT INTO smstrack.link_domain_name SELECT d.id, d.host, d.account FROM smstrack.link_domain AS d;
    INSERT INTO smstrack.campaign_name SELECT c.id, c.name, c.account FROM smstrack.campaign AS c;
    INSERT INTO smstrack.variant_name SELECT v.id, v.campaign, v.name FROM smstrack.variant AS v;
    PERFORM create_reference_table(n)
    FROM unnest('{smstrack.link_domain_name, smstrack.campaign_name, smstrack.variant_name}'::regclass[]) AS n;
END
$$;
COMMENT ON FUNCTION smstrack.distribute_names() IS
    'Puts the names of link domains, campaigns and variants on every node of the Citus cluster that has the messages.';
REVOKE EXECUTE ON FUNCTION smstrack.distribute_names() FROM PUBLIC;
