-- case: a-own-notes-only
-- base: tenants
-- change:
BEGIN;
CREATE POLICY notes_of_owner ON acme.notes AS PERMISSIVE FOR ALL TO app
    USING (owner = current_user) WITH CHECK (owner = current_user);
CREATE POLICY notes_not_for_reports ON acme.notes AS RESTRICTIVE FOR SELECT TO report USING (false);
ALTER TABLE acme.notes ENABLE ROW LEVEL SECURITY;
COMMENT ON POLICY notes_of_owner ON acme.notes IS 'Rows of their own only.';
COMMIT;
