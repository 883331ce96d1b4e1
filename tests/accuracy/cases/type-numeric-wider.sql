-- case: type-numeric-wider
-- base: shop
-- change:
ALTER TABLE order_lines ALTER COLUMN price TYPE numeric(14,2);
