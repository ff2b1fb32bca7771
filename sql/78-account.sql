-- Accounts: who is granted tables sees the rows of smstrack.account alone. The owner of the
-- tables, as whom the extension's functions write and read, is kept from none.
--
-- Row security is switched on here, which without a policy shows nobody else anything; the
-- policies are made by smstrack_grant with the first role. An extension's script must not
-- make them: pg_dump takes an extension's policies for the user's, and a restore would make
-- them twice.

CREATE FUNCTION smstrack.make_policies()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    policy record;
BEGIN
    FOR policy IN
        SELECT *
        FROM (VALUES
            ('link_domain', 'account = (SELECT smstrack.current_account())'),
            ('campaign', 'account = (SELECT smstrack.current_account())'),
            ('price', 'account = (SELECT smstrack.current_account())'),
            ('goal', 'account = (SELECT smstrack.current_account())'),
            -- what follows sees of the tables above what the policies leave
            ('link_alias', 'host IN (SELECT d.host FROM smstrack.link_domain AS d)'),
            ('variant', 'campaign IN (SELECT c.id FROM smstrack.campaign AS c)'),
            ('launch', 'campaign IN (SELECT c.id FROM smstrack.campaign AS c)'),
            ('campaign_recipient', 'campaign IN (SELECT c.id FROM smstrack.campaign AS c)'),
            ('launch_skip', 'launch IN (SELECT l.id FROM smstrack.launch AS l)'),
            ('target_history', 'variant IN (SELECT v.id FROM smstrack.variant AS v)'),
            ('tally', 'link_domain IN (SELECT d.id FROM smstrack.link_domain AS d)'),
            ('message_tally', 'link_domain IN (SELECT d.id FROM smstrack.link_domain AS d)'),
            ('conversion_tally', 'link_domain IN (SELECT d.id FROM smstrack.link_domain AS d)')
        ) AS p (relation, condition)
        WHERE NOT EXISTS (SELECT FROM pg_policy AS o
                          WHERE o.polrelid = format('smstrack.%I', p.relation)::regclass AND o.polname = 'account')
    LOOP
        EXECUTE format('CREATE POLICY account ON smstrack.%I USING (%s)', policy.relation, policy.condition);
    END LOOP;
END
$$;
COMMENT ON FUNCTION smstrack.make_policies() IS
    'Makes the policies that leave each role its account. Used by smstrack_grant.';
REVOKE EXECUTE ON FUNCTION smstrack.make_policies() FROM PUBLIC;

ALTER TABLE smstrack.link_domain ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.campaign ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.price ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.goal ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.link_alias ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.variant ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.launch ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.campaign_recipient ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.launch_skip ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.target_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.tally ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.message_tally ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.conversion_tally ENABLE ROW LEVEL SECURITY;
-- nobody but the owner is given these: no policy
ALTER TABLE smstrack.message ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.hit ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.conversion ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE smstrack.opt_out ENABLE ROW LEVEL SECURITY;
