-- case: c-joined-with-time-zone-oslo
-- base: tenants
-- change:
ALTER TABLE acme.people ALTER COLUMN joined TYPE timestamptz USING joined AT TIME ZONE 'Europe/Oslo';
