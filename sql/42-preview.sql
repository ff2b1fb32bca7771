-- What a body would look like and cost, while it is being typed.

CREATE TYPE smstrack.previewed AS (
    body text,
    links integer,
    encoding_before text,
    encoding_after text,
    segments_before integer,
    segments_after integer,
    segments_delta integer,
    cost_before numeric,
    cost_after numeric,
    cost_delta numeric,
    currency text,
    warnings text[]
);
COMMENT ON TYPE smstrack.previewed IS 'What smstrack_preview gives.';
COMMENT ON COLUMN smstrack.previewed.body IS 'Body as it would be sent, with sample codes of the right length.';
COMMENT ON COLUMN smstrack.previewed.links IS 'Links that would be tracked.';
COMMENT ON COLUMN smstrack.previewed.encoding_before IS 'Encoding of the body as given: GSM-7 or UCS-2.';
COMMENT ON COLUMN smstrack.previewed.encoding_after IS 'Encoding of the body to send.';
COMMENT ON COLUMN smstrack.previewed.segments_before IS 'Segments of the body as given.';
COMMENT ON COLUMN smstrack.previewed.segments_after IS 'Segments of the body to send.';
COMMENT ON COLUMN smstrack.previewed.segments_delta IS 'What tracking adds, or, negative, saves.';
COMMENT ON COLUMN smstrack.previewed.cost_before IS 'Estimated cost of segments_before; NULL without a recipient or price.';
COMMENT ON COLUMN smstrack.previewed.cost_after IS 'Estimated cost of segments_after.';
COMMENT ON COLUMN smstrack.previewed.cost_delta IS 'What tracking adds, or, negative, saves.';
COMMENT ON COLUMN smstrack.previewed.currency IS 'ISO 4217 code of the costs.';
COMMENT ON COLUMN smstrack.previewed.warnings IS 'What the writer should know; empty where all is well.';

CREATE FUNCTION @extschema@.smstrack_preview(
    body text,
    recipient text DEFAULT NULL,
    campaign text DEFAULT NULL,
    fields jsonb DEFAULT NULL,
    smart boolean DEFAULT false
)
RETURNS SETOF smstrack.previewed
AS 'MODULE_PATHNAME', 'smstrack_preview'
LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 ROWS 1;
COMMENT ON FUNCTION @extschema@.smstrack_preview(text, text, text, jsonb, boolean) IS
    'Shows a body as it would be sent, with segments, cost and warnings, for the values of merge fields given as JSON; writes nothing, and no body is an error.';
REVOKE EXECUTE ON FUNCTION @extschema@.smstrack_preview(text, text, text, jsonb, boolean) FROM PUBLIC;
