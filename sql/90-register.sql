-- What a dump must hold: every table and sequence of the extension, none forgotten.

SELECT pg_catalog.pg_extension_config_dump('smstrack.link_domain_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.link_domain', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.secret', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.message_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.id_epoch_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.message', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.idempotency', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.hit', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.hit_default', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.user_agent', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.agent_rule', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.agent_rule_rule_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.source_key', 'WHERE false');
SELECT pg_catalog.pg_extension_config_dump('smstrack.tally', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.conversion', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.conversion_conversion_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.link_alias', '');
