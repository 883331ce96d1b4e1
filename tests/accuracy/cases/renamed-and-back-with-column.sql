-- case: renamed-and-back-with-column
-- base: tenants
-- change:
SET search_path = acme;
ALTER TABLE people RENAME TO persons;
ALTER TABLE persons DROP COLUMN secret;
ALTER TABLE persons RENAME TO people;
