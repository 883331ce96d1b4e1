-- case: d-search-path-hits-large-table
-- base: tenants
-- change:
BEGIN;
SET LOCAL search_path TO globex, public;
ALTER TABLE people ADD CONSTRAINT people_login_set CHECK (login <> '');
COMMIT;
