-- case: b-add-column-volatile-default-later
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN token uuid;
ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();
