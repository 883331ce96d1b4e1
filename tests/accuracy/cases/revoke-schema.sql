-- case: revoke-schema
-- base: events
-- change:
REVOKE USAGE ON SCHEMA log FROM app;
