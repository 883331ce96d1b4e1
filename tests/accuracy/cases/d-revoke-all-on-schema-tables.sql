-- case: d-revoke-all-on-schema-tables
-- base: tenants
-- change:
REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA acme FROM app;
GRANT UPDATE ON acme.people TO app;
