-- case: column-drop-missing
-- base: shop
-- change:
ALTER TABLE customers DROP COLUMN IF EXISTS fax_number;
