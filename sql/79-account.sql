-- Accounts: who has rights on a table has them on the rows of his account.

-- Not in the script itself: a dump has the policies of an extension's tables, and could not
-- make again what the extension has made already.
CREATE FUNCTION smstrack.separate_accounts()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own record;
BEGIN
    FOR own IN
        SELECT p.name, p.condition
        FROM (VALUES
            ('link_domain', 'link_domain.account = smstrack.current_account()'),
            ('campaign', 'campaign.account = smstrack.current_account()'),
            ('price', 'price.account = smstrack.current_account()'),
            ('variant', 'EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = variant.campaign)'),
            ('launch', 'EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = launch.campaign)'),
            ('launch_skip', 'EXISTS (SELECT FROM smstrack.launch AS l WHERE l.id = launch_skip.launch)'),
            ('target_history', 'EXISTS (SELECT FROM smstrack.variant AS v WHERE v.id = target_history.variant)'),
            ('campaign_recipient', 'EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = campaign_recipient.campaign)'),
            ('link_alias', 'EXISTS (SELECT FROM smstrack.link_domain AS d WHERE d.host = link_alias.host)')
        ) AS p (name, condition)
        WHERE NOT EXISTS (SELECT FROM pg_policy AS q
                          WHERE q.polname = 'own_account' AND q.polrelid = format('smstrack.%I', p.name)::regclass)
    LOOP
        EXECUTE format('ALTER TABLE smstrack.%I ENABLE ROW LEVEL SECURITY', own.name);
        EXECUTE format('CREATE POLICY own_account ON smstrack.%I USING (%s)', own.name, own.condition);
    END LOOP;
END
$$;
COMMENT ON FUNCTION smstrack.separate_accounts() IS
    'Gives the tables that roles have rights on a policy: the rows of the session''s account alone. Called by smstrack_grant; does nothing a second time.';
REVOKE EXECUTE ON FUNCTION smstrack.separate_accounts() FROM PUBLIC;
