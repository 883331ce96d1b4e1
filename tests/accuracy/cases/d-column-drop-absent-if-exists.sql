-- case: d-column-drop-absent-if-exists
-- base: shop
-- change:
ALTER TABLE customers DROP COLUMN IF EXISTS fax CASCADE, DROP COLUMN IF EXISTS telex;
DROP INDEX IF EXISTS customers_fax_idx;
DROP TABLE IF EXISTS fax_queue CASCADE;
DROP VIEW IF EXISTS customers_with_fax;
