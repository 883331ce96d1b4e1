-- case: d-view-replaced-with-column-at-end
-- base: tenants
-- change:
CREATE OR REPLACE VIEW acme.roster AS
    SELECT p.login, t.title, p.full_name
    FROM acme.people p LEFT JOIN acme.teams t ON t.id = p.team;
