-- Campaigns that find out which variant is best: what they go by, what was decided, and why.

CREATE TABLE smstrack.experiment (
    campaign integer NOT NULL,
    goal text,
    currency text,
    maturity interval NOT NULL DEFAULT '1 day',
    min_recipients bigint NOT NULL DEFAULT 100,
    min_time interval NOT NULL DEFAULT '0',
    confidence double precision NOT NULL DEFAULT 0.95,
    epsilon double precision,
    test_share double precision,
    expected_rate double precision NOT NULL DEFAULT 0.05,
    expected_spread double precision NOT NULL DEFAULT 0.01,
    floor double precision NOT NULL DEFAULT 0.01,
    planned_recipients bigint,
    planned_end timestamptz,
    max_opt_out_rate double precision,
    max_cost numeric,
    min_ratio_p double precision NOT NULL DEFAULT 0.001,
    seed bigint NOT NULL DEFAULT 0,
    CONSTRAINT experiment_pkey PRIMARY KEY (campaign)
);
COMMENT ON TABLE smstrack.experiment IS
    'What a campaign''s variants are compared by; a campaign without a row goes by the defaults.';
COMMENT ON COLUMN smstrack.experiment.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.experiment.goal IS
    'Goal of the conversions that count; NULL: all goals, which the metric conversion does not allow.';
COMMENT ON COLUMN smstrack.experiment.currency IS
    'ISO 4217 code of value and cost; the metric value needs it.';
COMMENT ON COLUMN smstrack.experiment.maturity IS
    'How long after the sending of a message a success counts; recipients whose window is not over are left out.';
COMMENT ON COLUMN smstrack.experiment.min_recipients IS 'Mature recipients that each variant needs before anything is decided.';
COMMENT ON COLUMN smstrack.experiment.min_time IS 'How long after the first message nothing is decided.';
COMMENT ON COLUMN smstrack.experiment.confidence IS 'Of the always-valid intervals; a false winner is at most as likely as 1 less this.';
COMMENT ON COLUMN smstrack.experiment.epsilon IS
    'Expected loss that is small enough at the planned end, as a rate or in money a message; NULL: a hundredth of the best variant''s, and any after the test of test_and_roll.';
COMMENT ON COLUMN smstrack.experiment.test_share IS
    'Share of the audience that test_and_roll tests; NULL: what smstrack_test_size proposes.';
COMMENT ON COLUMN smstrack.experiment.expected_rate IS 'Rate of success that is expected, for the proposed size of a test.';
COMMENT ON COLUMN smstrack.experiment.expected_spread IS
    'How far apart the rates of variants are thought to lie, as a standard deviation, for the proposed size of a test.';
COMMENT ON COLUMN smstrack.experiment.floor IS 'Share of a batch that each variant of a bandit gets at least.';
COMMENT ON COLUMN smstrack.experiment.planned_recipients IS
    'Recipients that are planned; with the allocations fixed and bandit the end is reached when so many are mature. Intervals are narrowest there; NULL: no end, and 10,000 for the intervals.';
COMMENT ON COLUMN smstrack.experiment.planned_end IS 'When the expected loss may decide at the latest; NULL: no such time.';
COMMENT ON COLUMN smstrack.experiment.max_opt_out_rate IS
    'Guardrail: a variant whose opt-outs are above, by more than chance, cannot win; NULL: none.';
COMMENT ON COLUMN smstrack.experiment.max_cost IS
    'Guardrail: a variant whose message costs more on average cannot win; NULL: none.';
COMMENT ON COLUMN smstrack.experiment.min_ratio_p IS
    'Guardrail: all is stopped where the recipients'' split has a lower p under the one that was meant; 0: never.';
COMMENT ON COLUMN smstrack.experiment.seed IS 'Seed of the allotment of variants; another one allots others.';

