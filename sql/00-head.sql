-- complain if the script is sourced in psql, rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION smstrack" to load this file. \quit

-- Every object below is named with its schema. What the script calls is found in
-- pg_catalog alone: a function that somebody put into the extension's schema beforehand,
-- with arguments that fit better, must not become a default or a constraint of ours.
SET LOCAL search_path = pg_catalog, pg_temp;

CREATE SCHEMA smstrack;
COMMENT ON SCHEMA smstrack IS
    'Tables and reports of the extension smstrack; its functions are smstrack_* in the extension''s schema.';

-- Tables and reports are reached by name; what may be read is granted object by object.
GRANT USAGE ON SCHEMA smstrack TO PUBLIC;
