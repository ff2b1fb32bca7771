-- Who may do what with every object: the matrix has a line for each function, type, table,
-- view and sequence of the extension; an object without a line is an error, and so is a
-- right that does not stand in it. Then the same across two accounts, by attempts.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(7);
SET client_min_messages = error;

CREATE TEMPORARY TABLE kind (kind text PRIMARY KEY, rank int);
INSERT INTO kind VALUES ('composer', 1), ('dispatcher', 2), ('redirector', 3), ('shop', 4), ('reader', 5), ('reader_masked', 6), ('admin', 7);
SELECT format('CREATE ROLE regress_%s', kind) FROM kind \gexec
SELECT smstrack_grant(format('regress_%s', kind)::regrole, kind) FROM kind ORDER BY rank;

-- "who" is public, or kinds of roles with the letters of what they may: as in psql's \dp,
-- r read, a insert, w change, d delete; U use a sequence; r* read some columns. A function's
-- kinds may execute it. Empty: the owner alone.
CREATE TEMPORARY TABLE matrix (object text PRIMARY KEY, who text NOT NULL DEFAULT '');
COPY matrix FROM stdin;
function advance_sequences	
function audience_key	public
function audience_order	public
function calling_code	public
function campaign_guard	public
function campaign_id	public
function check_campaign	public
function check_codes	
function check_conversion_tally	
function check_distributable	
function check_epoch	
function check_leases	
function check_link_terms	public
function check_marks	
function check_message_ids	
function check_message_tally	
function check_partitions	
function check_privileges	
function check_refresh	
function check_secrets	
function check_sequences	
function check_strays	
function check_tally	
function check_triggers	
function check_value	
function country	public
function country_name	public
function current_account	public
function device_name	public
function distribute_names	
function experiment_fault	public
function experiment_guard	public
function forget_written	admin
function hit_retention	public
function hits_kept_since	public
function invalidate	public
function is_copy	
function is_currency	public
function is_distributed	public
function is_target_url	public
function is_tried	public
function jump_message_ids	
function keep_name	
function link_domain_guard	
function logbook_page	reader reader_masked admin
function logbook_page_of	reader admin
function make_hit_partition	
function make_hit_partitions	
function make_secret	
function mask_recipient	public
function message_ranges	
function metric_guard	public
function next_message_id	
function note_recipients_on_nodes	
function os_name	public
function price_guard	public
function rate_base	public
function recipients_in_clear	reader admin
function rule_name	public
function sees_all_accounts	public
function sees_recipients	public
function smstrack_ab_report	composer reader reader_masked admin
function smstrack_attribute	admin
function smstrack_campaign	composer admin
function smstrack_check	admin
function smstrack_code	admin
function smstrack_convert	shop admin
function smstrack_convert_batch	shop admin
function smstrack_convert_click	redirector
function smstrack_convert_recipient	shop admin
function smstrack_csv_text	public
function smstrack_decide	composer admin
function smstrack_disable	admin
function smstrack_distribute	
function smstrack_domain	admin
function smstrack_e164	public
function smstrack_encoding	public
function smstrack_estimate	composer admin
function smstrack_experiment	composer admin
function smstrack_export_person	admin
function smstrack_forget	admin
function smstrack_forget_before	admin
function smstrack_forget_many	admin
function smstrack_grant	
function smstrack_guess_odds	admin
function smstrack_hit	redirector
function smstrack_hit_batch	redirector
function smstrack_import_links	admin
function smstrack_is_link_host	redirector
function smstrack_launch	composer admin
function smstrack_link_count	public
function smstrack_links	public
function smstrack_logbook	reader reader_masked admin
function smstrack_opt_in	composer admin
function smstrack_opt_out	composer dispatcher admin
function smstrack_opt_out_link	redirector
function smstrack_opt_outs	composer admin
function smstrack_parts	public
function smstrack_postback	redirector
function smstrack_postback_key	admin
function smstrack_prepare	composer
function smstrack_preview	composer admin
function smstrack_reclassify	admin
function smstrack_refresh	admin
function smstrack_report	dispatcher admin
function smstrack_resolve	redirector admin
function smstrack_retarget	admin
function smstrack_reverse	shop admin
function smstrack_reverse_batch	shop admin
function smstrack_rewrite	composer
function smstrack_segment_info	public
function smstrack_segments	public
function smstrack_smart	public
function smstrack_smart_info	public
function smstrack_take	dispatcher admin
function smstrack_test_size	public
function smstrack_timeline	reader reader_masked admin
function smstrack_tracking_code	admin
function smstrack_version	public
function spread_click_report	
function status_name	public
function retarget_guard	public
function template_fields	public
function template_targets	public
function upkeep_begin	
function upkeep_drop_hits	
function upkeep_fold	
function upkeep_forget_agents	
function upkeep_forget_sources	
function upkeep_make_partition	
function upkeep_note_recipients	
function variant_guard	public
function verify_token	
function write_message_tally	
procedure smstrack_maintain	admin
sequence agent_rule_rule_id_seq	admin=U
sequence allotment_id_seq	
sequence campaign_id_seq	composer=U admin=U
sequence conversion_conversion_id_seq	
sequence decision_id_seq	
sequence id_epoch_seq	
sequence launch_id_seq	
sequence link_alias_alias_id_seq	
sequence link_domain_id_seq	admin=U
sequence message_id_seq	
sequence variant_id_seq	composer=U admin=U
table account_secret	
table agent_rule	admin=rawd
table alias_tally	
table allotment	composer=r admin=r
table campaign	composer=raw reader=r* reader_masked=r* admin=rawd
table campaign_name	
table campaign_recipient	admin=r*d
table clicker	
table conversion	
table conversion_candidate	
table conversion_tally	reader=r reader_masked=r admin=r
table decision	composer=r admin=r
table experiment	composer=raw admin=rawd
table forgotten_block	
table goal	admin=rawd
table hit	
table hit_default	
table idempotency	
table launch	composer=r admin=r
table launch_skip	composer=r admin=r
table link_alias	admin=ra*w*d
table link_domain	composer=r reader=r* reader_masked=r* admin=raw
table link_domain_name	
table message	
table message_block	
table message_tally	reader=r reader_masked=r admin=r
table opt_out	
table outbox	
table price	composer=r admin=rawd
table refresh_log	reader=r* reader_masked=r* admin=r*
table reversal	
table secret	
table source_key	
table tally	reader=r reader_masked=r admin=r
table target_history	admin=ra
table trial	
table user_agent	
table variant	composer=ra*w* reader=r* reader_masked=r* admin=rawd
table variant_name	
type ab_figures	public
type answer	public
type checked	public
type conversion_answer	public
type decided	public
type estimated	public
type exported	public
type forgotten	public
type found_link	public
type launched	public
type prepared	public
type previewed	public
type resolved	public
type segment_info	public
type smart_replacement	public
type taken	public
type timeline	public
view alias_report	reader=r reader_masked=r admin=r
view campaign_cache	
view campaign_live	reader=r reader_masked=r admin=r
view campaign_report	reader=r reader_masked=r admin=r
view click_report	reader=r reader_masked=r admin=r
view conversion_cache	
view conversion_live	reader=r reader_masked=r admin=r
view conversion_part	
view conversion_position_tally	reader=r reader_masked=r admin=r
view conversion_quarter_tally	reader=r reader_masked=r admin=r
view conversion_report	reader=r reader_masked=r admin=r
view conversion_tally_difference	
view converter_tally	reader=r reader_masked=r admin=r
view cost_cache	
view cost_live	reader=r reader_masked=r admin=r
view cost_report	reader=r reader_masked=r admin=r
view country_cache	
view country_live	reader=r reader_masked=r admin=r
view country_report	reader=r reader_masked=r admin=r
view country_tally	reader=r reader_masked=r admin=r
view device_cache	
view device_live	reader=r reader_masked=r admin=r
view device_report	reader=r reader_masked=r admin=r
view device_tally	reader=r reader_masked=r admin=r
view funnel_cache	
view funnel_live	reader=r reader_masked=r admin=r
view funnel_report	reader=r reader_masked=r admin=r
view link_cache	
view link_live	reader=r reader_masked=r admin=r
view link_report	reader=r reader_masked=r admin=r
view message_recount	
view message_report	reader=r reader_masked=r admin=r
view message_tally_difference	
view position_tally	reader=r reader_masked=r admin=r
view quarter_tally	reader=r reader_masked=r admin=r
view recipient_report	reader=r reader_masked=r admin=r
view recount	
view tally_difference	
view timeline_cache	
view timeline_live	reader=r reader_masked=r admin=r
view timeline_report	reader=r reader_masked=r admin=r
view variant_cache	
view variant_count	reader=r reader_masked=r admin=r
view variant_live	reader=r reader_masked=r admin=r
view variant_money	reader=r reader_masked=r admin=r
view variant_report	reader=r reader_masked=r admin=r
\.

CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid
FROM pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'smstrack');

CREATE TEMPORARY VIEW actual AS
SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' ELSE 'function ' END || p.proname AS object,
       string_agg(DISTINCT CASE WHEN a.everybody THEN 'public' ELSE a.kinds END, ' or ') AS who
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0) AS everybody,
           coalesce(string_agg(k.kind, ' ' ORDER BY k.rank) FILTER (WHERE has_function_privilege('regress_' || k.kind, p.oid, 'EXECUTE')), '') AS kinds
    FROM kind AS k
) AS a
GROUP BY 1
UNION ALL
SELECT 'type ' || t.typname, CASE WHEN EXISTS (SELECT FROM aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) AS a WHERE a.grantee = 0)
                                  THEN 'public' ELSE '' END
FROM member AS m
JOIN pg_type AS t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
WHERE t.typcategory <> 'A' -- members since 18
    AND (t.typtype <> 'c' OR (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c')
UNION ALL
SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' ELSE 'table ' END || c.relname,
       concat_ws(' ',
           CASE WHEN EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee = 0) THEN 'public' END,
           (SELECT string_agg(k.kind || '=' || r.letters, ' ' ORDER BY k.rank)
            FROM kind AS k CROSS JOIN LATERAL (
                SELECT string_agg(CASE WHEN has_table_privilege('regress_' || k.kind, c.oid, p.name) THEN p.letter
                                       WHEN p.ordinal <= 3 AND has_any_column_privilege('regress_' || k.kind, c.oid, p.name) THEN p.letter || '*' END,
                                  '' ORDER BY p.ordinal) AS letters
                FROM (VALUES (1, 'SELECT', 'r'), (2, 'INSERT', 'a'), (3, 'UPDATE', 'w'), (4, 'DELETE', 'd'), (5, 'TRUNCATE', 'D'),
                             (6, 'REFERENCES', 'x'), (7, 'TRIGGER', 't')) AS p (ordinal, name, letter)) AS r
            WHERE r.letters IS NOT NULL))
FROM pg_class AS c
WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT (c.relispartition AND c.relname <> 'hit_default')
UNION ALL
SELECT 'sequence ' || c.relname,
       concat_ws(' ',
           CASE WHEN EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee = 0) THEN 'public' END,
           (SELECT string_agg(k.kind || '=' || r.letters, ' ' ORDER BY k.rank)
            FROM kind AS k CROSS JOIN LATERAL (
                SELECT string_agg(p.letter, '' ORDER BY p.letter) AS letters
                FROM (VALUES ('USAGE', 'U'), ('SELECT', 'r'), ('UPDATE', 'w')) AS p (name, letter)
                WHERE has_sequence_privilege('regress_' || k.kind, c.oid, p.name)) AS r
            WHERE r.letters IS NOT NULL))