-- What a constraint would say in its name, said in words: the first column that cannot be.
CREATE FUNCTION smstrack.experiment_fault(experiment smstrack.experiment)
RETURNS TABLE (fault text, reason text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT format('invalid %s "%s"', c.name, c.value), c.reason
    FROM (VALUES
        ('goal', experiment.goal, octet_length(experiment.goal) BETWEEN 1 AND 256,
         'Names of goals have 1 to 256 bytes.'),
        ('currency', experiment.currency, smstrack.is_currency(experiment.currency),
         'It is an ISO 4217 code such as EUR.'),
        ('maturity window', experiment.maturity::text, experiment.maturity > '0' AND experiment.maturity <= '1 year',
         'A success counts within this time after the message was sent: more than 0, at most a year. Take the time in which most of the clicks come, such as ''1 day''.'),
        ('min_recipients', experiment.min_recipients::text, experiment.min_recipients >= 1,
         'Each variant needs one mature recipient at least.'),
        ('min_time', experiment.min_time::text, experiment.min_time >= '0',
         'It is 0 or more.'),
        ('confidence', experiment.confidence::text, experiment.confidence >= 0.5 AND experiment.confidence < 1,
         'It is at least 0.5 and less than 1, such as 0.95.'),
        ('epsilon', experiment.epsilon::text, experiment.epsilon > 0 AND experiment.epsilon < 'Infinity',
         'It is a loss above 0, as a rate or in money a message, such as 0.001.'),
        ('test share', experiment.test_share::text, experiment.test_share > 0 AND experiment.test_share < 1,
         'A test takes more than nobody and less than all, such as 0.2.'),
        ('expected_rate', experiment.expected_rate::text, experiment.expected_rate > 0 AND experiment.expected_rate < 1,
         'It is more than 0 and less than 1, such as 0.05.'),
        ('expected_spread', experiment.expected_spread::text, experiment.expected_spread > 0 AND experiment.expected_spread < 1,
         'It is more than 0 and less than 1, such as 0.01.'),
        ('floor', experiment.floor::text, experiment.floor >= 0 AND experiment.floor < 1,
         'It is at least 0 and less than 1, such as 0.01.'),
        ('planned_recipients', experiment.planned_recipients::text, experiment.planned_recipients >= 2,
         'Two variants have two recipients at least.'),
        ('max_opt_out_rate', experiment.max_opt_out_rate::text, experiment.max_opt_out_rate BETWEEN 0 AND 1,
         'It is a share of the messages from 0 to 1, such as 0.01.'),
        ('max_cost', experiment.max_cost::text, experiment.max_cost >= 0 AND experiment.max_cost < 'Infinity',
         'It is the money that a message may cost on average.'),
        ('min_ratio_p', experiment.min_ratio_p::text, experiment.min_ratio_p >= 0 AND experiment.min_ratio_p < 1,
         'It is a probability, such as 0.001; 0 never stops.')
    ) AS c (name, value, holds, reason)
    WHERE NOT c.holds
    LIMIT 1;
END;
COMMENT ON FUNCTION smstrack.experiment_fault(smstrack.experiment) IS
    'What of a row of smstrack.experiment cannot be, and why; no row: all can.';

-- Keeps the rule as it was before the first result.
CREATE FUNCTION smstrack.experiment_guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    IF TG_OP <> 'INSERT' AND (SELECT smstrack.is_tried(OLD.campaign))
       AND (TG_OP = 'DELETE' OR (NEW.campaign, NEW.goal, NEW.currency, NEW.maturity, NEW.confidence,
                                 NEW.planned_recipients, NEW.seed)
                                IS DISTINCT FROM (OLD.campaign, OLD.goal, OLD.currency, OLD.maturity, OLD.confidence,
                                                  OLD.planned_recipients, OLD.seed)) THEN
        RAISE EXCEPTION 'what the variants of a campaign are compared by cannot be changed any more' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'Messages of several variants were prepared: goal, currency, maturity window, confidence, planned recipients and seed stay.',
            HINT = 'Make another campaign.';
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT * INTO wrong FROM smstrack.experiment_fault(NEW);
    IF FOUND THEN
        RAISE EXCEPTION '%', wrong.fault USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = wrong.reason;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION smstrack.experiment_guard() IS
    'Trigger: checks what a campaign''s variants are compared by, and keeps it once there are messages.';

CREATE FUNCTION smstrack.is_tried(campaign integer)
RETURNS boolean
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM smstrack.launch AS l
                   WHERE l.campaign = is_tried.campaign AND NOT l.test AND cardinality(l.variants) > 1)
        OR EXISTS (SELECT FROM smstrack.allotment AS a WHERE a.campaign = is_tried.campaign);
