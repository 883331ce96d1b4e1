-- case: b-rls-restrictive-policy
-- base: tenants
-- given:
CREATE POLICY people_all ON acme.people USING (true);
ALTER TABLE acme.people ENABLE ROW LEVEL SECURITY;
-- change:
CREATE POLICY people_in_team ON acme.people AS RESTRICTIVE USING (team IS NOT NULL);
