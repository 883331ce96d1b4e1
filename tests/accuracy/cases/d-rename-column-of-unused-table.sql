-- case: d-rename-column-of-unused-table
-- base: shop
-- given:
CREATE TABLE imports (id bigint PRIMARY KEY, fname text, at timestamptz);
-- change:
ALTER TABLE imports RENAME fname TO file_name;
ALTER TABLE imports RENAME CONSTRAINT imports_pkey TO imports_key;
