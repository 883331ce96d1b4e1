-- case: column-drop
-- base: shop
-- change:
ALTER TABLE customers DROP COLUMN phone;
