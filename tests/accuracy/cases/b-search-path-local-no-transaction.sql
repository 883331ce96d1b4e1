-- case: b-search-path-local-no-transaction
-- base: tenants
-- change:
SET LOCAL search_path = acme, public;
CREATE INDEX people_login_idx ON people (login);
