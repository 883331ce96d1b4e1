-- case: security-without-policy
-- base: tenants
-- change:
ALTER TABLE acme.notes ENABLE ROW LEVEL SECURITY;
