-- Copies of a database: what a logical replica needs before it goes on by itself.

CREATE FUNCTION smstrack.advance_sequences()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    filled record;
    greatest_id bigint;
BEGIN
    -- columns whose default or identity takes from a sequence
    FOR filled IN
        SELECT s.oid::regclass AS sequence, t.oid::regclass AS relation, a.attname
        FROM pg_class AS s
        JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
            AND d.classid = 'pg_attrdef'::regclass
        JOIN pg_attrdef AS f ON f.oid = d.objid
        JOIN pg_class AS t ON t.oid = f.adrelid
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = f.adnum
        WHERE s.relkind = 'S' AND s.relnamespace = 'smstrack'::regnamespace
        UNION ALL
        SELECT s.oid::regclass, t.oid::regclass, a.attname
        FROM pg_class AS s
        JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
        JOIN pg_class AS t ON t.oid = d.refobjid
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        WHERE s.relkind = 'S' AND s.relnamespace = 'smstrack'::regnamespace
    LOOP
        EXECUTE format('SELECT max(%I) FROM %s', filled.attname, filled.relation) INTO greatest_id;
        IF greatest_id > coalesce(pg_sequence_last_value(filled.sequence), 0) THEN
            PERFORM setval(filled.sequence, greatest_id);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION smstrack.advance_sequences() IS
    'Moves the sequences of ids past the greatest id in use: after a failover to a logical replica, which sequences do not follow to.';
REVOKE EXECUTE ON FUNCTION smstrack.advance_sequences() FROM PUBLIC;
