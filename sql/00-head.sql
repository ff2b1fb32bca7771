-- complain if the script is sourced in psql, rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION smstrack" to load this file. \quit

CREATE SCHEMA smstrack;
COMMENT ON SCHEMA smstrack IS
    'Tables and reports of the extension smstrack; its functions are smstrack_* in the extension''s schema.';

-- Tables and reports are reached by name; what may be read is granted object by object.
GRANT USAGE ON SCHEMA smstrack TO PUBLIC;
