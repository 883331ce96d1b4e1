-- case: view-new
-- base: tenants
-- change:
CREATE VIEW acme.logins AS SELECT login FROM acme.people UNION SELECT login FROM globex.people;
CREATE TEMP VIEW helper AS SELECT count(*) FROM acme.people;
GRANT SELECT ON acme.logins TO app;
