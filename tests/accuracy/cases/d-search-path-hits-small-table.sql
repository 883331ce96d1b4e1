-- case: d-search-path-hits-small-table
-- base: tenants
-- change:
SET search_path = public;
ALTER TABLE people ADD COLUMN number bigserial, ADD CHECK (id > 0);
RESET search_path;
