-- case: security-with-narrow-policy
-- base: tenants
-- change:
CREATE POLICY some_notes ON acme.notes FOR SELECT TO app USING (id < 100);
ALTER TABLE acme.notes ENABLE ROW LEVEL SECURITY;