END
$$;
COMMENT ON FUNCTION smstrack.is_tried(integer) IS
    'Tells whether messages of several variants of a campaign were prepared, tests aside.';

CREATE TRIGGER experiment_guard
    BEFORE INSERT OR UPDATE OR DELETE ON smstrack.experiment
    FOR EACH ROW EXECUTE FUNCTION smstrack.experiment_guard();

CREATE FUNCTION smstrack.metric_guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM smstrack.experiment AS e WHERE e.campaign = OLD.id;
    ELSIF NEW.metric <> OLD.metric AND smstrack.is_tried(OLD.id) THEN
        RAISE EXCEPTION 'metric of campaign "%" cannot be changed any more', OLD.name USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'Messages of several variants were prepared.',
            HINT = 'Make another campaign.';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
COMMENT ON FUNCTION smstrack.metric_guard() IS
    'Trigger: keeps a campaign''s metric once its variants are compared; a campaign that is deleted takes its experiment with it.';

CREATE TRIGGER metric_guard
    BEFORE UPDATE OF metric OR DELETE ON smstrack.campaign
    FOR EACH ROW EXECUTE FUNCTION smstrack.metric_guard();

CREATE FUNCTION @extschema@.smstrack_experiment(
    campaign text,
    allocation text DEFAULT NULL,
    metric text DEFAULT NULL,
    goal text DEFAULT NULL,
    currency text DEFAULT NULL,
    maturity interval DEFAULT NULL,
    min_recipients bigint DEFAULT NULL,
    min_time interval DEFAULT NULL,
    epsilon double precision DEFAULT NULL,
    test_share double precision DEFAULT NULL,
    planned_recipients bigint DEFAULT NULL,
    planned_end timestamptz DEFAULT NULL,
    max_opt_out_rate double precision DEFAULT NULL,
    max_cost numeric DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own_id CONSTANT integer := smstrack.campaign_id(smstrack_experiment.campaign);
    made smstrack.experiment;
    judged_by text;
BEGIN
    IF allocation NOT IN ('fixed', 'test_and_roll', 'bandit') THEN
        RAISE EXCEPTION 'invalid allocation "%"', left(allocation, 300) USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give fixed, test_and_roll or bandit.';
    ELSIF metric NOT IN ('click', 'conversion', 'value') THEN
        RAISE EXCEPTION 'invalid metric "%"', left(metric, 300) USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Give click, conversion or value.';
    END IF;
    UPDATE smstrack.campaign AS c SET
        allocation = coalesce(smstrack_experiment.allocation, c.allocation),
        metric = coalesce(smstrack_experiment.metric, c.metric)
    WHERE c.id = own_id
    RETURNING c.metric INTO judged_by;
    INSERT INTO smstrack.experiment (campaign) VALUES (own_id) ON CONFLICT DO NOTHING;
    UPDATE smstrack.experiment AS e SET
        goal = coalesce(smstrack_experiment.goal, e.goal),
        currency = coalesce(smstrack_experiment.currency, e.currency),
        maturity = coalesce(smstrack_experiment.maturity, e.maturity),
        min_recipients = coalesce(smstrack_experiment.min_recipients, e.min_recipients),
        min_time = coalesce(smstrack_experiment.min_time, e.min_time),
        epsilon = coalesce(smstrack_experiment.epsilon, e.epsilon),
        test_share = coalesce(smstrack_experiment.test_share, e.test_share),
        planned_recipients = coalesce(smstrack_experiment.planned_recipients, e.planned_recipients),
        planned_end = coalesce(smstrack_experiment.planned_end, e.planned_end),
        max_opt_out_rate = coalesce(smstrack_experiment.max_opt_out_rate, e.max_opt_out_rate),
        max_cost = coalesce(smstrack_experiment.max_cost, e.max_cost)
    WHERE e.campaign = own_id
    RETURNING e.* INTO made;
    IF judged_by = 'conversion' AND made.goal IS NULL THEN
        RAISE EXCEPTION 'metric "conversion" needs a goal' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Registrations and orders cannot be added up.',
            HINT = format('Name one: SELECT smstrack_experiment(%L, goal => ''order'').', smstrack_experiment.campaign);
    ELSIF judged_by = 'value' AND made.currency IS NULL THEN
        RAISE EXCEPTION 'metric "value" needs a currency' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Sums of two currencies cannot be compared.',
            HINT = format('Name one: SELECT smstrack_experiment(%L, currency => ''EUR'').', smstrack_experiment.campaign);
    END IF;
END
$$;
COMMENT ON FUNCTION @extschema@.smstrack_experiment(text, text, text, text, text, interval, bigint, interval, double precision, double precision, bigint, timestamptz, double precision, numeric) IS
    'Says how a campaign allots its variants and what it compares them by; NULL leaves as it is. More is in smstrack.experiment.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_experiment(text, text, text, text, text, interval, bigint, interval, double precision, double precision, bigint, timestamptz, double precision, numeric)
    FROM PUBLIC;

CREATE SEQUENCE smstrack.allotment_id_seq;
COMMENT ON SEQUENCE smstrack.allotment_id_seq IS 'Ids of allotments.';

CREATE TABLE smstrack.allotment (
    id bigint NOT NULL DEFAULT nextval('smstrack.allotment_id_seq'),
    campaign integer NOT NULL,
    allotted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    variants integer[] NOT NULL,
    weights integer[] NOT NULL,
    CONSTRAINT allotment_pkey PRIMARY KEY (id),
    CONSTRAINT allotment_kind_check CHECK (kind IN ('fixed', 'test', 'bandit'))
);
COMMENT ON TABLE smstrack.allotment IS
    'By what the variants of campaigns are shared out among single messages; those of launches stand in smstrack.launch.';
COMMENT ON COLUMN smstrack.allotment.id IS 'Id.';
COMMENT ON COLUMN smstrack.allotment.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.allotment.allotted_at IS 'Since when it holds, until a later row of the campaign.';
COMMENT ON COLUMN smstrack.allotment.kind IS 'As in smstrack.launch.';
COMMENT ON COLUMN smstrack.allotment.variants IS 'Variants that can be had.';
COMMENT ON COLUMN smstrack.allotment.weights IS 'Their shares of the messages, by the sum of all.';
CREATE INDEX allotment_campaign_idx ON smstrack.allotment (campaign, id);

CREATE TABLE smstrack.trial (
    campaign integer NOT NULL,
    variant integer NOT NULL,
    message_id bigint NOT NULL,
    allotment bigint NOT NULL,
    recipient_hash bytea NOT NULL,
    CONSTRAINT trial_pkey PRIMARY KEY (campaign, recipient_hash)
);
COMMENT ON TABLE smstrack.trial IS
    'Which variant somebody gets by single messages, when several could be had: he keeps it, and his first message counts.';
COMMENT ON COLUMN smstrack.trial.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.trial.variant IS 'Variant.';
COMMENT ON COLUMN smstrack.trial.message_id IS 'His first message of the campaign.';
COMMENT ON COLUMN smstrack.trial.allotment IS 'By what he got it.';
COMMENT ON COLUMN smstrack.trial.recipient_hash IS 'As in smstrack.opt_out.';

CREATE SEQUENCE smstrack.decision_id_seq;
COMMENT ON SEQUENCE smstrack.decision_id_seq IS 'Ids of decisions.';

CREATE TABLE smstrack.decision (
    id bigint NOT NULL DEFAULT nextval('smstrack.decision_id_seq'),
    campaign integer NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,
    winner integer,
    reason text NOT NULL,
    figures jsonb NOT NULL,
    decided_by text NOT NULL DEFAULT session_user,
    CONSTRAINT decision_pkey PRIMARY KEY (id),
    CONSTRAINT decision_kind_check CHECK (kind IN ('winner', 'chosen', 'stopped', 'by hand')),
    CONSTRAINT decision_winner_check CHECK ((kind = 'stopped') = (winner IS NULL))
);
COMMENT ON TABLE smstrack.decision IS
    'What was decided of campaigns'' variants, and by which figures. The newest row of a campaign holds.';
COMMENT ON COLUMN smstrack.decision.id IS 'Id.';
COMMENT ON COLUMN smstrack.decision.campaign IS 'Campaign.';
COMMENT ON COLUMN smstrack.decision.decided_at IS 'When its transaction began.';
COMMENT ON COLUMN smstrack.decision.kind IS
    'winner: proven at whatever look; chosen: the expected loss is small at the planned end, or the others break guardrails; stopped: nobody; by hand: somebody said so.';
COMMENT ON COLUMN smstrack.decision.winner IS 'Variant; NULL: none.';
COMMENT ON COLUMN smstrack.decision.reason IS 'Why, in words.';
COMMENT ON COLUMN smstrack.decision.figures IS 'Rows of smstrack_ab_report as they were.';
COMMENT ON COLUMN smstrack.decision.decided_by IS 'Role that asked.';
-- a campaign decides by itself once
CREATE UNIQUE INDEX decision_campaign_idx ON smstrack.decision (campaign) WHERE kind <> 'by hand';
CREATE INDEX decision_by_hand_idx ON smstrack.decision (campaign) WHERE kind = 'by hand';

CREATE TYPE smstrack.ab_figures AS (
    variant text,
    recipients bigint,
    delivered bigint,
    mature bigint,
    successes bigint,
    rate double precision,
    rate_low double precision,
    rate_high double precision,
    mean double precision,
    rival text,
    gap double precision,
    gap_low double precision,
    gap_high double precision,
    best double precision,
    expected_loss double precision,
    value_per_message numeric,
    cost_per_message numeric,
    currency text,
    intended_share double precision,
    ratio_p double precision,
    opt_outs bigint,
    opt_out_rate double precision,
    next_share double precision,
    verdict text
);
COMMENT ON TYPE smstrack.ab_figures IS 'What smstrack_ab_report gives: a row a variant.';
COMMENT ON COLUMN smstrack.ab_figures.variant IS 'Variant.';
COMMENT ON COLUMN smstrack.ab_figures.recipients IS 'Recipients it was allotted to while others could be had too; tests are none.';
COMMENT ON COLUMN smstrack.ab_figures.delivered IS 'Of them, whose message is known to be delivered.';
COMMENT ON COLUMN smstrack.ab_figures.mature IS
    'Of them, whose maturity window is over; without those whose message failed or expired.';
COMMENT ON COLUMN smstrack.ab_figures.successes IS
    'Of the mature, who clicked, or converted, within the window.';
COMMENT ON COLUMN smstrack.ab_figures.rate IS 'Successes by mature recipients, 0 to 1; NULL: none is mature.';
COMMENT ON COLUMN smstrack.ab_figures.rate_low IS 'Lower end of Wilson''s 95 % interval of the rate, which holds for one look.';
COMMENT ON COLUMN smstrack.ab_figures.rate_high IS 'Upper end of it.';
COMMENT ON COLUMN smstrack.ab_figures.mean IS
    'What is compared: the rate, or with the metric value the value less cost of a message; NULL: not known, or barred by a guardrail.';
COMMENT ON COLUMN smstrack.ab_figures.rival IS 'The other variant that it is the least ahead of.';
COMMENT ON COLUMN smstrack.ab_figures.gap IS 'Mean less the rival''s.';
COMMENT ON COLUMN smstrack.ab_figures.gap_low IS 'Lower end of the gap''s always-valid interval, however often it is looked at; above 0: it has won.';
COMMENT ON COLUMN smstrack.ab_figures.gap_high IS 'Upper end of it.';
COMMENT ON COLUMN smstrack.ab_figures.best IS 'Probability that it is the best one.';
COMMENT ON COLUMN smstrack.ab_figures.expected_loss IS 'What choosing it costs on average against the best one, as a rate or in money a message.';
COMMENT ON COLUMN smstrack.ab_figures.value_per_message IS 'Value of conversions by mature recipients.';
COMMENT ON COLUMN smstrack.ab_figures.cost_per_message IS 'Charged cost, or estimated where that is not known, by recipients.';
COMMENT ON COLUMN smstrack.ab_figures.currency IS 'ISO 4217 code of both; other currencies are left out.';
COMMENT ON COLUMN smstrack.ab_figures.intended_share IS 'Share of the recipients that it was to get, 0 to 1.';
COMMENT ON COLUMN smstrack.ab_figures.ratio_p IS 'p of the sample-ratio check of all variants: below 0.001 the split is broken.';
COMMENT ON COLUMN smstrack.ab_figures.opt_outs IS 'Opt-outs by the opt-out links of all its messages.';
COMMENT ON COLUMN smstrack.ab_figures.opt_out_rate IS 'Opt-outs by messages, 0 to 1.';
COMMENT ON COLUMN smstrack.ab_figures.next_share IS 'Share of the next batch that it would get now.';
COMMENT ON COLUMN smstrack.ab_figures.verdict IS 'What is to be said of all variants, in words.';

CREATE FUNCTION @extschema@.smstrack_ab_report(campaign text)
RETURNS SETOF smstrack.ab_figures
AS 'MODULE_PATHNAME', 'smstrack_ab_report'
LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 3;
COMMENT ON FUNCTION @extschema@.smstrack_ab_report(text) IS
    'Compares the variants of a campaign; one row each, and writes nothing.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_ab_report(text) FROM PUBLIC;

CREATE TYPE smstrack.decided AS (
    kind text,
    winner text,
    reason text,
    decided_at timestamptz
);
COMMENT ON TYPE smstrack.decided IS 'What smstrack_decide gives.';
COMMENT ON COLUMN smstrack.decided.kind IS 'As in smstrack.decision; not yet: nothing was decided.';
COMMENT ON COLUMN smstrack.decided.winner IS 'Variant; NULL: none.';
COMMENT ON COLUMN smstrack.decided.reason IS 'Why, in words.';
COMMENT ON COLUMN smstrack.decided.decided_at IS 'When it was decided; NULL: not yet.';

CREATE FUNCTION @extschema@.smstrack_decide(campaign text, winner text DEFAULT NULL)
RETURNS SETOF smstrack.decided
AS 'MODULE_PATHNAME', 'smstrack_decide'
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_decide(text, text) IS
    'Decides by the campaign''s rule which variant has won, and records it once; may be called at any time and as often as wanted. With a winner, decides by hand.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_decide(text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.smstrack_test_size(
    population bigint,
    variants integer DEFAULT 2,
    rate double precision DEFAULT 0.05,
    spread double precision DEFAULT 0.01
)
RETURNS bigint
AS 'MODULE_PATHNAME', 'smstrack_test_size'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.smstrack_test_size(bigint, integer, double precision, double precision) IS
    'Recipients of each variant in the test that makes the most successes of a population whose rest gets the winner, where rates are about rate, give or take spread (Feit and Berman 2019).';
