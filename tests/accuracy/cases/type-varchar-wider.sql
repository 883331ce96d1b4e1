-- case: type-varchar-wider
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);
