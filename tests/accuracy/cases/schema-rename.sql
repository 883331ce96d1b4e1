-- case: schema-rename
-- base: tenants
-- change:
ALTER SCHEMA globex RENAME TO initech;
