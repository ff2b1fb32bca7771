-- What a dump must hold: every table and sequence of the extension, none forgotten.

SELECT pg_catalog.pg_extension_config_dump(member, '')
FROM unnest('{
    smstrack.link_domain_id_seq, smstrack.link_domain, smstrack.secret,
    smstrack.message_id_seq, smstrack.id_epoch_seq, smstrack.message, smstrack.idempotency,
    smstrack.hit, smstrack.hit_default, smstrack.user_agent,
    smstrack.conversion, smstrack.conversion_conversion_id_seq
}'::regclass[]) AS member;
