-- case: namesake-in-other-schema-dropped
-- base: tenants
-- change:
CREATE SCHEMA scratch;
CREATE TABLE scratch.people (LIKE acme.people);
INSERT INTO scratch.people SELECT * FROM acme.people WHERE team = 5;
ALTER TABLE scratch.people DROP COLUMN secret;
DROP TABLE scratch.people;
