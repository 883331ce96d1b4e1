-- case: b-rls-policy-lets-all-pass
-- base: tenants
-- change:
CREATE POLICY notes_own ON acme.notes USING (owner = current_user);
ALTER TABLE acme.notes ENABLE ROW LEVEL SECURITY;
