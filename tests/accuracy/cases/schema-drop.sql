-- case: schema-drop
-- base: tenants
-- change:
DROP SCHEMA globex CASCADE;
