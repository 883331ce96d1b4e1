-- case: security-with-policy
-- base: tenants
-- change:
CREATE POLICY own_notes ON acme.notes TO app USING (owner = current_user) WITH CHECK (owner = current_user);
ALTER TABLE acme.notes ENABLE ROW LEVEL SECURITY;
