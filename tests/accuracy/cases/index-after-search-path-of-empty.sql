-- case: index-after-search-path-of-empty
-- base: tenants
-- change:
SET search_path TO public;
CREATE INDEX people_login_idx ON people (login);
