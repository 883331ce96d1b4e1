-- case: c-joined-with-time-zone
-- base: tenants
-- change:
SET LOCAL TimeZone = 'UTC';
ALTER TABLE acme.people ALTER COLUMN joined TYPE timestamptz;
