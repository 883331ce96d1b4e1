-- case: d-grants-and-default-privileges
-- base: tenants
-- change:
GRANT SELECT ON ALL TABLES IN SCHEMA globex TO app;
ALTER DEFAULT PRIVILEGES IN SCHEMA globex GRANT SELECT, INSERT ON TABLES TO app;
REVOKE TRUNCATE ON ALL TABLES IN SCHEMA globex FROM app;
