-- case: a-tenant-added
-- base: tenants
-- change:
CREATE SCHEMA initech;
CREATE TABLE initech.people (LIKE acme.people INCLUDING ALL);
CREATE TABLE initech.teams (LIKE acme.teams INCLUDING ALL);
INSERT INTO initech.teams SELECT id, title FROM acme.teams;
ALTER TABLE initech.people ADD CONSTRAINT people_team_fk FOREIGN KEY (team) REFERENCES initech.teams (id);
CREATE UNIQUE INDEX people_login_key ON initech.people (lower(login));
CREATE VIEW initech.roster AS
    SELECT p.login, t.title FROM initech.people p LEFT JOIN initech.teams t ON t.id = p.team;
GRANT USAGE ON SCHEMA initech TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA initech TO app;
