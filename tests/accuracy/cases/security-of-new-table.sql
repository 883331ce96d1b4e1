-- case: security-of-new-table
-- base: tenants
-- change:
CREATE TABLE acme.secrets (id bigint PRIMARY KEY, owner name NOT NULL);
ALTER TABLE acme.secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE acme.secrets FORCE ROW LEVEL SECURITY;
