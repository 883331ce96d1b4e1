-- case: policy-altered-to-nothing
-- base: tenants
-- earlier:
CREATE POLICY own_notes ON acme.notes USING (true);
ALTER TABLE acme.notes ENABLE ROW LEVEL SECURITY;
-- change:
ALTER POLICY own_notes ON acme.notes USING (owner = 'somebody');
