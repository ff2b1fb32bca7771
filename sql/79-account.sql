-- Accounts: who has rights on a table has them on the rows of his session's account. The
-- owner sees all: the functions that act as him look at the account themselves. A dump has
-- no policies of an extension's tables, so they stand here.

ALTER TABLE smstrack.link_domain ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.link_domain
    USING (account = smstrack.current_account());
COMMENT ON POLICY own_account ON smstrack.link_domain IS 'Rows of the session''s account.';

ALTER TABLE smstrack.campaign ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.campaign
    USING (account = smstrack.current_account());
COMMENT ON POLICY own_account ON smstrack.campaign IS 'Rows of the session''s account.';

ALTER TABLE smstrack.price ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.price
    USING (account = smstrack.current_account());
COMMENT ON POLICY own_account ON smstrack.price IS 'Rows of the session''s account.';

ALTER TABLE smstrack.goal ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.goal
    USING (account = smstrack.current_account());
COMMENT ON POLICY own_account ON smstrack.goal IS 'Rows of the session''s account.';

ALTER TABLE smstrack.variant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.variant
    USING (EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = variant.campaign));
COMMENT ON POLICY own_account ON smstrack.variant IS 'Rows of the session''s account.';

ALTER TABLE smstrack.launch ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.launch
    USING (EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = launch.campaign));
COMMENT ON POLICY own_account ON smstrack.launch IS 'Rows of the session''s account.';

ALTER TABLE smstrack.launch_skip ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.launch_skip
    USING (EXISTS (SELECT FROM smstrack.launch AS l WHERE l.id = launch_skip.launch));
COMMENT ON POLICY own_account ON smstrack.launch_skip IS 'Rows of the session''s account.';

ALTER TABLE smstrack.target_history ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.target_history
    USING (EXISTS (SELECT FROM smstrack.variant AS v WHERE v.id = target_history.variant));
COMMENT ON POLICY own_account ON smstrack.target_history IS 'Rows of the session''s account.';

ALTER TABLE smstrack.campaign_recipient ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.campaign_recipient
    USING (EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = campaign_recipient.campaign));
COMMENT ON POLICY own_account ON smstrack.campaign_recipient IS 'Rows of the session''s account.';

ALTER TABLE smstrack.link_alias ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.link_alias
    USING (EXISTS (SELECT FROM smstrack.link_domain AS d WHERE d.host = link_alias.host));
COMMENT ON POLICY own_account ON smstrack.link_alias IS 'Rows of the session''s account.';

ALTER TABLE smstrack.experiment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.experiment
    USING (EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = experiment.campaign));
COMMENT ON POLICY own_account ON smstrack.experiment IS 'Rows of the session''s account.';

ALTER TABLE smstrack.allotment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.allotment
    USING (EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = allotment.campaign));
COMMENT ON POLICY own_account ON smstrack.allotment IS 'Rows of the session''s account.';

ALTER TABLE smstrack.decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON smstrack.decision
    USING (EXISTS (SELECT FROM smstrack.campaign AS c WHERE c.id = decision.campaign));
COMMENT ON POLICY own_account ON smstrack.decision IS 'Rows of the session''s account.';
