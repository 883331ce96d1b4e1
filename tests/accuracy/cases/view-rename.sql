-- case: view-rename
-- base: tenants
-- change:
ALTER VIEW acme.roster RENAME TO members;
