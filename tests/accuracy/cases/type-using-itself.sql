-- case: type-using-itself
-- base: shop
-- change:
ALTER TABLE products ALTER title TYPE text USING title;
