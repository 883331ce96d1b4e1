-- case: column-nullable
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN gift_wrap boolean;
