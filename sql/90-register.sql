-- What a dump must hold: every table and sequence of the extension, none forgotten.

SELECT pg_catalog.pg_extension_config_dump('smstrack.link_domain_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.link_domain', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.secret', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.campaign_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.variant_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.campaign', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.variant', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.target_history', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.price', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.account_secret', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.opt_out', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.message_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.id_epoch_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.message', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.idempotency', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.launch_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.launch', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.launch_skip', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.campaign_recipient', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.outbox', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.hit', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.hit_default', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.user_agent', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.conversion', '');
SELECT pg_catalog.pg_extension_config_dump('smstrack.conversion_conversion_id_seq', '');
