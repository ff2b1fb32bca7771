-- Columns that ANALYZE leaves out: it would copy samples of them into the statistics, where
-- smstrack_forget does not find them, and from version 18 on a dump has those. No plan
-- depends on them.

ALTER TABLE smstrack.message
    ALTER COLUMN recipient SET STATISTICS 0,
    ALTER COLUMN target_urls SET STATISTICS 0,
    ALTER COLUMN label SET STATISTICS 0,
    ALTER COLUMN body SET STATISTICS 0,
    ALTER COLUMN error SET STATISTICS 0;
ALTER TABLE smstrack.idempotency
    ALTER COLUMN key SET STATISTICS 0;
ALTER TABLE smstrack.launch_skip
    ALTER COLUMN recipient SET STATISTICS 0;
ALTER TABLE smstrack.outbox
    ALTER COLUMN recipient SET STATISTICS 0,
    ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE smstrack.conversion
    ALTER COLUMN order_id SET STATISTICS 0,
    ALTER COLUMN once_key SET STATISTICS 0;
ALTER TABLE smstrack.reversal
    ALTER COLUMN reversal_id SET STATISTICS 0;
ALTER TABLE smstrack.clicker
    ALTER COLUMN recipient_hash SET STATISTICS 0;
ALTER TABLE smstrack.trial
    ALTER COLUMN recipient_hash SET STATISTICS 0;
-- the months' partitions take it from their parent when they are made
ALTER TABLE smstrack.hit
    ALTER COLUMN address SET STATISTICS 0,
    ALTER COLUMN request_id SET STATISTICS 0,
    ALTER COLUMN referrer SET STATISTICS 0;
