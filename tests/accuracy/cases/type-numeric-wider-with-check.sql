-- case: type-numeric-wider-with-check
-- base: shop
-- change:
ALTER TABLE products ALTER COLUMN price TYPE numeric(14,2);
