-- case: a-secret-column-hidden
-- base: tenants
-- change:
BEGIN;
REVOKE SELECT ON acme.people FROM app;
GRANT SELECT (id, login, full_name, team, joined) ON acme.people TO app;
COMMIT;
