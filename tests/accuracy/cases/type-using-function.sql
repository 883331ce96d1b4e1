-- case: type-using-function
-- base: shop
-- change:
ALTER TABLE products ALTER title TYPE varchar(80) USING upper(title);
