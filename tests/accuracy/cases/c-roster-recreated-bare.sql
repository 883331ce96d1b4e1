-- case: c-roster-recreated-bare
-- base: tenants
-- change:
DROP VIEW acme.roster;
CREATE VIEW acme.roster AS
    SELECT p.login, t.title, p.joined FROM acme.people p LEFT JOIN acme.teams t ON t.id = p.team;
