-- case: type-text-to-length
-- base: tenants
-- change:
ALTER TABLE acme.people ALTER COLUMN secret TYPE integer USING length(secret);
