-- case: type-numeric-rounded
-- base: shop
-- change:
ALTER TABLE products ALTER COLUMN price TYPE numeric(10,0);
