-- case: c-roster-replaced
-- base: tenants
-- change:
CREATE OR REPLACE VIEW acme.roster AS
    SELECT p.login, t.title, p.joined FROM acme.people p LEFT JOIN acme.teams t ON t.id = p.team;
