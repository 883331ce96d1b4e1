-- case: type-timestamptz-using
-- base: tenants
-- change:
ALTER TABLE acme.people ALTER COLUMN joined TYPE timestamp with time zone USING joined AT TIME ZONE 'UTC';
