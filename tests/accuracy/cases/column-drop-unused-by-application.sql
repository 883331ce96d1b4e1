-- case: column-drop-unused-by-application
-- base: shop
-- change:
ALTER TABLE customers DROP COLUMN IF EXISTS locale;
