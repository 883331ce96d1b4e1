-- case: column-of-missing-table
-- base: shop
-- change:
ALTER TABLE IF EXISTS order_archive ADD COLUMN reason text DEFAULT gen_random_uuid()::text;
