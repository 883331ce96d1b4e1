-- case: d-type-timestamp-using-explicit-utc
-- base: tenants
-- change:
BEGIN;
SET LOCAL timezone = 'UTC';
ALTER TABLE acme.people ALTER joined TYPE timestamptz USING joined AT TIME ZONE 'UTC';
COMMIT;
