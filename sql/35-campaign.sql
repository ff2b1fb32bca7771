-- Campaigns: what is sent to many, its variants, what an SMS costs, and who wants none.

CREATE SEQUENCE smstrack.campaign_id_seq AS integer;
COMMENT ON SEQUENCE smstrack.campaign_id_seq IS 'Ids of campaigns.';

CREATE SEQUENCE smstrack.variant_id_seq AS integer;
COMMENT ON SEQUENCE smstrack.variant_id_seq IS 'Ids of variants.';

CREATE TABLE smstrack.campaign (
    id integer NOT NULL DEFAULT nextval('smstrack.campaign_id_seq'),
    name text NOT NULL,
    account text NOT NULL DEFAULT smstrack.current_account(),
    link_domain integer,
    status text NOT NULL DEFAULT 'active',
    purpose text NOT NULL DEFAULT 'marketing',
    tracking text NOT NULL DEFAULT 'full',
    conversions boolean NOT NULL DEFAULT true,
    keep_body boolean NOT NULL DEFAULT false,
    utm text,
    expiry interval,
    fallback_url text,
    allocation text NOT NULL DEFAULT 'fixed',
    metric text NOT NULL DEFAULT 'click',
    attribution_window interval,
    created_at timestamptz NOT NULL DEFAULT now(),
    launches integer NOT NULL DEFAULT 0,
    attributes jsonb NOT NULL DEFAULT '{}',
    attribution text NOT NULL DEFAULT 'last_click',
    frozen_at timestamptz,
    CONSTRAINT campaign_pkey PRIMARY KEY (id),
    CONSTRAINT campaign_name_key UNIQUE (account, name),
    CONSTRAINT campaign_id_check CHECK (id > 0),
    CONSTRAINT campaign_name_check CHECK (name <> ''),
    CONSTRAINT campaign_account_check CHECK (account <> ''),
    CONSTRAINT campaign_status_check CHECK (status IN ('active', 'disabled')),
    CONSTRAINT campaign_purpose_check CHECK (purpose IN ('marketing', 'transactional')),
    CONSTRAINT campaign_tracking_check CHECK (tracking IN ('full', 'anonymous', 'none')),
    CONSTRAINT campaign_utm_check
        CHECK (utm ~ '^[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~%+-]*(&[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~%+-]*)*$'
               AND length(utm) <= 500),
    CONSTRAINT campaign_expiry_check CHECK (expiry > '0' AND expiry <= '1000 years'),
    CONSTRAINT campaign_fallback_url_check CHECK (smstrack.is_target_url(fallback_url)),
    CONSTRAINT campaign_allocation_check CHECK (allocation IN ('fixed', 'test_and_roll', 'bandit')),
    CONSTRAINT campaign_metric_check CHECK (metric IN ('click', 'conversion', 'value')),
    CONSTRAINT campaign_attribution_window_check
        CHECK (attribution_window >= '1 minute' AND attribution_window <= '400 days'),
    CONSTRAINT campaign_attribution_check CHECK (attribution IN ('last_click', 'first_click'))
);
COMMENT ON TABLE smstrack.campaign IS 'Campaigns: one text, or some variants of it, to many recipients.';
COMMENT ON COLUMN smstrack.campaign.id IS 'Id.';
COMMENT ON COLUMN smstrack.campaign.name IS 'Name, unique in the account.';
COMMENT ON COLUMN smstrack.campaign.account IS 'Account that the campaign belongs to.';
COMMENT ON COLUMN smstrack.campaign.link_domain IS
    'Link domain of its short links; NULL: the account''s default when it is launched.';
COMMENT ON COLUMN smstrack.campaign.status IS 'active; disabled: prepares nothing and its links lead to the fallback URL.';
COMMENT ON COLUMN smstrack.campaign.purpose IS
    'marketing: who opted out is skipped; transactional: he is not. Who was forgotten always is.';
COMMENT ON COLUMN smstrack.campaign.tracking IS
    'full: who clicked is known; anonymous: no recipient is kept, one code a link for all; none: links stay as they are.';
