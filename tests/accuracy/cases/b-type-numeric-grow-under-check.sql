-- case: b-type-numeric-grow-under-check
-- base: shop
-- change:
ALTER TABLE products ALTER COLUMN price TYPE numeric(14,2);