FROM pg_class AS c
WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind = 'S';

SELECT is_empty('SELECT object, who FROM actual WHERE object NOT IN (SELECT object FROM matrix) ORDER BY 1', 'every object stands in the matrix');
SELECT is_empty('SELECT object, who FROM matrix WHERE object NOT IN (SELECT object FROM actual) ORDER BY 1', 'and no other');
SELECT is_empty('SELECT object, a.who AS may, m.who AS "should be" FROM actual AS a JOIN matrix AS m USING (object) WHERE a.who <> m.who ORDER BY 1',
    'everybody may do what stands in it, and no more');
SELECT is_empty(
    $$SELECT c.oid::regclass, k.kind FROM pg_class AS c, kind AS k
      WHERE c.relispartition AND c.relnamespace = 'smstrack'::regnamespace
        AND (has_table_privilege('regress_' || k.kind, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
             OR has_any_column_privilege('regress_' || k.kind, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))$$,
    'nobody touches a month of hits');
-- Each acts as the owner for a reason that stands in its line of the script.
SELECT set_eq(
    $$SELECT p.proname::text FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid WHERE p.prosecdef$$,
    $$SELECT unnest('{keep_name,link_domain_guard,smstrack_is_link_host,smstrack_check,smstrack_refresh,logbook_page,logbook_page_of}'::text[])$$,
    'functions that act as the owner');
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
      WHERE p.prosecdef AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)$$,
    'and find nothing of the caller''s');

SELECT is_empty(
    $$SELECT c.oid::regclass, k.kind FROM pg_class AS c, kind AS k
      WHERE c.relnamespace = 'smstrack'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN ('agent_rule', 'refresh_log')
        AND has_any_column_privilege('regress_' || k.kind, c.oid, 'SELECT, INSERT, UPDATE')
        AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid))$$,
    'a table that somebody has rights on is kept apart by account; own rules and times of refreshing are for all');

SELECT * FROM finish();
ROLLBACK;