COMMENT ON COLUMN smstrack.campaign.conversions IS 'False: a click gives neither token nor cookie.';
COMMENT ON COLUMN smstrack.campaign.keep_body IS
    'True: the text as sent is kept in smstrack.message; not in an anonymous campaign.';
COMMENT ON COLUMN smstrack.campaign.utm IS
    'Parameters added to targets that do not have them, such as utm_source=sms&utm_campaign=spring; NULL: none.';
COMMENT ON COLUMN smstrack.campaign.expiry IS
    'Age of a message at which its links expire; NULL: the link domain''s.';
COMMENT ON COLUMN smstrack.campaign.fallback_url IS
    'Where expired and disabled links lead; NULL: the link domain''s.';
COMMENT ON COLUMN smstrack.campaign.allocation IS
    'How variants are allotted: fixed (by weight), test_and_roll or bandit.';
COMMENT ON COLUMN smstrack.campaign.metric IS 'What variants are compared by: click, conversion or value.';
COMMENT ON COLUMN smstrack.campaign.attribution_window IS
    'How long after a click a conversion counts; NULL: the link domain''s.';
COMMENT ON COLUMN smstrack.campaign.created_at IS 'When the row was made.';
COMMENT ON COLUMN smstrack.campaign.launches IS 'Launches so far, tests among them.';
COMMENT ON COLUMN smstrack.campaign.attributes IS 'Free for the user.';
COMMENT ON COLUMN smstrack.campaign.attribution IS
    'Which click a conversion is credited to that a click of this campaign led to: last_click or first_click.';
COMMENT ON COLUMN smstrack.campaign.frozen_at IS
    'When its first message was prepared, by a launch or by itself; NULL: not yet. Id, account and tracking level stay from then on.';

CREATE TABLE smstrack.variant (
    id integer NOT NULL DEFAULT nextval('smstrack.variant_id_seq'),
    campaign integer NOT NULL,
    name text NOT NULL DEFAULT 'A',
    body text NOT NULL,
    weight integer NOT NULL DEFAULT 1,
    target_urls text[],
    opt_out boolean,
    plain_positions smallint[] NOT NULL DEFAULT '{}',
    retargeted integer NOT NULL DEFAULT 0,
    frozen_at timestamptz,
    shared_message_id bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    attributes jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT variant_pkey PRIMARY KEY (id),
    CONSTRAINT variant_name_key UNIQUE (campaign, name),
    CONSTRAINT variant_id_check CHECK (id > 0),
    CONSTRAINT variant_name_check CHECK (name <> ''),
    CONSTRAINT variant_weight_check CHECK (weight BETWEEN 0 AND 1000000),
    CONSTRAINT variant_plain_positions_check
        CHECK (plain_positions <@ '{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}'::smallint[])
);
COMMENT ON TABLE smstrack.variant IS
    'Texts of a campaign. Body and links stay as they are once a message was prepared.';
COMMENT ON COLUMN smstrack.variant.id IS 'Id.';
COMMENT ON COLUMN smstrack.variant.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.variant.name IS 'Name, unique in the campaign.';
COMMENT ON COLUMN smstrack.variant.body IS
    'Template: {{column}} stands for the audience''s column, {{column|default}} has a default, \{{ is two brackets, {{opt_out}} the opt-out link.';
COMMENT ON COLUMN smstrack.variant.weight IS 'Its share of the recipients, by the sum of all weights; 0: nobody.';
COMMENT ON COLUMN smstrack.variant.target_urls IS
    'Target URLs by position as they stand in the body, with merge fields; filled from the body.';
COMMENT ON COLUMN smstrack.variant.opt_out IS 'Whether the body has {{opt_out}}, whose link has position 15; filled from the body.';
COMMENT ON COLUMN smstrack.variant.plain_positions IS
    'Positions whose target gets neither token nor UTM parameters.';
COMMENT ON COLUMN smstrack.variant.retargeted IS
    'Bit n: the target at position n was changed, and holds for messages with a target of their own too.';
