-- case: b-type-timestamp-unindexed-utc
-- base: tenants
-- change:
BEGIN;
SET LOCAL timezone TO 'UTC';
ALTER TABLE acme.people ALTER COLUMN joined TYPE timestamp with time zone;
COMMIT;
