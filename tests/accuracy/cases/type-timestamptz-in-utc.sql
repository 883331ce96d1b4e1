-- case: type-timestamptz-in-utc
-- base: tenants
-- change:
SET timezone = 'UTC';
ALTER TABLE acme.people ALTER joined TYPE timestamptz;
