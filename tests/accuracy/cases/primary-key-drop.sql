-- case: primary-key-drop
-- base: tenants
-- change:
ALTER TABLE globex.people DROP CONSTRAINT people_pkey;