COMMENT ON COLUMN smstrack.variant.frozen_at IS 'When its first message was prepared; NULL: not yet.';
COMMENT ON COLUMN smstrack.variant.shared_message_id IS
    'Message that carries the codes of an anonymous campaign; it was sent to nobody.';
COMMENT ON COLUMN smstrack.variant.created_at IS 'When the row was made.';
COMMENT ON COLUMN smstrack.variant.attributes IS 'Free for the user.';

CREATE TABLE smstrack.target_history (
    variant integer NOT NULL,
    "position" smallint NOT NULL,
    former_url text,
    url text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE smstrack.target_history IS 'Targets of variants as smstrack_retarget changed them.';
COMMENT ON COLUMN smstrack.target_history.variant IS 'Variant.';
COMMENT ON COLUMN smstrack.target_history."position" IS 'Which link, from 0.';
COMMENT ON COLUMN smstrack.target_history.former_url IS 'Target before.';
COMMENT ON COLUMN smstrack.target_history.url IS 'Target since.';
COMMENT ON COLUMN smstrack.target_history.changed_at IS 'When it was changed.';
COMMENT ON COLUMN smstrack.target_history.changed_by IS 'Role that changed it.';

CREATE FUNCTION smstrack.is_currency(currency text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'smstrack_is_currency'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.is_currency(text) IS
    'Tells whether a text is the code of a currency of ISO 4217 that money is paid in.';

CREATE TABLE smstrack.price (
    account text NOT NULL DEFAULT smstrack.current_account(),
    prefix text NOT NULL DEFAULT '',
    segment_price numeric NOT NULL,
    currency text NOT NULL,
    valid_from timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT price_pkey PRIMARY KEY (account, prefix, valid_from),
    CONSTRAINT price_account_check CHECK (account <> ''),
    CONSTRAINT price_prefix_check CHECK (prefix ~ '^(\+[1-9][0-9]{0,14})?$'),
    CONSTRAINT price_segment_price_check CHECK (segment_price >= 0 AND segment_price < 1e15),
    CONSTRAINT price_currency_check CHECK (smstrack.is_currency(currency))
);
COMMENT ON TABLE smstrack.price IS
    'What a segment costs, by the longest prefix of the recipient''s number. A new price is a new row.';
COMMENT ON COLUMN smstrack.price.account IS 'Account.';
COMMENT ON COLUMN smstrack.price.prefix IS 'Beginning of the E.164 number, such as +49; empty: every recipient.';
COMMENT ON COLUMN smstrack.price.segment_price IS 'Price of a segment.';
COMMENT ON COLUMN smstrack.price.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN smstrack.price.valid_from IS 'Since when it holds, until a later row of the same prefix.';

CREATE TABLE smstrack.account_secret (
    account text NOT NULL,
    key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    forgets boolean NOT NULL DEFAULT false,
    CONSTRAINT account_secret_pkey PRIMARY KEY (account),
    CONSTRAINT account_secret_key_check CHECK (octet_length(key) = 32)
);
COMMENT ON TABLE smstrack.account_secret IS
    'Keys of the hashes of recipients; readable by the owner alone, and in clear in a dump. Never change a key.';
COMMENT ON COLUMN smstrack.account_secret.account IS 'Account.';
COMMENT ON COLUMN smstrack.account_secret.key IS '32 random bytes.';
COMMENT ON COLUMN smstrack.account_secret.created_at IS 'When the key was made.';
COMMENT ON COLUMN smstrack.account_secret.forgets IS
    'Whether the account has ever forgotten a recipient: preparing a message looks for it.';

CREATE TRIGGER account_secret_invalidate
    AFTER UPDATE OR DELETE OR TRUNCATE ON smstrack.account_secret
    FOR EACH STATEMENT EXECUTE FUNCTION smstrack.invalidate();

CREATE TRIGGER account_secret_replicated
    AFTER UPDATE OR DELETE ON smstrack.account_secret
    FOR EACH ROW EXECUTE FUNCTION smstrack.invalidate();
ALTER TABLE smstrack.account_secret ENABLE ALWAYS TRIGGER account_secret_replicated;

CREATE TABLE smstrack.opt_out (
    account text NOT NULL,
    recipient_hash bytea NOT NULL,
    source text NOT NULL,
    opted_out_at timestamptz NOT NULL DEFAULT now(),
    campaign integer,
    forgotten boolean NOT NULL DEFAULT false,
    CONSTRAINT opt_out_pkey PRIMARY KEY (account, recipient_hash),
    CONSTRAINT opt_out_recipient_hash_check CHECK (octet_length(recipient_hash) = 16)
);
COMMENT ON TABLE smstrack.opt_out IS
    'Who wants no marketing messages of an account, or was forgotten; numbers are kept as keyed hashes only.';
COMMENT ON COLUMN smstrack.opt_out.account IS 'Account that may not write any more.';
COMMENT ON COLUMN smstrack.opt_out.recipient_hash IS
    'First 16 bytes of the HMAC-SHA256 of the recipient under the account''s key.';
COMMENT ON COLUMN smstrack.opt_out.source IS 'link, import, forgotten, or what the caller said.';
COMMENT ON COLUMN smstrack.opt_out.opted_out_at IS 'When it was recorded.';
COMMENT ON COLUMN smstrack.opt_out.campaign IS 'Campaign whose opt-out link was used; NULL: none.';
COMMENT ON COLUMN smstrack.opt_out.forgotten IS
    'True: smstrack_forget has erased the recipient, and nothing at all is prepared for him.';

CREATE FUNCTION @extschema@.smstrack_e164(recipient text, calling_code text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'smstrack_e164'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_e164(text, text) IS
    'Recipient as the extension keeps it: a number in E.164, an identifier as it is, NULL for what is neither. National numbers belong to calling_code, else to the setting smstrack.calling_code.';

CREATE TRIGGER campaign_invalidate
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON smstrack.campaign
    FOR EACH STATEMENT EXECUTE FUNCTION smstrack.invalidate();

CREATE TRIGGER campaign_replicated
    AFTER INSERT OR UPDATE OR DELETE ON smstrack.campaign
    FOR EACH ROW EXECUTE FUNCTION smstrack.invalidate();
ALTER TABLE smstrack.campaign ENABLE ALWAYS TRIGGER campaign_replicated;

CREATE TRIGGER variant_invalidate
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON smstrack.variant
    FOR EACH STATEMENT EXECUTE FUNCTION smstrack.invalidate();

CREATE TRIGGER variant_replicated
    AFTER INSERT OR UPDATE OR DELETE ON smstrack.variant
    FOR EACH ROW EXECUTE FUNCTION smstrack.invalidate();
ALTER TABLE smstrack.variant ENABLE ALWAYS TRIGGER variant_replicated;

CREATE FUNCTION smstrack.template_targets(body text)
RETURNS text[]
AS 'MODULE_PATHNAME', 'smstrack_template_targets'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.template_targets(text) IS
    'Links of a template that will be tracked, as they stand in it; an error for a merge field that is not closed.';

CREATE FUNCTION smstrack.template_fields(body text)
RETURNS text[]
AS 'MODULE_PATHNAME', 'smstrack_template_fields'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION smstrack.template_fields(text) IS
    'Names of a template''s merge fields, each once, opt_out among them.';

-- What prepared messages depend on stays. A restored row brings its targets and keeps them.
CREATE FUNCTION smstrack.variant_guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.frozen_at IS NOT NULL THEN
        IF TG_OP = 'DELETE' OR NEW.id <> OLD.id OR NEW.campaign <> OLD.campaign OR NEW.body <> OLD.body
           OR NEW.opt_out IS DISTINCT FROM OLD.opt_out OR NEW.frozen_at IS DISTINCT FROM OLD.frozen_at THEN
            RAISE EXCEPTION 'variant "%" cannot be changed any more', OLD.name USING
                ERRCODE = 'object_not_in_prerequisite_state',
                DETAIL = 'Messages were prepared from it.',
                HINT = 'Add another variant; change a link''s target with smstrack_retarget.';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF TG_OP = 'INSERT' AND NEW.target_urls IS NOT NULL AND NEW.opt_out IS NOT NULL
          OR TG_OP = 'UPDATE' AND NEW.body = OLD.body AND NEW.campaign = OLD.campaign THEN
        RETURN NEW;
    END IF;

    IF NOT EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = NEW.campaign) THEN
        RAISE EXCEPTION 'unknown campaign %', NEW.campaign USING
            ERRCODE = 'foreign_key_violation',
            HINT = 'Make the campaign first: SELECT smstrack_campaign(''spring'', ''Hi {{name}}, ...'').';
    END IF;
    NEW.target_urls := smstrack.template_targets(NEW.body);
    NEW.opt_out := 'opt_out' = ANY (smstrack.template_fields(NEW.body));
    NEW.retargeted := 0;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION smstrack.variant_guard() IS
    'Trigger: reads the links of a variant''s body, and keeps what prepared messages depend on from changing.';

CREATE TRIGGER variant_guard
    BEFORE INSERT OR UPDATE OR DELETE ON smstrack.variant
    FOR EACH ROW EXECUTE FUNCTION smstrack.variant_guard();

-- Codes that are out lead where the variant says: whoever changes that, it is on record.
CREATE FUNCTION smstrack.retarget_guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    links CONSTANT integer := cardinality(OLD.target_urls);
    url text;
BEGIN
    IF cardinality(NEW.target_urls) IS DISTINCT FROM links THEN
        RAISE EXCEPTION 'variant "%" has % links', OLD.name, links USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Their targets can change, their number cannot.';
    END IF;
    FOR n IN 1 .. links LOOP
        url := NEW.target_urls[n];
        CONTINUE WHEN url = OLD.target_urls[n];
        IF NOT coalesce(smstrack.is_target_url(url), false) OR url LIKE '%{{%' THEN
            RAISE EXCEPTION 'invalid target URL "%"', url USING
                ERRCODE = 'invalid_parameter_value',
                DETAIL = 'A target begins with https:// or http://, and has a valid host, at most 2048 bytes, no user name, no control character and no merge fields.';
        END IF;
        INSERT INTO smstrack.target_history (variant, "position", former_url, url)
        VALUES (OLD.id, n - 1, OLD.target_urls[n], url);
        NEW.retargeted := NEW.retargeted | (1 << n - 1);
    END LOOP;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION smstrack.retarget_guard() IS
    'Trigger: checks a changed target of a variant, and keeps what was there.';

CREATE TRIGGER variant_retarget
    BEFORE UPDATE OF target_urls ON smstrack.variant
    FOR EACH ROW
    WHEN (NEW.target_urls IS DISTINCT FROM OLD.target_urls AND NEW.body = OLD.body AND NEW.campaign = OLD.campaign)
    EXECUTE FUNCTION smstrack.retarget_guard();

CREATE FUNCTION smstrack.campaign_guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.tracking = 'anonymous' AND NEW.keep_body THEN
        RAISE EXCEPTION 'anonymous campaign "%" cannot keep bodies', NEW.name USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A body may name whom it was written to.',
            HINT = 'Set keep_body to false, or tracking to full or none.';
    ELSIF TG_OP = 'INSERT' THEN
        RETURN NEW;
    ELSIF OLD.frozen_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.id <> OLD.id OR NEW.account <> OLD.account
                             OR NEW.tracking <> OLD.tracking OR NEW.frozen_at IS DISTINCT FROM OLD.frozen_at) THEN
        RAISE EXCEPTION 'campaign "%" has messages', OLD.name USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'It cannot be deleted, and its id, account and tracking level stay.',
            HINT = 'Stop its links with smstrack_disable.';
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM smstrack.variant AS v WHERE v.campaign = OLD.id;
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION smstrack.campaign_guard() IS
    'Trigger: keeps what prepared messages depend on from changing, and bodies out of anonymous campaigns.';

CREATE TRIGGER campaign_guard
    BEFORE INSERT OR UPDATE OR DELETE ON smstrack.campaign
    FOR EACH ROW EXECUTE FUNCTION smstrack.campaign_guard();

-- A price that held once stays on record.
CREATE FUNCTION smstrack.price_guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.valid_from < now() THEN
        RAISE EXCEPTION 'price of prefix "%" since % cannot be changed', OLD.prefix, OLD.valid_from USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'Messages may have been priced by it.',
            HINT = 'Insert a new row with a later valid_from.';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
COMMENT ON FUNCTION smstrack.price_guard() IS 'Trigger: keeps the history of prices.';

CREATE TRIGGER price_guard
    BEFORE UPDATE OR DELETE ON smstrack.price
    FOR EACH ROW EXECUTE FUNCTION smstrack.price_guard();

CREATE FUNCTION smstrack.campaign_id(campaign text)
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_id integer;
BEGIN
    SELECT c.id INTO found_id
    FROM smstrack.campaign AS c
    WHERE c.name = campaign_id.campaign AND c.account = smstrack.current_account();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown campaign "%"', campaign_id.campaign USING
            ERRCODE = 'undefined_object',
            DETAIL = format('Account "%s" has no such campaign.', smstrack.current_account());
    END IF;
    RETURN found_id;
END
$$;
COMMENT ON FUNCTION smstrack.campaign_id(text) IS
    'Id of the current account''s campaign of that name; an error if there is none.';

CREATE FUNCTION smstrack.check_campaign(name text, purpose text, utm text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF name IS NULL OR name = '' THEN
        RAISE EXCEPTION 'name of a campaign is missing' USING
            ERRCODE = 'null_value_not_allowed',
            HINT = 'Give a name that the account has not given yet.';
    ELSIF purpose NOT IN ('marketing', 'transactional') THEN
        RAISE EXCEPTION 'invalid purpose "%"', left(purpose, 300) USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give marketing or transactional.';
    ELSIF length(utm) > 500
        OR left(utm, 500) !~ '^[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~%+-]*(&[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~%+-]*)*$' THEN
        RAISE EXCEPTION 'invalid parameters "%"', left(utm, 100) USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'They are written as they shall stand in a URL: name=value joined by &, letters, digits and _.~-, in values also %XX and + for a space, at most 500 characters.',
            HINT = 'Give such as utm_source=sms&utm_campaign=spring+sale.';
    END IF;
END
$$;
COMMENT ON FUNCTION smstrack.check_campaign(text, text, text) IS
    'Complains of what cannot be a campaign, with more to say than the constraints of smstrack.campaign have.';

CREATE FUNCTION @extschema@.smstrack_campaign(
    name text,
    body text,
    link_domain text DEFAULT NULL,
    purpose text DEFAULT 'marketing',
    tracking text DEFAULT 'full',
    conversions boolean DEFAULT true,
    keep_body boolean DEFAULT false,
    utm text DEFAULT NULL,
    expiry interval DEFAULT NULL,
    fallback_url text DEFAULT NULL,
    allocation text DEFAULT 'fixed',
    metric text DEFAULT 'click',
    goal text DEFAULT NULL,
    currency text DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_account CONSTANT text := smstrack.current_account();
    domain_id integer;
    made integer;
BEGIN
    PERFORM smstrack.check_campaign(name, purpose, utm), smstrack.check_link_terms(tracking, expiry, fallback_url);
    IF smstrack_campaign.link_domain IS NOT NULL THEN
        SELECT d.id INTO domain_id
        FROM smstrack.link_domain AS d
        WHERE d.account = own_account
            AND lower(smstrack_campaign.link_domain) = ANY (d.alias_hosts || d.host);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'unknown link domain "%"', smstrack_campaign.link_domain USING
                ERRCODE = 'undefined_object',
                DETAIL = format('Account "%s" has no such link domain.', own_account),
                HINT = 'Create it: SELECT smstrack_domain(''go.example.com'').';
        END IF;
    END IF;
    INSERT INTO smstrack.campaign AS c
        (name, account, link_domain, purpose, tracking, conversions, keep_body, utm, expiry, fallback_url)
    VALUES (smstrack_campaign.name, own_account, domain_id, smstrack_campaign.purpose,
            smstrack_campaign.tracking, smstrack_campaign.conversions, smstrack_campaign.keep_body,
            smstrack_campaign.utm, smstrack_campaign.expiry, smstrack_campaign.fallback_url)
    ON CONFLICT ON CONSTRAINT campaign_name_key DO NOTHING
    RETURNING c.id INTO made;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'campaign "%" exists already', left(smstrack_campaign.name, 300) USING
            ERRCODE = 'unique_violation',
            DETAIL = format('Account "%s" has made it before.', own_account),
            HINT = 'Give another name; another text of a campaign is a variant: INSERT INTO smstrack.variant.';
    END IF;
    INSERT INTO smstrack.variant (campaign, body) VALUES (made, smstrack_campaign.body);
    IF (allocation, metric) <> ('fixed', 'click') OR num_nonnulls(goal, currency) > 0 THEN
        PERFORM @extschema@.smstrack_experiment(name, allocation, metric, goal, currency);
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_campaign(text, text, text, text, text, boolean, boolean, text, interval, text, text, text, text, text) IS
    'Makes a campaign of the current account with one variant; gives its id. Further variants are rows of smstrack.variant.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_campaign(text, text, text, text, text, boolean, boolean, text, interval, text, text, text, text, text)
    FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_retarget(
    campaign text,
    "position" integer,
    url text,
    variant text DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_id CONSTANT integer := smstrack.campaign_id(smstrack_retarget.campaign);
    changed integer;
BEGIN
    UPDATE smstrack.variant AS v SET target_urls[smstrack_retarget."position" + 1] = smstrack_retarget.url
    WHERE v.id = ANY (ARRAY(
        SELECT o.id
        FROM smstrack.variant AS o
        WHERE o.campaign = own_id
            AND o.name = coalesce(smstrack_retarget.variant, o.name)
            AND smstrack_retarget."position" BETWEEN 0 AND cardinality(o.target_urls) - 1
        ORDER BY o.id
        FOR UPDATE));
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed = 0 THEN
        RAISE EXCEPTION 'campaign "%" has no link at position %', smstrack_retarget.campaign, smstrack_retarget."position" USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = CASE WHEN smstrack_retarget.variant IS NULL THEN 'None of its variants has.'
                ELSE format('No variant "%s" has.', smstrack_retarget.variant) END,
            HINT = 'See smstrack.variant.target_urls; positions count from 0.';
    END IF;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_retarget(text, integer, text, text) IS
    'Changes where a link of a campaign leads, for codes that are out too; in one variant or in all. Gives the number of variants changed.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_retarget(text, integer, text, text) FROM PUBLIC;

CREATE FUNCTION smstrack.forget_written(campaign integer)
RETURNS void
AS 'MODULE_PATHNAME', 'smstrack_forget_written'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION smstrack.forget_written(integer) IS
    'Forgets whom an anonymous campaign of the current account has written to; waits for whoever prepares its messages, and keeps others from it until the transaction ends.';
REVOKE EXECUTE ON FUNCTION smstrack.forget_written(integer) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_disable(campaign text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_id CONSTANT integer := smstrack.campaign_id(smstrack_disable.campaign);
BEGIN
    -- before the row is locked, as by a launch
    PERFORM smstrack.forget_written(own_id);
    UPDATE smstrack.campaign AS c SET status = 'disabled' WHERE c.id = own_id;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_disable(text) IS
    'Stops a campaign: its links lead to the fallback URL, and nothing more is prepared or handed over.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_disable(text) FROM PUBLIC;
