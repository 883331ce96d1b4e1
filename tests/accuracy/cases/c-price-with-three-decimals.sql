-- case: c-price-with-three-decimals
-- base: shop
-- change:
ALTER TABLE order_lines ALTER COLUMN price TYPE numeric(12,3);
