-- case: column-there-already
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN IF NOT EXISTS phone text;
