-- case: column-random-default
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();
